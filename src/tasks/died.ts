/** The error of whoever waits for a worker that is dead. */
import { SyncError } from '../core/errors.js';

/** @returns why somebody may have ended whose exit code says that nothing is wrong, or nothing */
export const whyEnded = (exitCode: number): string =>
  exitCode === 0 ? ', by process.exit or because nothing was left that could end its promise' : '';

/** Some of the items of an input, or of the calls of a Parallel: `input.slice(from, to)`. */
export interface ItemRange {
  /** The number of the first; the first of all is 0. */
  readonly from: number;
  /** One more than the number of the last. */
  readonly to: number;
}

/**
 * A worker has died before its function was over: it was terminated, called `process.exit`, came to the limit of its
 * memory, or threw where nobody could catch it.
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
   * What the worker was busy with: the items of a chunk of a pool's `map`, `imap` and the like, or the calls of a batch of a
   * Parallel. At which of them it died is not known. Elsewhere there is no such property.
   */
  declare readonly items?: ItemRange;

  /**
   * @param message who died, and how
   * @param exitCode the exit code of the worker; undefined where there is none
   * @param cause what the host says was thrown
   */
  constructor(
    message: string,
    /** The exit code of the worker; undefined where there is none. */
    readonly exitCode: number | undefined,
    cause?: unknown,
  ) {
    super('ERR_WORKER_DIED', message);
    if (cause !== undefined) this.cause = cause;
  }
}

/** @returns the same of a worker that was busy with some items; each of those who wait for it has an error of its own */
export function diedWith(
  { message, exitCode, cause }: WorkerDiedError,
  items: ItemRange,
  which: string,
): WorkerDiedError {
  const error = new WorkerDiedError(`${message}; it was busy with ${which}`, exitCode, cause);
  return tellItems(error, items);
}

/** Says of the death of a worker with what it was busy. @returns the error */
export const tellItems = (error: WorkerDiedError, items: ItemRange): WorkerDiedError => Object.assign(error, { items });
