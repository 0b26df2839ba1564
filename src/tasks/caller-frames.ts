/** Errors of workers tell in their stacks who has asked for the work, too. */

/** A line of a stack that is a frame, as V8 writes it, or as others do. */
const A_FRAME = /^\s+at |@/;

/**
 * Puts the frames of a caller behind those of the worker. A frozen error stays as it is.
 *
 * @param error what a worker has thrown, as it has come here
 * @param what what the caller has done, for human readers
 * @param stack that of an error made where the caller was
 * @param ours frames that are of no use to him
 */
export function addCallerFrames(error: unknown, what: string, stack = '', ours?: RegExp): void {
  if (!(error instanceof Error)) return;
  const frames = stack.split('\n').filter((line) => A_FRAME.test(line) && ours?.test(line) !== true);
  const both = `${error.stack ?? error}\n    at ${what}\n${frames.join('\n')}`;
  Reflect.defineProperty(error, 'stack', { value: both, configurable: true, writable: true, enumerable: false });
}
