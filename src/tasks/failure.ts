/** The errors of workers that could not begin, or did not finish. */
import { SyncError } from '../core/errors.js';
import { messageOf } from '../core/thrown.js';
import type { Exit } from '../host/host.js';
import { WorkerDiedError, whyEnded } from './died.js';

/** @returns the error of a function that a worker could not find; an error of the package itself takes precedence */
export function loadingFailed(why: string, cause: unknown): SyncError {
  if (cause instanceof SyncError) return cause;
  const error = new SyncError('ERR_FUNCTION', why);
  // Hosts do not always throw an Error here.
  if (cause !== undefined) error.cause = cause instanceof Error ? cause : new Error(String(cause));
  return error;
}

/** @returns the error of a worker that died: which one, and how it ended according to the host */
export function deathOf(who: string, exit: Exit): WorkerDiedError {
  const before = `the worker of ${who} died before its function ended`;
  if (exit.cause === 'ended') {
    const why = whyEnded(exit.code);
    return new WorkerDiedError(`${before}: it ended with exit code ${exit.code}${why}`, exit.code);
  }
  if (exit.cause === 'terminated') return new WorkerDiedError(`${before}: it was terminated`, 1);
  const { error } = exit;
  return new WorkerDiedError(`${before}: ${messageOf(error)}`, 1, error);
}
