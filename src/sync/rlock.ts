/** The lock that its owner may acquire again: the mutex of mutex.ts with a count beside it. */
import type { WaitOptions } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { GATE, type Kind, OWNED } from '../core/memory/cells.js';
import { RLOCK_CODE } from '../core/memory/codes.js';
import { countBehind, ownerDied } from '../core/memory/death.js';
import { ABANDONED, agentIn, agentName, ownerOf, TASK } from '../core/memory/owner.js';
import { refusalOf } from '../core/memory/slots.js';
import { Place } from '../core/share/place.js';
import type { SharedObject } from '../core/share/shared-object.js';
import { Waiting } from '../core/wait/waiting.js';
import { Acquirable } from './acquirable.js';
import { Hold } from './hold.js';
import {
  acquirePass,
  afterRelease,
  describeOwner,
  isHeldBy,
  MUTEX_GATES,
  MUTEX_RECOVERY,
  MUTEX_WORDS,
  WORD,
  wasLost,
} from './mutex.js';
import { checkOwnedOptions, OWNED_FIELDS, type OwnedOptions, Recovery, setOnOwnerDeath } from './recovery.js';

/** The most acquisitions beyond the first that the count can hold. */
const MOST_AGAIN = 2 ** 31 - 1;

/**
 * A lock that its owner may acquire again: Python's `threading.RLock`.
 *
 * It belongs to the agent that acquired it, which must release it as many times. The agent's id does not distinguish its
 * async tasks, so a task's ownership is a token: `holdAsync` resolves to a hold, and whoever has the hold may use it to
 * enter again. Tasks exclude each other, and the agent's blocking calls.
 *
 * The algorithm and the word are those of {@link Lock}. A plain read tells whether the calling agent owns it, because
 * nobody else can have written its id there.
 *
 * @example
 * ```ts
 * import { RLock } from 'atomics-sync-free';
 * const lock = new RLock();
 * console.log(lock.run(() => lock.run(() => lock.recursionCount))); // 2
 * ```
 */
export class RLock extends Acquirable<RLockHold> {
  /** @internal */
  static override readonly kind: Kind = {
    name: 'RLock',
    code: RLOCK_CODE,
    gates: MUTEX_GATES,
    role: OWNED,
    words: MUTEX_WORDS,
  };
  readonly #waiting: Waiting;
  readonly #words: Int32Array;
  readonly #word: number;
  /** The index of the count of the owner's acquisitions beyond the first; only the owner uses it, with plain accesses. */
  readonly #count: number;
  readonly #me: number;

