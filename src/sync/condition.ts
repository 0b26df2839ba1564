/**
 * A condition variable, after Java's ConditionObject, which is also CPython's: a list of waiters, each sleeping on a record
 * of its own, guarded by *the user's own lock*.
 *
 * ```text
 * cell   0     descriptor
 *        1     lock        index of the lock's cell, in the same arena
 *        2..8  waiters     the waiters, and the notifications left by dead ones: see condition-waiters.ts
 * ```
 *
 * `wait`: (1) put a record at the end of the list, (2) free the lock, (3) sleep until the record is ENTITLED, (4) acquire
 * the lock again, (5) holding it, check whether it was entitled, or else remove the record from the list. `notify` removes
 * the first records from the list and entitles them. So a notification goes to agents that were waiting before it, in their
 * order, and to exactly as many as it says; a waiter notified while its time runs out counts as notified.
 *
 * **The invariant.** The waiter reads its record's gate before its state, and an agent that changes the state changes the
 * gate afterwards. Only the waiter sleeps there.
 *
 * **Death.** A dead waiter's notification goes to another, and a list that a dead holder left half changed is repaired: see
 * condition-waiters.ts. A waiter that was notified or timed out, and cannot reacquire the lock because its holder died,
 * gets an OwnerDiedError without the lock, and leaves its record to the next holder.
 */
import {
  checkFields,
  checkFunction,
  checkInteger,
  checkNoPromise,
  checkTimeout,
  type Fields,
  isThenable,
  refusal,
  type WaitOptions,
} from '../core/arguments.js';
import { OwnerDiedError, SyncError } from '../core/errors.js';
import { isCell, type Kind, PLAIN } from '../core/memory/cells.js';
import { CONDITION_CODE } from '../core/memory/codes.js';
import { badHandle } from '../core/memory/handle.js';
import { ENTITLED, RECORD_GATE, recordState, subjectOf } from '../core/memory/records.js';
import { refusalOf } from '../core/memory/slots.js';
import { PLACE_FIELDS, Place, type PlaceOptions } from '../core/share/place.js';
import { checkRoomForBoth } from '../core/share/shared-object.js';
import { checkMayBlock } from '../core/wait/block.js';
import { now } from '../core/wait/clock.js';
import { Deadline } from '../core/wait/deadline.js';
import { BUSY, GOT, LOOK, SLEEP } from '../core/wait/pass.js';
import { Waiting } from '../core/wait/waiting.js';
import { Acquirable } from './acquirable.js';
import { makeWaiters, WAITERS_WORDS, Waiters } from './condition-waiters.js';
import { type Guard, LockGuard } from './guard.js';
import { Hold } from './hold.js';
import { Lock } from './lock.js';
import { noteLoss } from './mutex.js';
import { RLock, RLockHold } from './rlock.js';

const LOCK_CELL = 1;
const WAITERS = 2;
/** Words in a cell. A separate constant, because bundlers never treat a class with arithmetic in a static field as unused. */
const WORDS = WAITERS + WAITERS_WORDS;

/** One pass of wait; `cell` is the record. GOT means that it is worth reacquiring the lock to check. */
function notifiedPass(words: Int32Array, record: number, _me: number, state: number): number {
  if (recordState(words, record) === ENTITLED || subjectOf(words, record) > 0) return GOT;
  return (state & LOOK) === 0 ? SLEEP : BUSY;
}

/** How an async task uses a Condition: wait options, and the hold through which it has the lock. */
export interface ConditionOptions<H = Hold> extends WaitOptions {
  /** The task's hold of the condition's lock. Required for an RLock; a Lock belongs to nobody. */
  hold?: H | undefined;
}

const FIELDS: Fields<ConditionOptions> = { timeout: true, signal: true, hold: true };
const NOTIFY_FIELDS: Fields<Pick<ConditionOptions, 'hold'>> = { hold: true };

/**
 * A condition variable: agents that hold its lock wait for something that others notify them of. Python's
 * `threading.Condition`.
 *
 * There are no spurious wakes, and nobody steals a notification. The awaited state may still change again before the waiter
 * has the lock back: wait in a loop, or with `waitFor`. The algorithm is that of Java's `ConditionObject` and of CPython, a
 * queue guarded by the lock; see `sync/condition.ts`.
 *
 * @example
 * ```ts
 * import { Condition, Lock } from 'atomics-sync-free';
 * const changed = new Condition(new Lock());
 * const items: string[] = [];
 * const taking = changed.runAsync(async (hold) => {
 *   await changed.waitForAsync(() => items.length > 0, { hold });
 *   return items.shift();
 * });
 * await changed.runAsync(() => {
 *   items.push('an item');
 *   changed.notify();
 * });
 * console.log(await taking); // an item
 * ```
 */
