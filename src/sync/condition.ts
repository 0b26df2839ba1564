/**
 * A condition variable, after Java's ConditionObject, which is also CPython's: a queue of waiters, each with a record of
 * its own to sleep on, guarded by *the user's own lock*.
 *
 * ```text
 * cell   0  descriptor
 *        1  lock          index of the lock's cell, in the same arena
 *        2  owed          notifications whose receivers died before they could act on them
 *        4  first, 5 last the queue; the cell itself where there is none, so that no end is a special case
 *                         (the places of next and prev in a record)
 * ```
 *
 * `wait` puts a record at the end of the queue, frees the lock, sleeps until the record is ENTITLED, and has the lock
 * again; then, alone, it sees whether it was entitled, or takes itself out of the queue. `notify` takes the first
 * records out of the queue and entitles them. So a notification goes to those that waited before it, in their order,
 * to exactly as many as it says; who was notified while its time ran out has been notified.
 *
 * **No wake is lost.** The waiter reads the record's gate before its state, and who changes the state changes the gate
 * afterwards. Nobody but the waiter sleeps there. A dead waiter's record stays in the queue as DEAD until `notify` comes
 * past it; one that died ENTITLED leaves its notification in `owed`. Whoever retires it wakes all that wait; they go for
 * the lock, and the first to have it inherits. Not before: an heir that took it without the lock could die on the way,
 * or be entitled by a notification of its own, and one of the two would be lost. The others wait again.
 */
import type { Arena } from '../core/arena.js';
import {
  checkFunction,
  checkInteger,
  checkOptions,
  checkTimeout,
  refusal,
  type WaitOptions,
} from '../core/arguments.js';
import { AsyncQueue } from '../core/async-queue.js';
import { checkMayBlock } from '../core/block.js';
import { SyncError } from '../core/errors.js';
import { Hold } from '../core/hold.js';
import { type Kind, PLAIN } from '../core/layout.js';
import { TASK } from '../core/owner.js';
import { BUSY, GOT, LOOK, SLEEP } from '../core/pass.js';
import {
  ENTITLED,
  freeRecord,
  LINKED,
  putRecord,
  RECORD_GATE,
  RECORD_NEXT,
  RECORD_PREV,
  RECORD_STATE,
  setUndo,
  takeRecord,
  UNDO_AT,
} from '../core/records.js';
import { checkRoomForBoth, Place, type PlaceOptions, SharedObject } from '../core/shared-object.js';
import { Lock } from './lock.js';
import { RLOCK, RLock, RLockHold } from './rlock.js';

const LOCK_CELL = 1;
const OWED = 2;
const FIRST = RECORD_NEXT;
const LAST_IN = RECORD_PREV;

/** @internal */
export const CONDITION: Kind = { name: 'Condition', code: 6, gates: 0, role: PLAIN, words: LAST_IN + 1 };

/** One pass of wait; `cell` is the record. GOT means that it is worth having the lock again, to see. */
export function notifiedPass(words: Int32Array, record: number, _me: number, state: number): number {
  if (Atomics.load(words, record + RECORD_STATE) === ENTITLED) return GOT;
  if (Atomics.load(words, Atomics.load(words, record + UNDO_AT)) > 0) return GOT;
  return (state & LOOK) === 0 ? SLEEP : BUSY;
}

/** How an async task uses a Condition: options of the wait, and the hold by which it has the lock. */
export interface ConditionOptions<H = Hold> extends WaitOptions {
  /** The task's hold of the condition's lock. An RLock's must be named; a Lock belongs to nobody. */
  hold?: H | undefined;
}

