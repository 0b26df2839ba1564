/** joblib's `delayed`. */
import type { Call, Function_ } from '../../tasks/call.js';
import { FunctionReference, resolveTarget, TASK, type Target } from '../../tasks/target.js';
import type { DelayedCall } from './backend.js';

/**
 * Makes a function whose calls are not made but described, for `Parallel`.
 *
 * @param target a task, a reference by `fromModule`, or a function that uses nothing from around it, whose source is sent
 * @returns a function that takes the same arguments
 * @throws TypeError when it is none of these
 *
 * @example
 * ```ts
 * import { delayed } from 'atomics-sync-free/joblib';
 * const root = delayed((x: number) => Math.sqrt(x));
 * console.log(root(9).args); // [ 9 ]
 * ```
 */
export function delayed<Args extends unknown[], Result>(
  target: Target<Args, Result>,
): (...args: Args) => DelayedCall<Awaited<Result>> {
  if (resolveTarget(target).worker !== undefined)
    throw new TypeError('a function that is served by a worker of its own cannot be called by others; make it a task');
  return (...args) => ({ target: target as unknown as Target<never[], Awaited<Result>>, args });
}

/** @returns what a function is called, for people */
export function nameOf({ target }: DelayedCall): string {
  const call = target instanceof FunctionReference ? target.call : (target as { [TASK]?: Call })[TASK];
  return (call?.name ?? (target as Function_).name) || 'a function';
}
