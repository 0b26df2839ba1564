/** The errors of calls that arrive in the wrong state, and their codes. */

/**
 * What went wrong, for programs: the `code` of every SyncError; the message says it to people. Wrong arguments are
 * `TypeError` and `RangeError`, without a code.
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
 * | `ERR_RETIRED` | this agent has been retired from the arena: somebody took it for dead |
 * | `ERR_SELF_RETIRED` | an agent tried to retire itself |
 * | `ERR_HANDLE` | the data is not a handle of this package, or a damaged or forged one |
 * | `ERR_NO_SHARED_MEMORY` | the page is not cross-origin isolated |
 * | `ERR_NOT_HELD` | release of what nobody holds |
 * | `ERR_NOT_OWNER` | the calling agent does not hold it |
 * | `ERR_OVER_RELEASE` | release beyond a bound |
 * | `ERR_SELF_DEADLOCK` | the wait could never end: the calling agent itself is in its way |
 * | `ERR_DEADLOCK` | agents wait for each other in a circle: nobody could go on |
 * | `ERR_BLOCKING_REFUSED` | this agent must not block (a browser's main thread) |
 * | `ERR_OWNER_DIED` | the agent that held it died, and it has not been recovered |
 * | `ERR_TIMEOUT` | the time was up |
 * | `ERR_LIMIT` | a counter is at its end: it is held too often |
 * | `ERR_BROKEN_BARRIER` | the barrier is broken, or was reset while waited for |
 * | `ERR_EMPTY` | a queue had no item in time |
 * | `ERR_FULL` | a queue had no room in time |
 * | `ERR_SHUT_DOWN` | a queue is shut down |
 * | `ERR_CLOSED` | this live object of a queue or connection is closed, or a Parallel was disposed of |
 * | `ERR_END_OF_FILE` | all was received, and nobody has the other end of a pipe any more |
 * | `ERR_BUFFER_TOO_SHORT` | more bytes were received than there is room for |
 * | `ERR_BROKEN_PIPE` | nobody has the other end of a pipe any more, so nothing can be sent |
 * | `ERR_UNKNOWN_MEMORY` | an item refers to shared memory that has not come to this agent |
 * | `ERR_POOL_CLOSED` | a pool takes no more work |
 * | `ERR_BROKEN_POOL` | a pool cannot go on: its workers cannot begin |
 * | `ERR_CANCELLED` | a call of a pool was given up |
 * | `ERR_MANAGER_ENDED` | a manager was shut down, or its worker has died |
 * | `ERR_NO_OBJECT` | an object of a manager was dropped, as no proxy of it was left |
 * | `ERR_PROCESS_STARTED` | a process has been started before |
 * | `ERR_START_METHOD` | the start method has been set before |
 * | `ERR_DAEMON` | a daemon cannot start processes |
 * | `ERR_NOT_CLONEABLE` | something in a value cannot be sent to another agent; the message begins with the path to it |
 * | `ERR_DAMAGED` | the bytes are no message of this package, or a damaged one |
 * | `ERR_CODEC_VERSION` | the message has another version of the format |
 * | `ERR_UNSUPPORTED` | this runtime does not have what is needed, such as a Float16Array that a message holds |
 * | `ERR_THREAD_STARTED` | a thread is started twice, or made a daemon after it was started |
 * | `ERR_NOT_STARTED` | a thread is joined before it was started; or the result is asked for of one that somebody else has started; or a trace is to end that this agent did not begin |
 * | `ERR_SELF_JOIN` | a thread would wait for its own end |
 * | `ERR_RUNNING` | the result is asked for of a thread that has not ended |
 * | `ERR_BOOTSTRAPPING` | a worker would start others while it loads the module of its function |
 * | `ERR_FUNCTION` | the worker does not get at its function |
 * | `ERR_SOURCE` | a function that was sent as its source cannot be run, or lacks something from around it |
 * | `ERR_NO_SPAWNER` | nobody starts workers for this worker of a browser, or in this realm |
 * | `ERR_WORKER_DIED` | a worker died before its function was over |
 * | `ERR_NOT_HASHABLE` | something in a value has no hash; the message begins with the path to it |
 * | `ERR_NOT_CACHED` | a result that was kept has been removed |
 * | `ERR_NO_SIGNALS` | signals are told elsewhere: in the main threads of Node, Deno and Bun |
 * | `ERR_NO_FILE` | there is no such file |
 * | `ERR_NO_FILES` | a page has no file system |
 * | `ERR_MISSING_PEER` | a package that is needed only for this is not installed |
 * | `ERR_UNREACHABLE` | a server cannot be reached |
 * | `ERR_SERVER_TIMEOUT` | a server has not answered in time |
 * | `ERR_SERVER_REFUSED` | a server does not accept the user, does not allow the command, or is too old |
 * | `ERR_SERVER_FULL` | a server has no memory left |
 * | `ERR_READ_ONLY` | a server is a replica, and takes no changes |
 * | `ERR_NOT_REPLICATED` | fewer replicas than asked for know of a grant |
 * | `ERR_LEASE_LOST` | a lease was over before what it was for |
 * | `ERR_STALE_FENCE` | a write comes from somebody whose lock another has had since |
 * | `ERR_OTHER_PERMITS` | a semaphore is in use with another number of permits |
 * | `ERR_NO_WORKERS` | no worker of a queue was there for a while |
 * | `ERR_INVARIANT` | shared memory says what it cannot say: somebody has written into it, or there is a fault in this package |
 */
export type ErrorCode = `ERR_${string}`;

/**
 * The error of a call that arrived in the wrong state: it says what happened, to which object, and what to do.
 * Two bundled copies of the package have two classes:
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
   * @param message what went wrong, for human readers
   */
  constructor(
    /** What went wrong, for programs. */
    readonly code: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The time of a `hold` was up before the primitive was acquired.
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

/**
 * The agent that held a primitive died, and what the primitive guards may be half changed. Nobody gets it until somebody
 * calls its `recover`, whoever waits for it or asks for it gets this error.
 *
 * @example
 * ```ts
 * import { Lock, OwnerDiedError } from 'atomics-sync-free';
 * const lock = new Lock();
 * function transfer() {
 *   try {
 *     return lock.run(() => 'done');
 *   } catch (error) {
 *     if (!(error instanceof OwnerDiedError)) throw error;
 *     lock.recover(() => {
 *       // makes whole what the lock guards
 *     });
 *     return transfer();
 *   }
 * }
 * console.log(transfer()); // done
 * ```
 */
export class OwnerDiedError extends SyncError {
  /** `'OwnerDiedError'` */
  override readonly name = 'OwnerDiedError';
  /** The id of the agent that died. */
  readonly agentId: number;
  /** When its death became known. */
  readonly since: Date;

  /**
   * @internal
   * @param label what it held
   * @param agentId its id
   * @param agent its id as people read it
   * @param since when that became known, in ms since the epoch
   */
  constructor(label: string, agentId: number, agent: string, since: number) {
    const date = new Date(since);
    super(
      'ERR_OWNER_DIED',
      `${label} is abandoned: ${agent} died holding it (known since ${date.toISOString()}), and what it guards may be half ` +
        'changed; recover(repair) makes it whole',
    );
    this.agentId = agentId;
    this.since = date;
  }
}
