/** Adds the caller that requested the work to the stacks of workers' errors. */
import { stackOf } from '../core/thrown.js';

/** A line of a stack that is a frame, in the format of V8 or of others. */
const A_FRAME = /^\s+at |@/;

/**
 * Appends the frames of a caller to those of the worker. A frozen error stays unchanged.
 *
 * @param error what a worker threw, as received here
 * @param what what the caller did, for human readers
 * @param at has the stack of where the caller was
 * @param ours frames that are of no use to the caller
 */
export function addCallerFrames(
  error: unknown,
  what: string,
  at: { readonly stack?: unknown } = {},
  ours?: RegExp,
): void {
  if (!(error instanceof Error)) return;
  const frames = stackOf(at)
    .split('\n')
    .filter((line) => A_FRAME.test(line) && ours?.test(line) !== true);
  const both = `${stackOf(error)}\n    at ${what}\n${frames.join('\n')}`;
  Reflect.defineProperty(error, 'stack', { value: both, configurable: true, writable: true, enumerable: false });
}
