/**
 * What went wrong, for programs. Every error the package throws carries one; the message says it to people.
 *
 * | code | meaning |
 * |---|---|
 * | `ERR_ARENA_FULL` | no room is left in the arena |
 * | `ERR_ARENA_SIZE` | the region is too small, too large, or smaller than the arena it holds |
 * | `ERR_ARENA_ALIGNMENT` | the region does not start on a 64-byte boundary |
 * | `ERR_ARENA_MAGIC` | the region holds something that is not an arena |
 * | `ERR_ARENA_VERSION` | the region holds an arena of another layout version |
 * | `ERR_ARENA_COPY` | the region is a byte copy of an arena this agent knows, not the same memory |
 * | `ERR_NO_SLOT` | every agent slot of the arena is taken |
 * | `ERR_RETIRED` | this agent, or the one named, has been retired from the arena |
 * | `ERR_HANDLE` | the data is not a handle of this package, or a damaged or forged one |
 * | `ERR_NO_SHARED_MEMORY` | the page is not cross-origin isolated |
 * | `ERR_NOT_HELD` | release of what nobody holds |
 * | `ERR_NOT_OWNER` | the calling agent does not hold it |
 * | `ERR_OVER_RELEASE` | release beyond a bound |
 * | `ERR_SELF_DEADLOCK` | the wait could never end: the calling agent itself is in its way |
 * | `ERR_BLOCKING_REFUSED` | this agent must not block (a browser's main thread) |
 * | `ERR_TIMEOUT` | the time was up |
 * | `ERR_BROKEN_BARRIER` | the barrier is broken, or was reset while waited for |
 */
export type ErrorCode =
  | 'ERR_ARENA_FULL'
  | 'ERR_ARENA_SIZE'
  | 'ERR_ARENA_ALIGNMENT'
  | 'ERR_ARENA_MAGIC'
  | 'ERR_ARENA_VERSION'
  | 'ERR_ARENA_COPY'
  | 'ERR_NO_SLOT'
  | 'ERR_RETIRED'
  | 'ERR_HANDLE'
  | 'ERR_NO_SHARED_MEMORY'
  | 'ERR_NOT_HELD'
  | 'ERR_NOT_OWNER'
  | 'ERR_OVER_RELEASE'
  | 'ERR_SELF_DEADLOCK'
  | 'ERR_BLOCKING_REFUSED'
  | 'ERR_TIMEOUT'
  | 'ERR_BROKEN_BARRIER';

/**
 * The error of a call that arrived in the wrong state: it says what happened, to which object, and what to do.
 * Wrong arguments are `TypeError` and `RangeError` instead. Two bundled copies of the package have two classes:
 * compare `code`, not `instanceof`, where that may be the case.
 *
 * @example
 * ```ts
 * import { Lock, SyncError } from 'atomics-sync-free';
 * try {
 *   new Lock().release();
 * } catch (error) {
 *   if (!(error instanceof SyncError)) throw error;
 *   console.log(error.code); // ERR_NOT_HELD
 * }
 * ```
 */
export class SyncError extends Error {
  /** The name of the class, which may be that of one below this. */
  override readonly name: string = 'SyncError';

  /**
   * @param code what went wrong, for programs
   * @param message what went wrong, for people
   */
  constructor(
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The time of a `hold` was up before the primitive could be had.
 *
 * @example
 * ```ts
 * import { Lock, TimeoutError } from 'atomics-sync-free';
 * const lock = new Lock();
 * lock.acquire();
 * try {
 *   lock.hold(10);
 * } catch (error) {
 *   if (!(error instanceof TimeoutError)) throw error;
 *   console.log(error.code); // ERR_TIMEOUT
 * }
 * ```
 */
export class TimeoutError extends SyncError {
  /** `'TimeoutError'` */
  override readonly name = 'TimeoutError';

  /** @param message what was waited for, and for how long */
  constructor(message: string) {
    super('ERR_TIMEOUT', message);
  }
}
