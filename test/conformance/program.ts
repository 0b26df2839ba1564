// Turns the properties of threads into tests in one form: a program that starts threads and blocks.
import { suite } from '../support/suite.js';

/** Declares and runs a suite. */
export function inProgram(kind: string, properties: Readonly<Record<string, () => Promise<void> | void>>): void {
  const test = suite(`${kind}, program`);
  for (const [property, show] of Object.entries(properties)) test(property, show);
  test.run();
}