export class Condition<L extends Lock | RLock = RLock> extends Acquirable<L extends RLock ? RLockHold : Hold> {
  /** @internal */
  static override readonly kind: Kind = {
    name: 'Condition',
    code: CONDITION_CODE,
    gates: 0,
    role: PLAIN,
    words: WORDS,
  };
  /** The lock that guards what is waited for. */
  readonly lock: L;
  readonly #guard: Guard;
  readonly #waiters: Waiters;

  /**
   * Makes a condition variable guarded by a new RLock.
   *
   * @param lock none
   * @param options where both live, and their name
   * @throws TypeError when an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(lock?: undefined, options?: PlaceOptions);
  /**
   * Makes a condition variable.
   *
   * @param lock the lock that guards what is waited for; a new RLock by default. The condition lives in its arena.
   * @param options its name, and where the default lock, which has the same name, lives
   * @throws TypeError when the lock is neither a Lock nor an RLock, or an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(lock?: L, options?: PlaceOptions);
  /** @internal A live object for an existing condition. */
  constructor(place: Place);
  constructor(lock?: L | Place, options: PlaceOptions = {}) {
    if (lock !== undefined && !(lock instanceof Place || lock instanceof Lock || lock instanceof RLock)) {
      throw new TypeError('the lock of a Condition must be a Lock or an RLock');
    }
    if (lock instanceof Place) {
      super(lock);
      this.lock = lockAt(new Place(this.arena, Atomics.load(this.arena.words, this.cell + LOCK_CELL))) as L;
    } else {
      checkFields('Condition', options, PLACE_FIELDS);
      const { arena, name } = options;
      if (lock !== undefined && arena !== undefined && arena !== lock.arena)
        throw new TypeError('a Condition must be in the arena of its lock');
      if (lock === undefined) checkRoomForBoth(RLock.kind, Condition.kind, options);
      const guard = lock ?? (new RLock(options) as L);
      super({ arena: guard.arena, name });
      this.lock = guard;
      const { words } = this.arena;
      Atomics.store(words, this.cell + LOCK_CELL, guard.cell);
      makeWaiters(words, this.cell + WAITERS);
    }
    this.#guard = this.lock instanceof RLock ? this.lock : new LockGuard(this.lock as Lock);
    this.#waiters = new Waiters(this.arena.member, this.cell + WAITERS);
  }

  /**
   * Releases the lock, blocks until notified, and acquires the lock again, at its previous depth.
   *
   * @param timeout the longest wait for a notification, in ms; acquiring the lock again may take longer
   * @returns whether it was notified in time
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock; `ERR_ARENA_FULL` when there
   *   is no room to record the wait; `ERR_BLOCKING_REFUSED` where an agent must not block. In these cases nothing is changed.
   *   `ERR_RETIRED` when this agent was taken for dead, before or during the wait; it then does not hold the lock
   * @throws OwnerDiedError when the lock's holder has died; the caller then does not hold the lock
   */
  wait(timeout = Infinity): boolean {
    checkTimeout(timeout);
    this.#checkHeld('wait', undefined);
    checkMayBlock(this);
    const record = this.#waiters.enqueue();
    const waiting = this.#waitingBy(record);
    const start = timeout === Infinity ? 0 : now();
    for (let left = timeout; ; left = timeout === Infinity ? timeout : Math.max(0, timeout - (now() - start))) {
      const depth = this.#guard.releaseFully();
      const inTime = waiting.block(left);
      this.#acquireAgain(record, depth);
      const notified = this.#waiters.isNotified(record);
      if (notified || !inTime) {
        this.#waiters.leave(record);
        return notified;
      }
    }
  }

  /**
   * Waits until a predicate holds. It is evaluated with the lock held, once at the start and after each notification.
   *
   * @param predicate the condition to wait for
   * @param timeout the longest wait in all, in ms
   * @returns the predicate's last value
   * @throws what the predicate throws, with the lock held; TypeError when it returns a promise; and what `wait` throws
   *
   * @example
   * ```ts
   * import { Condition } from 'atomics-sync-free';
   * const changed = new Condition();
   * const state = { ready: false };
   * console.log(changed.run(() => changed.waitFor(() => state.ready, 10))); // false
   * ```
   */
  waitFor<R>(predicate: () => R, timeout = Infinity): R {
    checkFunction('predicate', predicate);
    checkTimeout(timeout);
    this.#checkHeld('waitFor', undefined);
    const holds = (): R => checkNoPromise(predicate(), 'predicate', 'waitForAsync');
    let result = holds();
    const start = now();
    for (let left = timeout; !result && left >= 0; left = timeout - (now() - start)) {
      const inTime = this.wait(left);
      result = holds();
      if (!inTime) break;
    }
    return result;
  }

