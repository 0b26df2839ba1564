/** Targets that are classes with their own `run`: a worker creates an object and runs it. */
import { importUrl } from '#host';
import type { Call, Function_ } from './call.js';
import { exported } from './exported.js';
import { FunctionReference } from './target.js';

/** The static method of such a class that does this: a global symbol, so that it works across copies of the package. */
export const MAKE_AND_RUN = Symbol.for('atomics-sync-free.makeAndRun');

/** What runs a target, in a worker. */
export type RunBy = 'Thread' | 'Process';

interface Runs {
  readonly [MAKE_AND_RUN]?: (args: readonly unknown[], by: RunBy) => unknown;
}

/** Whether it is a class whose objects have a `run`, of any copy of the package. */
const isRun = (found: Function_): boolean => (found as Runs)[MAKE_AND_RUN] !== undefined;

/** @returns what a worker calls: a function itself, or the static method of such a class */
export function calledAs(found: Function_, by: RunBy): Function_ {
  return isRun(found) ? (...args) => (found as Runs)[MAKE_AND_RUN]?.(args, by) : found;
}

/** What this agent runs, while the object for it has yet to be created. */
let expected: RunBy | undefined;

/**
 * The implementation of that method: creates an object of the class, which stands for this agent, and runs it.
 *
 * @param of the kind of the class
 * @throws TypeError when it is run by the other kind
 */
export function runAs(made: new (...args: never[]) => object, of: RunBy, args: readonly unknown[], by: RunBy): unknown {
  if (of !== by)
    throw new TypeError(`${made.name} extends ${of}, and no ${by} can run it: create an object of it, and start that`);
  expected = of;
  try {
    return (Reflect.construct(made, args) as { run(): unknown }).run();
  } finally {
    expected = undefined;
  }
}

/** To be called by each constructor. @returns whether the new object stands for this agent: `runAs` creates it */
export function standsForAgent(kind: RunBy): boolean {
  if (expected !== kind) return false;
  expected = undefined;
  return true;
}

/**
 * The default implementation of `run`: calls the target in this agent.
 *
 * @throws TypeError when the target cannot be called here
 */
export function callHere(target: unknown, call: Call, args: readonly unknown[]): unknown {
  if (!(target instanceof FunctionReference)) return (target as Function_)(...(args as never[]));
  if (call.way !== 'module')
    throw new TypeError(`${call.name} is served by a worker's file, and can only be called there`);
  return importUrl(call.url).then((module) => {
    const found = exported(module, call.name, call.url);
    if (isRun(found)) throw new TypeError(`${call.name} is its own target, and has no run() of its own`);
    return found(...(args as never[]));
  });
}

/**
 * Checks that a worker can find the `run` of an object of a user's class; otherwise it would not be called.
 *
 * @throws TypeError when its target is not a reference
 */
export function checkFound({ way }: Call, object: object): void {
  if (way === 'module' || way === 'serve') return;
  const { name } = object.constructor;
  throw new TypeError(
    `${name} has a run() of its own, which a worker finds by the class: export it, and give it the target ` +
      `fromModule(import.meta.url).${name}, and as args those to construct it with`,
  );
}
