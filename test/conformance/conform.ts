// Turns the properties of a primitive into tests: each property in every form, under its own name.
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import type { RoleName, SubjectOf } from './roles/index.js';
import { FORMS, type Form, Stage } from './stage.js';

/** Properties by name; each is shown on a stage of its own. */
export type Properties<Name extends RoleName, Subject extends SubjectOf<Name>, Args extends unknown[] = []> = Record<
  string,
  (stage: Stage<Name, Subject, Args>) => Promise<void>
>;

export interface Kind<Name extends RoleName, Subject extends SubjectOf<Name>, Args extends unknown[]> {
  readonly name: string;
  readonly role: Name;
  readonly make: (...args: Args) => Subject;
}

/** Rejections of promises that a test did not get to await. */
const strays: unknown[] = [];
process.on('unhandledRejection', (reason) => strays.push(reason));

async function unstrayed(show: () => Promise<void>): Promise<void> {
  try {
    await show();
    if (strays.length > 0) throw strays[0];
  } finally {
    strays.length = 0;
  }
}

/** Declares and runs a suite for each form. */
export function conform<Name extends RoleName, Subject extends SubjectOf<Name>, Args extends unknown[]>(
  { name, role, make }: Kind<Name, Subject, Args>,
  properties: Properties<Name, Subject, Args>,
  forms: readonly Form[] = FORMS,
): void {
  for (const form of forms) {
    const test = suite(`${name}, ${form}`);
    for (const [property, show] of Object.entries(properties)) {
      test(property, () => unstrayed(() => show(new Stage(form, role, make))));
    }
    test.run();
  }
}

/** Asserts that a call fails with an error of this code, or of this name if it has no code. */
export async function refused(call: Promise<unknown> | (() => unknown), expected: string): Promise<void> {
  let outcome: string;
  try {
    outcome = `returned ${await (typeof call === 'function' ? call() : call)}`;
  } catch (error) {
    const { code, name } = error as Error & { code?: string };
    outcome = code ?? name;
  }
  assert.is(outcome, expected);
}

/** The time that a call took, in ms. */
export async function elapsed(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

/** How long, in ms, a runnable agent may be kept from running on a busy machine. */
const STALL = 3000;

/** Asserts that a timeout of `ms` took 0.6 – 10 times as long, as Python's own tests require, plus at most a stall. */
export function isAbout(actual: number, ms: number): void {
  assert.ok(actual >= 0.6 * ms && actual <= 10 * ms + STALL, `${actual} ms instead of ${ms}`);
}
