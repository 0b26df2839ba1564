/** Errors of workers tell in their stacks who has blocked for them, too, as those of threads, managers and Parallel do. */

/** Those that tell it already: an error can be asked for again. */
const told = new WeakSet<Error>();

/**
 * Puts the frames of the caller behind those of the worker.
 *
 * @param error what a worker has thrown, as it has come here
 * @param label what was called, for people
 * @param method the method that the caller has called, above which frames are of no use to him
 * @returns the error
 */
export function withCaller(error: unknown, label: string, method: (...args: never[]) => unknown): unknown {
  if (!(error instanceof Error) || told.has(error)) return error;
  told.add(error);
  const here: { stack?: string | undefined } = {};
  // A host that cannot tell where a stack begins shows it whole.
  if (Error.captureStackTrace === undefined) here.stack = new Error().stack;
  else Error.captureStackTrace(here, method);
  const frames = (here.stack ?? '').split('\n').filter((line) => /^\s+at |@/.test(line));
  const stack = `${error.stack ?? error}\n    at ${label}, called\n${frames.join('\n')}`;
  Reflect.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true, enumerable: false });
  return error;
}
