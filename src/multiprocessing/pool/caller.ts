/** Who has blocked for a result is told by the error that it comes to. */
import { addCallerFrames } from '../../tasks/caller-frames.js';

/** Those that tell it already: an error can be asked for again. */
const told = new WeakSet<Error>();

/**
 * Puts the frames of the caller behind those of the worker, once.
 *
 * @param error what a worker has thrown, as it has come here
 * @param label what was called, for people
 * @param method the method that the caller has called, above which frames are of no use to him
 */
export function addCaller(error: unknown, label: string, method: (...args: never[]) => unknown): void {
  if (!(error instanceof Error) || told.has(error)) return;
  told.add(error);
  const here: { stack?: string | undefined } = {};
  // A host that cannot tell where a stack begins shows it whole.
  if (Error.captureStackTrace === undefined) here.stack = new Error().stack;
  else Error.captureStackTrace(here, method);
  addCallerFrames(error, `${label}, called`, here.stack);
}
