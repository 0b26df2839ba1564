/**
 * A condition variable, after Java's ConditionObject, which is also CPython's: a list of waiters, each with a record of
 * its own to sleep on, guarded by *the user's own lock*.
 *
 * ```text
 * cell   0     descriptor
 *        1     lock        index of the lock's cell, in the same arena
 *        2..8  waiters     those that wait, and the notifications that dead ones have left: see condition-waiters.ts
 * ```
 *
 * `wait`: (1) put a record at the end of the list, (2) free the lock, (3) sleep until the record is ENTITLED, (4) acquire
 * the lock again, (5) see, alone, whether it was entitled, or take itself out of the list. `notify` takes the first records
 * out of the list and entitles them. So a notification goes to those that waited before it, in their order, to exactly as
 * many as it says; one that is notified while its time runs out has been notified.
 *
 * **The invariant.** The waiter reads its record's gate before its state, and whoever changes the state changes the gate
 * afterwards. Nobody but the waiter sleeps there.
 *
 * **Death.** A notification that a dead waiter has had goes to another, and a list that its holder left half changed is mended:
 * see condition-waiters.ts. A waiter that was notified, or whose time is up, and cannot have the lock again because its holder
 * died, gets an OwnerDiedError without the lock, and leaves its record to whoever has the lock next.
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
/** Of a cell. A constant of its own: for bundlers, a class that adds up in a static field is never unused. */
const WORDS = WAITERS + WAITERS_WORDS;

/** One pass of wait; `cell` is the record. GOT means that it is worth acquiring the lock again, to see. */
function notifiedPass(words: Int32Array, record: number, _me: number, state: number): number {
  if (recordState(words, record) === ENTITLED || subjectOf(words, record) > 0) return GOT;
  return (state & LOOK) === 0 ? SLEEP : BUSY;
}

/** How an async task uses a Condition: options of the wait, and the hold by which it has the lock. */
export interface ConditionOptions<H = Hold> extends WaitOptions {
  /** The task's hold of the condition's lock. An RLock's must be named; a Lock belongs to nobody. */
  hold?: H | undefined;
}

