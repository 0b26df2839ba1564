/** Shows who blocked for a result, in the error that it ended with. */
import { addCallerFrames } from '../../tasks/caller-frames.js';

/** The errors that show it already: an error can be asked for again. */
const told = new WeakSet<Error>();

/**
 * Puts the frames of the caller after those of the worker, once.
 *
 * @param error what a worker has thrown, as it arrived here
 * @param label what was called, for people
 * @param method the method that the caller called; frames above it are of no use
 */
export function addCaller(error: unknown, label: string, method: (...args: never[]) => unknown): void {
  if (!(error instanceof Error) || told.has(error)) return;
  told.add(error);
  const here: { stack?: string | undefined } = {};
  // A host that cannot cut the stack there shows it whole.
  if (Error.captureStackTrace === undefined) here.stack = new Error().stack;
  else Error.captureStackTrace(here, method);
  addCallerFrames(error, `${label}, called`, here);
}