  /**
   * Releases the lock, waits until notified without blocking the agent, and acquires the lock again.
   *
   * @param options the task's hold, and when to give up
   * @returns whether it was notified in time. When the signal aborts, the lock is acquired again before the promise is
   *   rejected with the signal's reason. Also rejected as `wait` throws
   *
   * @example
   * ```ts
   * import { Condition } from 'atomics-sync-free';
   * const changed = new Condition();
   * await changed.runAsync(async (hold) => {
   *   console.log(await changed.waitAsync({ hold, timeout: 10 })); // false
   * });
   * ```
   */
  waitAsync(options: ConditionOptions = {}): Promise<boolean> {
    return refusal(options, FIELDS) ?? this.#waitAsync(options);
  }

  /** @param given a running deadline to use instead of the timeout; the caller cancels it */
  #waitAsync(options: ConditionOptions, given?: Deadline): Promise<boolean> {
    // Read before anything else: a getter may call back.
    const { timeout = Infinity, signal, hold } = options;
    let record: number;
    try {
      this.#checkHeldByTask('waitAsync', { hold });
      record = this.#waiters.enqueue();
    } catch (error) {
      return Promise.reject(error);
    }
    const deadline = given ?? new Deadline(timeout);
    const end = () => {
      if (given === undefined) deadline.cancel();
    };
    const waiting = this.#waitAsTask(this.#waitingBy(record), record, signal, deadline, end).catch((reason) => {
      end();
      if (reason instanceof OwnerDiedError) {
        this.#waiters.abandon(record);
        if (hold === undefined) noteLoss(this.arena.member, this.lock.cell, 1);
        else hold.lose();
      }
      throw reason;
    });
    return hold instanceof RLockHold ? hold.lendTo(waiting) : waiting;
  }

  #waitAsTask(
    waiting: Waiting,
    record: number,
    signal: AbortSignal | undefined,
    deadline: Deadline,
    end: () => void,
  ): Promise<boolean> {
    this.#guard.freeForTask();
    const again = () => this.#guard.acquireAgainAsync();
    return waiting.waitAsync({ signal }, 0, undefined, deadline).then(
      (inTime) =>
        again().then(() => {
          const notified = this.#waiters.isNotified(record);
          if (!notified && inTime) return this.#waitAsTask(waiting, record, signal, deadline, end);
          end();
          this.#waiters.leave(record);
          return notified;
        }),
      (reason) => {
        // The agent was taken for dead while it waited, and with it the record: it has nothing to do under the lock any more.
        if (isRetired(reason)) throw reason;
        return again().then(() => {
          end();
          // Notified and aborted: nobody acts on the notification, so it goes to the next waiter.
          const notified = this.#waiters.isEntitled(record);
          this.#waiters.leave(record);
          if (notified) this.#waiters.notify(1);
          throw reason;
        });
      },
    );
  }

  /**
   * Waits until a predicate holds, without blocking the agent. It is evaluated with the lock held, once at the start and
   * after each notification.
   *
   * @param predicate the condition to wait for; a promise that it returns is awaited with the lock held
   * @param options the task's hold, and when to give up
   * @returns the predicate's last value; rejected as `waitAsync` is, and with what the predicate throws
   */
  async waitForAsync<R>(predicate: () => PromiseLike<R> | R, options: ConditionOptions = {}): Promise<R> {
    checkFunction('predicate', predicate);
    checkFields('a wait', options, FIELDS);
    const { timeout = Infinity } = options;
    checkTimeout(timeout);
    this.#checkHeldByTask('waitForAsync', options);
    const asked = predicate();
    if (asked && !isThenable(asked)) return asked;
    const deadline = new Deadline(timeout);
    try {
      let result = (isThenable(asked) ? await asked : asked) as R;
      if (result) return result;
      do {
        await (refusal(options, FIELDS) ?? this.#waitAsync(options, deadline));
        const again = predicate();
        result = (isThenable(again) ? await again : again) as R;
      } while (!result && !deadline.passed);
      return result;
    } finally {
      deadline.cancel();
    }
  }

  /**
   * Notifies the waiters that have waited longest. They proceed once they have acquired the lock again.
   *
   * @param n how many at most, 1 by default; 0 or less does nothing
   * @param options an async task's hold of an RLock
   * @throws TypeError or RangeError when n is not an integer
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock
   * @throws OwnerDiedError when the lock's holder has died
   */
  notify(n = 1, options?: Pick<ConditionOptions, 'hold'>): void {
    if (n !== 1) checkInteger('n', n, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (options !== undefined) checkFields('notify', options, NOTIFY_FIELDS);
    this.#checkHeld('notify', options);
    this.#waiters.notify(n);
  }

  /**
   * Notifies all waiters.
   *
   * @param options an async task's hold of an RLock
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock
   * @throws OwnerDiedError when the lock's holder has died
   */
  notifyAll(options?: Pick<ConditionOptions, 'hold'>): void {
    if (options !== undefined) checkFields('notifyAll', options, NOTIFY_FIELDS);
    this.#checkHeld('notifyAll', options);
    this.#waiters.notify(Infinity);
  }

  // --- its lock's methods -----------------------------------------------------------------------------------------

  override acquire(timeout?: number): boolean {
    return this.lock.acquire(timeout);
  }

  override tryAcquire(): boolean {
    return this.lock.tryAcquire();
  }

  override release(): void {
    this.lock.release();
  }

  /** @internal */
  override releaseBlocking(): void {
    this.lock.releaseBlocking();
  }

  /**
   * Acquires the lock for a scope, without blocking the agent: its `holdAsync`.
   *
   * @param options when to give up
   * @returns the lock's hold, to pass to `waitAsync`; rejected as the lock's `holdAsync` is
   */
  override holdAsync(options?: WaitOptions): Promise<L extends RLock ? RLockHold : Hold> {
    return this.lock.holdAsync(options) as Promise<L extends RLock ? RLockHold : Hold>;
  }

  /** Whether somebody holds the lock. */
  get locked(): boolean {
    return this.lock.locked;
  }

  /** @returns kind, number, lock and number of waiters, for human readers */
  override toString(): string {
    return `${this.label} (${this.lock}, ${this.#waiters.count} waiting)`;
  }

  // --- a wait -------------------------------------------------------------------------------------------------------

  #waitingBy(record: number): Waiting {
    const gate = record + RECORD_GATE;
    return new Waiting(this, this.arena.member, notifiedPass, record, gate, { taskGate: gate });
  }

  /** Reacquires the lock after a wait; if its holder has died, or in a deadlock, the wait ends without it. */
  #acquireAgain(record: number, depth: number): void {
    try {
      this.#guard.acquireAgain(depth);
    } catch (error) {
      if (error instanceof SyncError && (error.code === 'ERR_OWNER_DIED' || error.code === 'ERR_DEADLOCK')) {
        this.#waiters.abandon(record);
        noteLoss(this.arena.member, this.lock.cell, depth + 1);
      }
      throw error;
    }
  }

  #checkHeld(call: string, options: { hold?: Hold | undefined } | undefined): void {
    const hold = options?.hold;
    if (hold !== undefined && !(hold instanceof Hold)) {
      throw new TypeError(`the hold given to ${call}() must be what holdAsync() resolves to`);
    }
    if (!(hold instanceof RLockHold)) {
      if (!this.#guard.isHeldByAgent) throw this.#guard.notHeld(call);
    } else if (!hold.has(this.lock)) {
      const { words, agent } = this.arena.member;
      throw (
        refusalOf(words, agent) ??
        new SyncError(
          'ERR_NOT_OWNER',
          `the hold given to ${call}() of ${this.label} is not a hold of its lock, or was released, or is waiting`,
        )
      );
    }
  }

  /** An agent's tasks do not hold an RLock that the agent acquired by a blocking call. */
  #checkHeldByTask(call: string, options: { hold?: Hold | undefined }): void {
    this.#checkHeld(call, options);
    if (!this.#guard.needsHold || options.hold instanceof RLockHold) return;
    throw new SyncError(
      'ERR_NOT_OWNER',
      `${call}() of ${this.label} needs the hold with which the task acquired its RLock: ${call}({ hold })`,
    );
  }
}

const isRetired = (reason: unknown): boolean => reason instanceof SyncError && reason.code === 'ERR_RETIRED';

/** @throws SyncError `ERR_HANDLE` where there is no lock, as when the condition's creator died before it had stored it */
function lockAt(place: Place): Lock | RLock {
  const { words } = place.arena;
  if (isCell(words, place.cell, RLock.kind)) return new RLock(place);
  if (!isCell(words, place.cell, Lock.kind)) throw badHandle('Lock');
  return new Lock(place);
}
