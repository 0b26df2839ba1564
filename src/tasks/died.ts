/** The error of whoever waits for a worker that is dead. */
import { SyncError } from '../core/errors.js';

/** @returns why somebody may have ended whose exit code says that nothing is wrong, or nothing */
export const whyEnded = (exitCode: number): string =>
  exitCode === 0 ? ', by process.exit or because nothing was left that could end its promise' : '';

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
