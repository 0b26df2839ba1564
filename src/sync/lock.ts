/** The plain lock: the mutex of mutex.ts as it is, without an owner. */
import { type Fields, shown } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { GATE, type Kind, OWNED } from '../core/memory/cells.js';
import { LOCK_CODE } from '../core/memory/codes.js';
import { ownerDied, throwOnDeadlock } from '../core/memory/death.js';
import { agentIn, agentName, ownerOf, TASK } from '../core/memory/owner.js';
import { refusalOf } from '../core/memory/slots.js';
import { Place } from '../core/share/place.js';
import { Waiting } from '../core/wait/waiting.js';
import {
  acquirePass,
  afterRelease,
  describeOwner,
  MUTEX_GATES,
  MUTEX_RECOVERY,
  MUTEX_WORDS,
  WORD,
  wasLost,
} from './mutex.js';
import { Recoverable } from './recoverable.js';
import { checkOwnedOptions, type OwnedOptions, type RecoveryRules, setOnOwnerDeath } from './recovery.js';

/** Options of a new Lock. */
export interface LockOptions extends OwnedOptions {
  /**
   * What happens when the lock is part of a deadlock: `'report'`, the default, because anybody may still release it; or
   * `'throw'`, for a lock that only its holder releases: as with an RLock, one of the agents gets a DeadlockError.
   */
  deadlocks?: 'report' | 'throw' | undefined;
}

const FIELDS: Fields<LockOptions> = { arena: true, name: true, onOwnerDeath: true, deadlocks: true };

/** @throws TypeError when an option is invalid */
function checkLockOptions(options: LockOptions): void {
  checkOwnedOptions('Lock', options, FIELDS);
  const { deadlocks = 'report' } = options;
  if (deadlocks !== 'report' && deadlocks !== 'throw') {
    throw new TypeError(`deadlocks must be 'report' or 'throw', not ${shown(deadlocks)}`);
  }
}

/**
 * A mutual-exclusion lock between agents, and between the async tasks of one agent: Python's `threading.Lock`.
 *
 * It belongs to nobody: any agent may release it. It is not re-entrant: an agent that acquires it twice waits for somebody
 * to release it (an RLock may be acquired again by its owner). It is unfair for a millisecond and fair from then on.
 *
 * If the agent that acquired it dies, the lock is abandoned: agents that wait for it or try to acquire it get an
 * OwnerDiedError until somebody calls `recover`.
 *
 * The algorithm is that of the futex mutex in Rust's standard library, with the owner in its word and with the fairness of
 * Go's; see `sync/mutex.ts`.
 *
 * @example
 * ```ts
 * import { Lock } from 'atomics-sync-free';
 * const lock = new Lock();
 * console.log(lock.run(() => 1 + 1)); // 2
 * if (lock.acquire(100)) {
 *   try {
 *     // alone in here, having waited for 100 ms at most
 *   } finally {
 *     lock.release();
 *   }
 * }
 * await lock.runAsync(async () => {
 *   // alone in here, be it for several turns of the event loop
 * });
 * ```
 */
export class Lock extends Recoverable {
  /** @internal */
  static override readonly kind: Kind = {
    name: 'Lock',
    code: LOCK_CODE,
    gates: MUTEX_GATES,
    role: OWNED,
    words: MUTEX_WORDS,
  };
  readonly #waiting: Waiting;
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #me: number;

  /**
   * Makes an unlocked lock.
   *
   * @param options where it lives, its name, and what happens when its holder dies or it is part of a deadlock
   * @throws TypeError when an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: LockOptions);
  /** @internal A live object for an existing lock. */
  constructor(place: Place);
  constructor(where: LockOptions | Place = {}) {
    if (!(where instanceof Place)) checkLockOptions(where);
    super(where);
    const { member } = this.arena;
    this.#waiting = new Waiting(this, member, acquirePass, this.cell, this.cell + GATE);
    this.#words = member.words;
    this.#word = this.cell + WORD;
    this.#me = member.ownerWord;
    if (where instanceof Place) return;
    setOnOwnerDeath(this.#words, this.#word, where);
    if (where.deadlocks === 'throw') throwOnDeadlock(this.#words, this.#word);
  }

  /** @internal */
  protected override get waiting(): Waiting {
    return this.#waiting;
  }

  /**
   * Blocks until acquired.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed;
   *   `ERR_SELF_DEADLOCK` when an async task of this agent holds it; `ERR_RETIRED` when it would have to wait and this agent
   *   was taken for dead
   * @throws OwnerDiedError when its holder died; DeadlockError when the lock was made with `deadlocks: 'throw'`, and this agent
   *   was the last of a cycle to begin waiting
   */
  override acquire(timeout = Infinity): boolean {
    const takes = typeof timeout === 'number' && timeout > 0;
    if (takes && Atomics.compareExchange(this.#words, this.#word, 0, this.#me) === 0) return true;
    return this.#waiting.wait(timeout);
  }

  /**
   * Frees the lock, whoever holds it, and wakes its waiters. An abandoned lock also becomes free, and is taken to be whole.
   *
   * @throws SyncError `ERR_NOT_HELD` when nobody holds it; it stays unlocked. `ERR_RETIRED` when another agent held it
   *   and this one, still running, was taken for dead: both may have been inside
   */
  override release(): void {
    const old = Atomics.exchange(this.#words, this.#word, 0);
    if (old !== this.#me) this.#releaseSlowly(old);
  }

  #releaseSlowly(old: number): void {
    afterRelease(this.#waiting.member, this.cell, old);
    if (ownerOf(old) === 0) throw this.notHeld('release');
    const { words, agent } = this.#waiting.member;
    // Another agent, admitted when this one was taken for dead, may be inside by now.
    const refused = agentIn(old) === agent || agentIn(old) === 0 ? undefined : refusalOf(words, agent);
    if (refused !== undefined) throw refused;
  }

  /** @internal */
  override releaseBlocking(): void {
    if (!wasLost(this.#waiting.member, this.cell, this.#me)) this.release();
  }

  /** @internal */
  protected override releaseByTask(): void {
    if (!wasLost(this.#waiting.member, this.cell, this.#me | TASK)) this.release();
  }

  /** @internal */
  protected override get rules(): RecoveryRules {
    return MUTEX_RECOVERY;
  }

  /** Whether somebody holds the lock, or died holding it. */
  get locked(): boolean {
    return ownerOf(Atomics.load(this.#words, this.#word)) !== 0;
  }

  /** @returns kind, number, owner and waiters, for human readers */
  override toString(): string {
    return `${this.label} (${describeOwner(Atomics.load(this.#words, this.#word), agentName)})`;
  }

  /** @internal What to throw when the lock is not held as `call` needs it. */
  notHeld(call: string): SyncError {
    if (this.abandoned) return ownerDied(this.#words, this.cell, this.label);
    return new SyncError('ERR_NOT_HELD', `${this.label} is not held by anyone; ${call}() needs it held`);
  }
}
