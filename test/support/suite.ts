// uvu's suites, whose tests also tell the runner when they start and end, and clean up after themselves.
import * as uvu from 'uvu';
import { announce } from './announce.js';

export interface TestOptions {
  /** Milliseconds that this test or hook may take; counts only where it is more than the runner's own limit. */
  readonly limit?: number;
}

type AddHook<T> = (hook: uvu.Callback<T>, options?: TestOptions) => void;
type AddTest<T> = (name: string, handler: uvu.Callback<T>, options?: TestOptions) => void;

/** uvu's `Test` without `skip`: a test runs, or it is not there. */
export interface Suite<T> extends AddTest<T> {
  /** For a moment at the desk: the runner counts the tests that it leaves out as failed. */
  readonly only: AddTest<T>;
  readonly before: AddHook<T> & { readonly each: AddHook<T> };
  readonly after: AddHook<T> & { readonly each: AddHook<T> };
  run(): void;
}

type Cleanup = () => Promise<void> | void;

let declared = 0;
/** While `testsIn` reads files: the names of their tests, which are not run. */
let listed: string[] | undefined;
const cleanups: Cleanup[] = [];

/**
 * The tests that these files declare, as the runner names them. None of them is run, now or later.
 *
 * @param files - test files that this process has not read
 */
export async function testsIn(files: readonly URL[]): Promise<string[]> {
  const names: string[] = [];
  listed = names;
  try {
    for (const file of files) await import(file.href);
  } finally {
    listed = undefined;
  }
  return names;
}

/** Runs `cleanup` when the current test ends, whatever its outcome; its error fails a test that passed so far. */
export function atTestEnd(cleanup: Cleanup): void {
  cleanups.push(cleanup);
}

/**
 * A suite of tests, used as uvu's own: `const test = suite('Lock'); test('a property', () => {…}); test.run();`.
 *
 * @param name - what the tests are about
 * @param context - what uvu hands to every test and hook
 */
export function suite<T = uvu.Context>(name: string, context?: T): Suite<T> {
  const inner = uvu.suite<T>(name, context);

  const adder =
    (add: uvu.Test<T> | uvu.Test<T>['only']): AddTest<T> =>
    (test, handler, options) => {
      const title = `${name} › ${test}`;
      if (listed) {
        listed.push(title);
        return;
      }
      const id = declared++;
      announce({ event: 'declared', id, name: title });
      add(test, async (state) => {
        announce({ event: 'started', id, ...options });
        let passed = false;
        try {
          await withCleanups(() => handler(state));
          passed = true;
        } finally {
          announce({ event: 'ended', id, passed });
        }
      });
    };

  return Object.assign(adder(inner), {
    only: adder(inner.only),
    before: Object.assign(fatal(inner.before), { each: fatal(inner.before.each) }),
    after: Object.assign(fatal(inner.after), { each: fatal(inner.after.each) }),
    run: () => {
      if (!listed) inner.run();
    },
  });
}

/** uvu swallows what most hooks throw and counts a success; here it ends the process, uncaught. */
function fatal<T>(add: (hook: uvu.Callback<T>) => void): AddHook<T> {
  return (hook, { limit } = {}) =>
    add(async (state) => {
      if (limit !== undefined) announce({ event: 'prepares', limit });
      try {
        await hook(state);
      } catch (error) {
        process.nextTick(() => {
          throw error;
        });
      }
    });
}

async function withCleanups(body: () => Promise<void> | void): Promise<void> {
  let first: { readonly error: unknown } | undefined;
  const attempt = async (step: Cleanup): Promise<void> => {
    try {
      await step();
    } catch (error) {
      first ??= { error };
    }
  };
  await attempt(body);
  for (let cleanup = cleanups.pop(); cleanup; cleanup = cleanups.pop()) await attempt(cleanup);
  if (first) throw first.error;
}