const FIELDS: Fields<ConditionOptions> = { timeout: true, signal: true, hold: true };
const NOTIFY_FIELDS: Fields<Pick<ConditionOptions, 'hold'>> = { hold: true };

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
   * Makes a condition variable that is guarded by a new RLock.
   *
   * @param lock none
   * @param options where both live, and their name
   * @throws TypeError when an option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(lock?: undefined, options?: PlaceOptions);
  /**
   * Makes a condition variable.
   *
   * @param lock the lock that guards what is waited for; a new RLock by default. The condition lives in its arena.
   * @param options its name; and where the default lock lives, which has the same name
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
      super(lock);
      this.lock = lockAt(new Place(this.arena, Atomics.load(this.arena.words, this.cell + LOCK_CELL))) as L;
    } else {
      checkFields('Condition', options, PLACE_FIELDS);
      const { arena, name } = options;
      if (lock !== undefined && arena !== undefined && arena !== lock.arena)
        throw new TypeError('a Condition lives in the arena of its lock');
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
   * Frees the lock, blocks until notified, and acquires the lock again, as deep as it was.
   *
   * @param timeout the longest wait for a notification, in ms; acquiring the lock again may take longer
   * @returns whether it was notified in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock; `ERR_ARENA_FULL` when
   *   there is no room to record the wait; `ERR_BLOCKING_REFUSED` where an agent must not block. Nothing is changed then
   * @throws OwnerDiedError when the lock's holder has died; the caller does not have the lock then
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
   * Waits until a predicate holds; it is evaluated with the lock held, at first and after each notification.
   *
   * @param predicate what is to hold
   * @param timeout the longest wait for it, in ms in all
   * @returns the predicate's last value
   * @throws what the predicate throws, the lock being held; TypeError when it returns a promise; and what `wait` throws
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
   * Frees the lock, waits until notified, without blocking the agent, and acquires the lock again.
   *
   * @param options the task's hold, and when to give up
   * @returns whether it was notified in time. When the signal aborts, the lock is acquired again before the promise is
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
    return refusal(options, FIELDS) ?? this.#waitAsync(options);
  }

  /** @param given a deadline that has begun already, in the place of the timeout; the caller's to cancel */
  #waitAsync(options: ConditionOptions, given?: Deadline): Promise<boolean> {
    // Read before anything is done: a getter may call back.
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
      if (reason instanceof OwnerDiedError) {
        end();
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
      (reason) =>
        again().then(() => {
          end();
          // Notified and aborted: nobody acts on the notification, so it is the next one's.
          const notified = this.#waiters.isEntitled(record);
          this.#waiters.leave(record);
          if (notified) this.#waiters.notify(1);
          throw reason;
        }),
    );
  }

  /**
   * Waits until a predicate holds, without blocking the agent; it is evaluated with the lock held, at first and after
   * each notification.
   *
   * @param predicate what is to hold; a promise that it returns is awaited, the lock being held
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
   * Notifies those that have waited longest. They go on once they have acquired the lock again.
   *
   * @param n how many at the most, 1 by default; 0 or less does nothing
   * @param options an async task's hold of an RLock
   * @throws TypeError or RangeError when n is not a whole number
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock
   */
  notify(n = 1, options?: Pick<ConditionOptions, 'hold'>): void {
    if (n !== 1) checkInteger('n', n, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
    if (options !== undefined) checkFields('notify', options, NOTIFY_FIELDS);
    this.#checkHeld('notify', options);
    this.#waiters.notify(n);
  }

  /**
   * Notifies all that wait.
   *
   * @param options an async task's hold of an RLock
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when the caller does not hold the lock
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
   * @returns the lock's hold, which is what `waitAsync` takes; rejected as the lock's `holdAsync` is
   */
  override holdAsync(options?: WaitOptions): Promise<L extends RLock ? RLockHold : Hold> {
    return this.lock.holdAsync(options) as Promise<L extends RLock ? RLockHold : Hold>;
  }

  /** Whether somebody holds the lock. */
  get locked(): boolean {
    return this.lock.locked;
  }

  /** @returns kind, number, lock and number of waiters, for people */
  override toString(): string {
    return `${this.label} (${this.lock}, ${this.#waiters.count} waiting)`;
  }

  // --- a wait -------------------------------------------------------------------------------------------------------

  #waitingBy(record: number): Waiting {
    const gate = record + RECORD_GATE;
    return new Waiting(this, this.arena.member, notifiedPass, record, gate, { taskGate: gate });
  }

  /** Acquires the lock again after a wait; where its holder has died, or in a dead-lock, the wait ends without it. */
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
      throw new TypeError(`the hold given to ${call}() is what holdAsync() resolves to`);
    }
    if (!(hold instanceof RLockHold)) {
      if (!this.#guard.isHeldByAgent) throw this.#guard.notHeld(call);
    } else if (!hold.has(this.lock)) {
      throw new SyncError(
        'ERR_NOT_OWNER',
        `the hold given to ${call}() of ${this.label} is not one of its lock, or was released, or is waiting`,
      );
    }
  }

  /** What an agent holds of an RLock by a blocking call, its tasks do not. */
  #checkHeldByTask(call: string, options: { hold?: Hold | undefined }): void {
    this.#checkHeld(call, options);
    if (!this.#guard.needsHold || options.hold instanceof RLockHold) return;
    throw new SyncError(
      'ERR_NOT_OWNER',
      `${call}() of ${this.label} needs the hold by which the task has its RLock: ${call}({ hold })`,
    );
  }
}

/** @throws SyncError `ERR_HANDLE` where no lock stands, as when the condition's maker died before it had put it there */
function lockAt(place: Place): Lock | RLock {
  const { words } = place.arena;
  if (isCell(words, place.cell, RLock.kind)) return new RLock(place);
  if (!isCell(words, place.cell, Lock.kind)) throw badHandle('Lock');
  return new Lock(place);
}
