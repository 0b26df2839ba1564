/** The errors of calls made in the wrong state, and their codes. */

/**
 * What went wrong, for programs: the `code` of every SyncError; the message is for human readers. Wrong arguments are
 * reported as `TypeError` and `RangeError`, without a code.
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
 * | `ERR_HANDLE` | the data is not a handle of this package, or is a damaged or forged one |
 * | `ERR_NO_SHARED_MEMORY` | the page is not cross-origin isolated |
 * | `ERR_NOT_HELD` | release of something that nobody holds |
 * | `ERR_NOT_OWNER` | the calling agent does not hold it |
 * | `ERR_OVER_RELEASE` | release beyond a bound |
 * | `ERR_SELF_DEADLOCK` | the wait could never end: the calling agent itself prevents it |
 * | `ERR_DEADLOCK` | agents wait for each other in a cycle: none could proceed |
 * | `ERR_BLOCKING_REFUSED` | this agent must not block (a browser's main thread) |
 * | `ERR_OWNER_DIED` | the agent that held it died, and it has not been recovered |
 * | `ERR_TIMEOUT` | the timeout expired |
 * | `ERR_LIMIT` | a limit is reached: a lock is held too many times, a connection has too many locks, or too many threads and other workers are running |
 * | `ERR_BROKEN_BARRIER` | the barrier is broken, or was reset during a wait |
 * | `ERR_EMPTY` | a queue had no item in time |
 * | `ERR_FULL` | a queue had no room in time |
 * | `ERR_SHUT_DOWN` | a queue is shut down |
 * | `ERR_CLOSED` | this live object of a queue or connection is closed, or a Parallel was disposed of |
 * | `ERR_END_OF_FILE` | everything was received, and nobody has the other end of the pipe any more |
 * | `ERR_BUFFER_TOO_SHORT` | more bytes were received than there is room for |
 * | `ERR_BROKEN_PIPE` | nobody has the other end of a pipe any more, so nothing can be sent |
 * | `ERR_UNKNOWN_MEMORY` | an item refers to shared memory that has not reached this agent |
 * | `ERR_POOL_CLOSED` | a pool takes no more work |
 * | `ERR_BROKEN_POOL` | a pool cannot continue: its workers fail to start or to initialize |
 * | `ERR_CANCELLED` | a call of a pool was cancelled |
 * | `ERR_MANAGER_ENDED` | a manager was shut down, or its worker died |
 * | `ERR_NO_OBJECT` | an object of a manager was dropped because no proxy of it was left |
 * | `ERR_PROCESS_STARTED` | the process has already been started |
 * | `ERR_START_METHOD` | the start method has already been set |
 * | `ERR_DAEMON` | a daemon cannot start processes |
 * | `ERR_NOT_CLONEABLE` | something in a value cannot be sent to another agent; the message begins with the path to it |
 * | `ERR_DAMAGED` | the bytes are not a message of this package, or are a damaged one |
 * | `ERR_CODEC_VERSION` | the message has another version of the format |
 * | `ERR_UNSUPPORTED` | this runtime lacks something needed, such as Float16Array for a message that contains one |
 * | `ERR_THREAD_STARTED` | a thread is started twice, or made a daemon after it was started |
 * | `ERR_NOT_STARTED` | a thread is joined before it was started; or a result is requested of a thread that somebody else started; or a trace is ended that this agent did not begin |
 * | `ERR_SELF_JOIN` | a thread or a process would wait for its own end |
 * | `ERR_RUNNING` | the result is requested of a thread that has not ended |
 * | `ERR_BOOTSTRAPPING` | a worker tries to start others while it loads the module of its function |
 * | `ERR_FUNCTION` | the worker cannot find or load its function, or the user's code created no worker for it |
 * | `ERR_SOURCE` | a function that was sent as source cannot be run, or lacks something from its surroundings |
 * | `ERR_NO_SPAWNER` | nobody starts workers for this browser worker, or in this realm |
 * | `ERR_WORKER_DIED` | a worker died before its function had finished |
 * | `ERR_NOT_HASHABLE` | something in a value has no hash; the message begins with the path to it |
 * | `ERR_NOT_CACHED` | a cached result has been removed |
 * | `ERR_NO_SIGNALS` | signals are delivered only in the main threads of Node, Deno and Bun |
 * | `ERR_NO_FILE` | there is no such file |
 * | `ERR_NO_FILES` | a page has no file system |
 * | `ERR_MISSING_PEER` | a package needed only for this is not installed |
 * | `ERR_UNREACHABLE` | a server cannot be reached |
 * | `ERR_SERVER_TIMEOUT` | a server did not answer in time |
 * | `ERR_SERVER_REFUSED` | a server does not accept the user, does not allow the command, or is too old |
 * | `ERR_SERVER_FULL` | a server has no memory left |
 * | `ERR_READ_ONLY` | a server is a replica and accepts no changes |
 * | `ERR_NOT_REPLICATED` | fewer replicas than asked for know of a grant |
 * | `ERR_LEASE_LOST` | a lease ended before the work it was for |
 * | `ERR_STALE_FENCE` | a write comes from an owner whose lock another has held since |
 * | `ERR_OTHER_PERMITS` | a semaphore is in use with another number of permits |
 * | `ERR_NO_WORKERS` | a queue had no worker for a while |
 * | `ERR_INVARIANT` | shared memory is in an impossible state: somebody has written into it, or this package has a bug |
 */
export type ErrorCode = `ERR_${string}`;

/**
 * The error of a call made in the wrong state: it says what happened, to which object, and what to do. Two bundled copies
 * of the package have two such classes: where that may be the case, compare `code` instead of using `instanceof`.
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
  /** The name of the class, which may be a subclass. */
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
 * The timeout of a `hold` expired before the primitive was acquired.
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
 * The agent that held a primitive died, and what the primitive guards may be half changed. Nobody can acquire it until
 * somebody calls its `recover`; until then, waiting for it or acquiring it fails with this error.
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
   * @param agent its id in human-readable form
   * @param since when that became known, in ms since the epoch
   */
  constructor(label: string, agentId: number, agent: string, since: number) {
    const date = new Date(since);
    super(
      'ERR_OWNER_DIED',
      `${label} is abandoned: ${agent} died holding it (known since ${date.toISOString()}), and what it guards may be half ` +
        'changed; recover(repair) makes it usable again',
    );
    this.agentId = agentId;
    this.since = date;
  }
}
