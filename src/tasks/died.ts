/** The error of waiting for a worker that has died. */
import { SyncError } from '../core/errors.js';

/** @returns why a worker may have ended with an exit code that reports no failure, or an empty string */
export const whyEnded = (exitCode: number): string =>
  exitCode === 0 ? ', by process.exit, self.close or because nothing was left that could settle its promise' : '';

/** A range of the items of an input, or of the calls of a Parallel: `input.slice(from, to)`. */
export interface ItemRange {
  /** The index of the first one, counted from 0. */
  readonly from: number;
  /** The index after the last one. */
  readonly to: number;
}

/**
 * A worker died before its function had finished: it was terminated, called `process.exit`, reached its memory limit, or
 * threw an error that nobody could catch.
 *
 * @example
 * ```ts
 * import { Thread, WorkerDiedError } from 'atomics-sync-free/threading';
 * const thread = new Thread({ target: () => process.exit(3) });
 * thread.start();
 * await thread.joinAsync();
 * try {
 *   thread.result;
 * } catch (error) {
 *   if (!(error instanceof WorkerDiedError)) throw error;
 *   console.log(error.code, error.exitCode); // ERR_WORKER_DIED 3
 * }
 * ```
 */
export class WorkerDiedError extends SyncError {
  /** `'WorkerDiedError'` */
  override readonly name = 'WorkerDiedError';
  /**
   * What the worker was working on: the items of a chunk of a pool's `map`, `imap` and the like, or the calls of a batch of
   * a Parallel. It is not known at which of them it died. In other cases the property does not exist.
   */
  declare readonly items?: ItemRange;

  /**
   * @param message which worker died, and how
   * @param exitCode the exit code of the worker; undefined if there is none
   * @param cause what was thrown, according to the host
   */
  constructor(
    message: string,
    /** The exit code of the worker; undefined if there is none. */
    readonly exitCode: number | undefined,
    cause?: unknown,
  ) {
    super('ERR_WORKER_DIED', message);
    if (cause !== undefined) this.cause = cause;
  }
}

/** @returns the same error for a worker that was working on some items; each waiter gets an error of its own */
export function diedWith(
  { message, exitCode, cause }: WorkerDiedError,
  items: ItemRange,
  which: string,
): WorkerDiedError {
  const error = new WorkerDiedError(`${message}; it was busy with ${which}`, exitCode, cause);
  return tellItems(error, items);
}

/** Adds to a worker's death what it was working on. @returns the error */
export const tellItems = (error: WorkerDiedError, items: ItemRange): WorkerDiedError => Object.assign(error, { items });
