// The properties of classes that have workers of their own, which are shown in one form.
import { suite } from '../support/suite.js';

/**
 * Declares a test for each property, and runs them.
 *
 * @param name - the name of the class
 * @param begin - called before the first test
 * @param end - called after the last test
 */
export function showAll(
  name: string,
  properties: Readonly<Record<string, () => Promise<void> | void>>,
  { begin = () => {}, end = () => {} }: { begin?: () => Promise<void> | void; end?: () => Promise<void> | void } = {},
): void {
  const test = suite(`${name}, workers`);
  for (const [property, show] of Object.entries(properties)) test(property, show);
  test.before(begin);
  test.after(end);
  test.run();
}

/** What a call throws, or its promise is rejected with. */
export async function failure(call: () => unknown): Promise<Error & { readonly code?: string }> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}