  /**
   * Makes an unlocked lock.
   *
   * @param options where it lives, and what happens when its holder dies
   * @throws TypeError when an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: OwnedOptions);
  /** @internal A live object for an existing lock. */
  constructor(place: Place);
  constructor(where: OwnedOptions | Place = {}) {
    if (!(where instanceof Place)) checkOwnedOptions('RLock', where, OWNED_FIELDS);
    super(where);
    const { member } = this.arena;
    this.#waiting = new Waiting(this, member, acquirePass, this.cell, this.cell + GATE);
    this.#words = member.words;
    this.#word = this.cell + WORD;
    this.#count = countBehind(this.#word);
    this.#me = member.ownerWord;
    if (!(where instanceof Place)) setOnOwnerDeath(this.#words, this.#word, where);
  }

  /**
   * Blocks until acquired; returns at once when the agent already has it.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed;
   *   `ERR_SELF_DEADLOCK` when an async task of this agent holds it; `ERR_LIMIT` when the agent has acquired it 2³¹ times;
   *   `ERR_RETIRED` when it would have to wait and this agent was taken for dead
   * @throws OwnerDiedError when its holder died; DeadlockError when this agent was the last of a cycle to begin waiting
   */
  override acquire(timeout = Infinity): boolean {
    const takes = typeof timeout === 'number' && timeout > 0;
    if (takes && this.isOwned) return this.#enterAgain();
    if (takes && Atomics.compareExchange(this.#words, this.#word, 0, this.#me) === 0) return true;
    return timeout === 0 ? this.tryAcquire() : this.#waiting.wait(timeout);
  }

  /**
   * Acquires if that is possible immediately. Never blocks.
   *
   * @returns whether it was acquired
   * @throws SyncError `ERR_LIMIT` when the agent has acquired it 2³¹ times
   * @throws OwnerDiedError when its holder died
   */
  override tryAcquire(): boolean {
    return this.isOwned ? this.#enterAgain() : this.#waiting.attempt();
  }

  #enterAgain(): boolean {
    if (this.#words[this.#count] === MOST_AGAIN) {
      throw new SyncError('ERR_LIMIT', `${this.label} has been acquired ${MOST_AGAIN + 1} times by its owner`);
    }
    this.#words[this.#count] += 1;
    return true;
  }

  /**
   * Undoes one acquisition; the last release frees the lock and wakes its waiters.
   *
   * @throws SyncError `ERR_NOT_HELD` when nobody holds it, `ERR_NOT_OWNER` when somebody else does, `ERR_RETIRED` when this
   *   agent does not hold it and was taken for dead; nothing is changed
   * @throws OwnerDiedError when its holder died; it stays abandoned
   */
  override release(): void {
    if (!this.isOwned) throw this.notHeld('release');
    if (this.#words[this.#count] > 0) this.#words[this.#count] -= 1;
    else this.#free(this.#me);
  }

  /** @internal */
  override releaseBlocking(): void {
    if (!wasLost(this.#waiting.member, this.cell, this.#me)) this.release();
  }

  /** @internal The last release of a task's hold. */
  releaseByTask(): void {
    if (!wasLost(this.#waiting.member, this.cell, this.#me | TASK)) this.freeForTask();
  }

  /** @param owner the value of the word when nobody waits */
  #free(owner: number): void {
    const old = Atomics.exchange(this.#words, this.#word, 0);
    if (old !== owner) afterRelease(this.#waiting.member, this.cell, old);
  }

  /**
   * Acquires the lock for an async task, without blocking the agent.
   *
   * @param options when to give up
   * @returns the hold, with which the task may enter again; rejected with a TimeoutError when the timeout expires, with the
   *   signal's reason when it aborts, with a TypeError or RangeError for bad options, with an OwnerDiedError when its
   *   holder died, with `ERR_RETIRED` when it would have to wait and this agent was taken for dead
   *
   * @example
   * ```ts
   * import { RLock } from 'atomics-sync-free';
   * const lock = new RLock();
   * const hold = await lock.holdAsync({ timeout: 1000 });
   * const again = hold.hold();
   * again.release();
   * hold.release();
   * console.log(lock.locked); // false
   * ```
   */
  override holdAsync(options: WaitOptions = {}): Promise<RLockHold> {
    return this.#waiting.waitAsync(options).then((got) => {
      if (!got) throw this.timeUp(options.timeout);
      return new RLockHold(this, this.label);
    });
  }

  /**
   * Makes the lock whole again after its owner died: takes it, runs the repair while holding it, and leaves it free. If
   * another agent is repairing it, waits until that repair ends.
   *
   * @param repair makes whole what the lock guards; it must have finished its work when it returns
   * @param timeout the longest wait, in ms
   * @returns true when the lock was abandoned; false when it was already whole, in which case the repair was not run
   * @throws what the repair throws; the lock then stays abandoned
   * @throws TimeoutError when the timeout expires; TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed;
   *   `ERR_SELF_DEADLOCK` when this agent, or a task of it, is repairing it
   */
  recover(repair?: () => unknown, timeout = Infinity): boolean {
    return this.#recovery.recover(repair, timeout);
  }

  /**
   * Makes the lock whole again after its owner died, without blocking the agent; see {@link recover}.
   *
   * @param repair makes whole what the lock guards; it receives a hold for entering again, and what it returns is awaited
   * @param options when to give up waiting for another's repair
   * @returns true when the lock was abandoned, false when it was already whole; rejected with what the repair throws,
   *   with a TimeoutError when the timeout expires, with the signal's reason when it aborts, with a TypeError or RangeError
   *   for bad arguments
   */
  recoverAsync(repair?: (hold: RLockHold) => unknown, options: WaitOptions = {}): Promise<boolean> {
    return this.#recovery.recoverAsync(repair, options, () => new RLockHold(this, this.label));
  }

  get #recovery(): Recovery {
    return new Recovery(this, this.#waiting.member, this.cell, MUTEX_RECOVERY);
  }

  /** Whether its owner died, and nobody has recovered it. */
  get abandoned(): boolean {
    return Atomics.load(this.#words, this.#word) === ABANDONED;
  }

  /** Whether somebody holds the lock, or died holding it. */
  get locked(): boolean {
    return ownerOf(Atomics.load(this.#words, this.#word)) !== 0;
  }

  /** Whether the calling agent holds the lock through `acquire`; what its tasks hold is theirs. */
  get isOwned(): boolean {
    return isHeldBy(this.#words[this.#word], this.#me);
  }

  /** How many times the calling agent has acquired the lock without releasing it; 0 when it does not hold it. */
  get recursionCount(): number {
    return this.isOwned ? this.#words[this.#count] + 1 : 0;
  }

  /** @returns kind, number, owner, depth and waiters, for human readers */
  override toString(): string {
    const word = Atomics.load(this.#words, this.#word);
    const depth = agentIn(word) === 0 || (word & TASK) !== 0 ? '' : `, count=${this.#words[this.#count] + 1}`;
    return `${this.label} (${describeOwner(word, agentName)}${depth})`;
  }

  // --- for a Condition ------------------------------------------------------------------------------------------

  /** @internal */
  get isHeldByAgent(): boolean {
    return this.isOwned;
  }

  /** @internal Whether a task of the agent holds the lock. */
  get isHeldByTask(): boolean {
    return isHeldBy(this.#words[this.#word], this.#me | TASK);
  }

  /** @internal */
  get needsHold(): boolean {
    return true;
  }

  /** @internal */
  notHeld(call: string): SyncError {
    const refused = refusalOf(this.#words, this.#waiting.member.agent);
    if (refused !== undefined) return refused;
    const word = Atomics.load(this.#words, this.#word);
    if (word === ABANDONED) return ownerDied(this.#words, this.cell, this.label);
    if (ownerOf(word) === 0) {
      return new SyncError('ERR_NOT_HELD', `${this.label} is not held by anyone; ${call}() needs it held`);
    }
    const owner = `${(word & TASK) !== 0 ? 'a task of ' : ''}${agentName(agentIn(word))}`;
    return new SyncError('ERR_NOT_OWNER', `${this.label} is held by ${owner}; ${call}() needs it held by the caller`);
  }

  /** @internal */
  releaseFully(): number {
    const depth = this.#words[this.#count];
    this.#words[this.#count] = 0;
    this.#free(this.#me);
    return depth;
  }

  /** @internal */
  acquireAgain(depth: number): void {
    this.acquire();
    this.#words[this.#count] = depth;
  }

  /** @internal */
  freeForTask(): void {
    this.#free(this.#me | TASK);
  }

  /** @internal */
  acquireAgainAsync(): Promise<unknown> {
    return this.#waiting.waitAsync({});
  }
}

/**
 * An async task's hold of an RLock: a token that may enter again. The lock is free when all entries have been
 * released.
 *
 * @example
 * ```ts
 * import { RLock, type RLockHold } from 'atomics-sync-free';
 * const lock = new RLock();
 * async function deeper(hold: RLockHold) {
 *   using again = hold.hold();
 *   console.log(again.recursionCount); // 2
 * }
 * await lock.runAsync((hold) => deeper(hold));
 * ```
 */
export class RLockHold extends Hold {
  readonly #lock: RLock;
  readonly #label: string;
  readonly #entries: Entries;

  /** @internal */
  constructor(lock: RLock, label: string, entries: Entries = { count: 0, lent: false, lost: false }) {
    super(() => {
      if (entries.lent) throw lentHold(label);
      if (entries.count === 1 && !entries.lost) lock.releaseByTask();
      entries.count--;
    }, label);
    entries.count++;
    this.#lock = lock;
    this.#label = label;
    this.#entries = entries;
  }

  /**
   * Enters again.
   *
   * @returns a hold, which must be released too
   * @throws SyncError `ERR_NOT_HELD` when this hold was released, or is waiting for a Condition
   */
  hold(): RLockHold {
    this.checkHeld();
    if (this.#entries.lent) throw lentHold(this.#label);
    return new RLockHold(this.#lock, this.#label, this.#entries);
  }

  /** How many of the task's entries have not been released. */
  get recursionCount(): number {
    return this.#entries.count;
  }

  /** @internal Whether this hold currently gives the task that lock. */
  has(lock: SharedObject): boolean {
    const same = this.#lock.cell === lock.cell && this.#lock.arena.member === lock.arena.member;
    return same && !this.released && !this.#entries.lent && !this.#entries.lost && this.#lock.isHeldByTask;
  }

  /** @internal The lock was abandoned while the task did not have it: its holds have nothing to release. */
  override lose(): void {
    this.#entries.lost = true;
  }

  /** @internal Marks the lock as not held until the wait is over. */
  lendTo<R>(wait: Promise<R>): Promise<R> {
    const entries = this.#entries;
    entries.lent = true;
    return wait.then(
      (result) => {
        entries.lent = false;
        return result;
      },
      (reason) => {
        entries.lent = false;
        throw reason;
      },
    );
  }
}

/** The state shared by the holds of one task. */
interface Entries {
  count: number;
  /** The task is waiting for a Condition, and others may have the lock. */
  lent: boolean;
  /** Another agent's death has taken the lock from the task. */
  lost: boolean;
}

const lentHold = (label: string): SyncError =>
  new SyncError(
    'ERR_NOT_HELD',
    `this hold of ${label} is waiting on a Condition and does not have the lock; await waitAsync() first`,
  );