/**
 * A condition variable: agents wait, holding its lock, for something that others notify them of. Python's
 * `threading.Condition`.
 *
 * There are no spurious wakes, and nobody steals a notification. What was waited for may still have changed again before
 * the waiter has the lock back: wait in a loop, or by `waitFor`. The algorithm is that of Java's `ConditionObject` and of
 * CPython, a queue that the lock guards; it stands with its arguments in `sync/condition.ts`.
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
export class Condition<L extends Lock | RLock = RLock> extends SharedObject {
  /** The lock that guards what is waited for. */
  readonly lock: L;
  readonly #words: Int32Array;

  /**
   * Makes a condition variable that is guarded by a new RLock.
   *
   * @param lock none
   * @param options where both shall live
   * @throws TypeError when an option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(lock?: undefined, options?: PlaceOptions);
  /**
   * Makes a condition variable.
   *
   * @param lock the lock that guards what is waited for; a new RLock by default. The condition lives in its arena.
   * @param options where the default lock shall live
   * @throws TypeError when the lock is neither a Lock nor an RLock, or an option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(lock?: L, options?: PlaceOptions);
  /** @internal A live object of a condition that exists. */
  constructor(place: Place);
  constructor(lock?: L | Place, options: PlaceOptions = {}) {
    if (lock !== undefined && !(lock instanceof Place || lock instanceof Lock || lock instanceof RLock)) {
      throw new TypeError('the lock of a Condition is a Lock or an RLock');
    }
    if (lock instanceof Place) {
      super(CONDITION, lock);
      this.lock = lockAt(this.arena, Atomics.load(this.arena.words, this.cell + LOCK_CELL)) as L;
    } else {
      if (lock === undefined) checkRoomForBoth(RLOCK, CONDITION, options);
      const guard = lock ?? (new RLock(options) as L);
      super(CONDITION, { arena: guard.arena });
      this.lock = guard;
      const { words } = this.arena;
      Atomics.store(words, this.cell + LOCK_CELL, guard.cell);
      Atomics.store(words, this.cell + FIRST, this.cell);
      Atomics.store(words, this.cell + LAST_IN, this.cell);
    }
    this.#words = this.arena.words;
  }

  /**
   * Frees the lock, blocks until notified, and has the lock again, as deep as it was.
   *
   * @param timeout the longest wait for a notification, in ms; having the lock again may take longer
   * @returns whether it was notified in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock; `ERR_ARENA_FULL` when
   *   there is no room to record the wait; `ERR_BLOCKING_REFUSED` where an agent must not block. Nothing is changed then
   */
  wait(timeout = Number.POSITIVE_INFINITY): boolean {
    checkTimeout(timeout);
    this.#checkHeld('wait', undefined);
    checkMayBlock();
    const record = this.#enqueue();
    const start = performance.now();
    for (let left = timeout; ; left = Math.max(0, timeout - (performance.now() - start))) {
      const depth = this.lock.releaseFully();
      const inTime = this.arena.block(notifiedPass, record, 0, record + RECORD_GATE, left);
      this.lock.acquireAgain(depth);
      const notified = this.#isNotified(record);
      if (notified || !inTime) return this.#leave(record, notified);
    }
  }

  /**
   * Waits until a predicate holds; it is evaluated with the lock held, at first and after each notification.
   *
   * @param predicate what shall hold
   * @param timeout the longest wait for it, in ms in all
   * @returns the predicate's last value
   * @throws what the predicate throws, the lock being held; and what `wait` throws
   *
   * @example
   * ```ts
   * import { Condition } from 'atomics-sync-free';
   * const changed = new Condition();
   * const state = { ready: false };
   * console.log(changed.run(() => changed.waitFor(() => state.ready, 10))); // false
   * ```
   */
  waitFor<R>(predicate: () => R, timeout = Number.POSITIVE_INFINITY): R {
    checkFunction('predicate', predicate);
    checkTimeout(timeout);
    this.#checkHeld('waitFor', undefined);
    let result = predicate();
    const start = performance.now();
    for (let left = timeout; !result && left >= 0; left = timeout - (performance.now() - start)) {
      this.wait(left);
      result = predicate();
      if (timeout === 0) break;
    }
    return result;
  }

  /**
   * Frees the lock, waits until notified, without blocking the agent, and has the lock again.
   *
   * @param options the task's hold, and when to give up
   * @returns whether it was notified in time. When the signal aborts, the lock is had again before the promise is
   *   rejected with the signal's reason. Rejected as `wait` throws, too
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
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    let record: number;
    try {
      this.#checkHeldByTask('waitAsync', options);
      record = this.#enqueue();
    } catch (error) {
      return Promise.reject(error);
    }
    const { timeout = Number.POSITIVE_INFINITY, signal } = options;
    const queue = new AsyncQueue(notifiedPass, this.#words, record, TASK, record + RECORD_GATE);
    const waiting = this.#waitInQueue(queue, record, signal, performance.now() + timeout);
    const { hold } = options;
    return hold instanceof RLockHold ? hold.lendTo(waiting) : waiting;
  }

  #waitInQueue(queue: AsyncQueue, record: number, signal: AbortSignal | undefined, end: number): Promise<boolean> {
    this.lock.freeForTask();
    const again = () => this.lock.acquireAgainAsync();
    return queue.wait({ signal, timeout: Math.max(0, end - performance.now()) }).then(
      (inTime) =>
        again().then(() => {
          const notified = this.#isNotified(record);
          if (notified || !inTime) return this.#leaveAsync(record, notified);
          return this.#waitInQueue(queue, record, signal, end);
        }),
      (reason) =>
        again().then(() => {
          // Notified and aborted: nobody acts on the notification, so it is the next one's.
          if (this.#leaveAsync(record, this.#isEntitled(record))) this.#notify(1);
          throw reason;
        }),
    );
  }

  /**
   * Waits until a predicate holds, without blocking the agent; it is evaluated with the lock held, at first and after
   * each notification.
   *
   * @param predicate what shall hold
   * @param options the task's hold, and when to give up
   * @returns the predicate's last value; rejected as `waitAsync` is, and with what the predicate throws
   */
  async waitForAsync<R>(predicate: () => R, options: ConditionOptions = {}): Promise<R> {
    checkFunction('predicate', predicate);
    checkOptions(options);
    const { timeout = Number.POSITIVE_INFINITY } = options;
    checkTimeout(timeout);
    this.#checkHeldByTask('waitForAsync', options);
    let result = predicate();
    const start = performance.now();
    for (let left = timeout; !result && left >= 0; left = timeout - (performance.now() - start)) {
      await this.waitAsync({ ...options, timeout: left });
      result = predicate();
      if (timeout === 0) break;
    }
    return result;
  }

  /**
   * Notifies those that have waited longest. They go on when they have the lock again.
   *
   * @param n how many at the most, 1 by default; 0 or less does nothing
   * @param options an async task's hold of an RLock
   * @throws TypeError or RangeError when n is not a whole number
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock
   */
  notify(n = 1, options?: Pick<ConditionOptions, 'hold'>): void {
    if (n !== 1) checkInteger('n', n, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    this.#checkHeld('notify', options);
    this.#notify(n);
  }

  /**
   * Notifies all that wait.
   *
   * @param options an async task's hold of an RLock
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock
   */
  notifyAll(options?: Pick<ConditionOptions, 'hold'>): void {
    this.#checkHeld('notifyAll', options);
    this.#notify(Number.POSITIVE_INFINITY);
  }

  // --- the lock's methods ---------------------------------------------------------------------------------------

  /**
   * Acquires the lock: its `acquire`.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was had in time
   * @throws as the lock's `acquire` does
   */
  acquire(timeout?: number): boolean {
    return this.lock.acquire(timeout);
  }

  /**
   * Tries to acquire the lock: its `tryAcquire`.
   *
   * @returns whether it was had
   */
  tryAcquire(): boolean {
    return this.lock.tryAcquire();
  }

  /**
   * Releases the lock: its `release`.
   *
   * @throws SyncError `ERR_NOT_HELD` or, for an RLock, `ERR_NOT_OWNER` when it is not held as it must be
   */
  release(): void {
    this.lock.release();
  }

  /**
   * Acquires the lock for a scope: its `hold`.
   *
   * @param timeout the longest wait, in ms
   * @returns a Disposable that releases once
   * @throws TimeoutError when the time was up; and what `acquire` throws
   */
  hold(timeout?: number): Hold {
    return this.lock.hold(timeout);
  }

  /**
   * Acquires the lock for a scope, without blocking the agent: its `holdAsync`.
   *
   * @param options when to give up
   * @returns the lock's hold, which is what `waitAsync` takes; rejected as the lock's `holdAsync` is
   */
  holdAsync(options?: WaitOptions): ReturnType<L['holdAsync']> {
    return this.lock.holdAsync(options) as ReturnType<L['holdAsync']>;
  }

  /**
   * Runs a function while holding the lock: its `run`.
   *
   * @param fn must have done its work when it returns; for an async function take `runAsync`
   * @returns what it returns
   * @throws what it throws, after the release; and what `acquire` throws
   */
  run<R>(fn: () => R): R {
    return this.lock.run(fn);
  }

  /**
   * Runs a function, async or not, while holding the lock, without blocking the agent: its `runAsync`.
   *
   * @param fn what to run; it is given the hold, which is what `waitAsync` takes
   * @param options when to give up waiting for the lock
   * @returns what it returns; rejected with what it throws, after the release, and as `holdAsync` is
   */
  runAsync<R>(
    fn: (hold: Awaited<ReturnType<L['holdAsync']>>) => R | PromiseLike<R>,
    options?: WaitOptions,
  ): Promise<R> {
    return (this.lock.runAsync as (f: typeof fn, o?: WaitOptions) => Promise<R>).call(this.lock, fn, options);
  }

  /** Whether somebody holds the lock. */
  get locked(): boolean {
    return this.lock.locked;
  }

  /** @returns kind, number, lock and number of waiters, for people */
  override toString(): string {
    return `${this.label} (${this.lock}, ${this.#count()} waiting)`;
  }

  // --- the queue; all of it with the lock held ------------------------------------------------------------------

  #enqueue(): number {
    const words = this.#words;
    const record = takeRecord(this.arena);
    const last = Atomics.load(words, this.cell + LAST_IN);
    // A notification that a dead waiter has left is for those that waited then.
    if (last === this.cell) Atomics.store(words, this.cell + OWED, 0);
    setUndo(words, record, this.cell + OWED, -1, 0, 1);
    Atomics.store(words, record + RECORD_NEXT, this.cell);
    Atomics.store(words, record + RECORD_PREV, last);
    Atomics.store(words, record + RECORD_STATE, LINKED);
    Atomics.store(words, last + RECORD_NEXT, record);
    Atomics.store(words, this.cell + LAST_IN, record);
    return record;
  }

  #unlink(record: number): void {
    const words = this.#words;
    const next = Atomics.load(words, record + RECORD_NEXT);
    const prev = Atomics.load(words, record + RECORD_PREV);
    Atomics.store(words, prev + RECORD_NEXT, next);
    Atomics.store(words, next + RECORD_PREV, prev);
  }

  #isEntitled(record: number): boolean {
    return Atomics.load(this.#words, record + RECORD_STATE) === ENTITLED;
  }

  /** Whether a wait was notified, be it in the last moment, or inherits the notification of a dead one. */
  #isNotified(record: number): boolean {
    if (this.#isEntitled(record)) return true;
    if (Atomics.load(this.#words, this.cell + OWED) === 0) return false;
    Atomics.sub(this.#words, this.cell + OWED, 1);
    return true;
  }

  #leave(record: number, notified: boolean): boolean {
    if (!this.#isEntitled(record)) this.#unlink(record);
    putRecord(this.arena, record);
    return notified;
  }

  #leaveAsync(record: number, notified: boolean): boolean {
    if (!notified) {
      // The engine still waits on the record's gate, and would do so once more for each such wait.
      Atomics.add(this.#words, record + RECORD_GATE, 1);
      Atomics.notify(this.#words, record + RECORD_GATE);
    }
    return this.#leave(record, notified);
  }

  #notify(n: number): void {
    const words = this.#words;
    for (let left = n; left > 0; ) {
      const record = Atomics.load(words, this.cell + FIRST);
      if (record === this.cell) return;
      this.#unlink(record);
      if (Atomics.compareExchange(words, record + RECORD_STATE, LINKED, ENTITLED) === LINKED) {
        Atomics.add(words, record + RECORD_GATE, 1);
        Atomics.notify(words, record + RECORD_GATE);
        left--;
      } else {
        freeRecord(words, record);
      }
    }
  }

  #count(): number {
    let count = 0;
    const limit = this.#words.length;
    // Without the lock the queue may change under way; what is counted is for people.
    for (let at = Atomics.load(this.#words, this.cell + FIRST); at !== this.cell && count < limit; count++) {
      at = Atomics.load(this.#words, at + RECORD_NEXT);
    }
    return count;
  }

  #checkHeld(call: string, options: { hold?: unknown } | undefined): void {
    const { lock } = this;
    const hold = options?.hold;
    if (hold instanceof RLockHold) {
      if (hold.has(lock)) return;
      throw new SyncError(
        'ERR_NOT_OWNER',
        `the hold given to ${call}() of ${this.label} is not one of its lock, or was released, or is waiting`,
      );
    }
    if (hold !== undefined && !(hold instanceof Hold)) {
      throw new TypeError(`the hold given to ${call}() is what holdAsync() resolves to`);
    }
    if (lock instanceof RLock ? lock.isOwned : lock.locked) return;
    throw lock.notOwned(call);
  }

  /** What an agent's thread holds of an RLock, its tasks do not. */
  #checkHeldByTask(call: string, options: { hold?: unknown }): void {
    this.#checkHeld(call, options);
    if (this.lock instanceof Lock || options.hold instanceof RLockHold) return;
    throw new SyncError(
      'ERR_NOT_OWNER',
      `${call}() of ${this.label} needs the hold by which the task has its RLock: ${call}({ hold })`,
    );
  }
}

/** The lock at this cell, of whichever kind it is. */
function lockAt(arena: Arena, cell: number): Lock | RLock {
  const place = new Place(arena, cell);
  return RLock.isAt(place) ? new RLock(place) : new Lock(place);
}
