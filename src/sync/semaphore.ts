/**
 * A counting semaphore, after Go's runtime semaphore (take by compare-and-swap, else announce yourself, look again and
 * sleep), with evidence of waiters in the word instead of a count of them: a dead waiter leaves nothing to undo.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of threads   \ changed, then notified, by whoever releases
 *        2  gate of tasks     /
 *        3  word
 *        4  bound             the most permits there may be; written once
 *
 *  31 30 29      4    3          2         1        0
 * +-----+---------+----------+----------+-------+---------+
 * |  0  | permits | STARVING | STARVING | ASYNC | BLOCKED |     bits as in core/owner.ts
 * |     |         | task     | thread   |       |         |
 * +-----+---------+----------+----------+-------+---------+
 * ```
 *
 * **No wake is lost.** Who sleeps has, after reading its gate, seen its kind's bit or put it there while there was no
 * permit for it, and only a release takes the bit out; that release changes the gate and notifies as many threads as
 * it has permits, and all tasks. A thread that has slept takes its permit with BLOCKED, or leaves BLOCKED, for those
 * that still sleep. And because releases may have followed each other while it woke, of which only the first saw the
 * bit, it wakes one more thread when it leaves permits behind.
 *
 * **Nobody starves.** A waiter that was passed over for STARVING_MS sets its kind's STARVING bit; then permits go to
 * woken waiters of that kind, one for each bit set. Others respect that for LAPSE_MS.
 */
import { checkInteger, checkTimeout, refusal, type WaitOptions } from '../core/arguments.js';
import { AsyncQueue } from '../core/async-queue.js';
import { attempt } from '../core/block.js';
import { SyncError } from '../core/errors.js';
import { type Kind, PLAIN } from '../core/layout.js';
import {
  ASYNC,
  BLOCKED,
  STARVING,
  STARVING_TASK,
  TASK,
  TASK_WAITER,
  THREAD_WAITER,
  WAITER_BITS,
} from '../core/owner.js';
import { AGAIN, BUSY, GOT, LAPSED, LAST, LOOK, SLEEP, SLEEP_BRIEFLY, SLEPT, STARVED } from '../core/pass.js';
import { Place, type PlaceOptions } from '../core/shared-object.js';
import { describeWaiters, wake } from '../core/wake.js';
import { AsyncAcquirable } from './acquirable.js';

const GATE = 1;
const WORD = 3;
const BOUND = 4;

const PERMIT = 1 << 4;
const PERMITS_SHIFT = 4;
const RESERVED = STARVING | STARVING_TASK;

/** The most permits that fit into a word. */
const MAX_PERMITS = 2 ** 26 - 1;

const kindOf = (name: string, code: number): Kind => ({ name, code, gates: 2, role: PLAIN, words: BOUND + 1 });
/** @internal */
export const SEMAPHORE = kindOf('Semaphore', 3);
/** @internal */
export const BOUNDED_SEMAPHORE = kindOf('BoundedSemaphore', 4);

/** One pass of acquire; see core/pass.ts. */
export function acquirePass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  const kind = (me & TASK) === 0 ? THREAD_WAITER : TASK_WAITER;

  if (word >= PERMIT && mayTake(word, kind, state)) {
    // The reservation is used up. Where it has lapsed, its claimant may be gone; if not, it will ask again.
    const used = (state & LAPSED) === 0 ? STARVING << kind : RESERVED;
    const owed = kind === THREAD_WAITER && (state & SLEPT) !== 0 ? BLOCKED : 0;
    const next = ((word - PERMIT) & ~used) | owed;
    if (Atomics.compareExchange(words, cell + WORD, word, next) !== word) return AGAIN;
    if (owed !== 0 && next >= PERMIT) wake(words, cell + GATE, BLOCKED, 1);
    return GOT;
  }

  if ((state & LOOK) !== 0) return word < PERMIT ? BUSY : SLEEP;

  const evidence = (BLOCKED << kind) | ((state & STARVED) === 0 ? 0 : STARVING << kind);
  if ((word & evidence) !== evidence) {
    if (Atomics.compareExchange(words, cell + WORD, word, word | evidence) !== word) return AGAIN;
  }
  return word >= PERMIT ? SLEEP_BRIEFLY : SLEEP;
}

/** Whether a waiter may take one of the permits that there are. */
function mayTake(word: number, kind: number, state: number): boolean {
  // One whose time is up gives nobody the chance to sleep on it, so it takes what is there.
  if ((word & RESERVED) === 0 || (state & (LAPSED | LAST)) !== 0) return true;
  return (word & (STARVING << kind)) !== 0 && (state & SLEPT) !== 0;
}

/**
 * A counter of permits that agents take and give back: Python's `threading.Semaphore`.
 *
 * A release may raise it above its initial value; where that would be a mistake, take a BoundedSemaphore. Any agent may
 * release. It is unfair for a millisecond and fair from then on. The algorithm is after Go's runtime semaphore; it stands
 * with its arguments in `sync/semaphore.ts`.
 *
 * @example
 * ```ts
 * import { Semaphore } from 'atomics-sync-free';
 * const connections = new Semaphore(3);
 * console.log(connections.run(() => connections.value)); // 2
 * ```
 */
export class Semaphore extends AsyncAcquirable {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #bound: number;
  readonly #me: number;
  #tasks: AsyncQueue | undefined;

  /**
   * Makes a semaphore.
   *
   * @param value how many permits there are at first, 0 … 67,108,863; 1 by default
   * @param options where it shall live
   * @throws TypeError or RangeError when the value or an option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(value?: number, options?: PlaceOptions);
  /** @internal A live object of a semaphore that exists. */
  constructor(place: Place);
  /** @internal For BoundedSemaphore. */
  constructor(value: number | Place, options: PlaceOptions, kind: Kind, bounded: boolean);
  constructor(value: number | Place = 1, options: PlaceOptions = {}, kind = SEMAPHORE, bounded = false) {
    if (!(value instanceof Place)) checkInteger('value', value, 0, MAX_PERMITS);
    super(kind, value instanceof Place ? value : options);
    this.#words = this.arena.words;
    this.#word = this.cell + WORD;
    this.#me = this.ownerWord;
    if (!(value instanceof Place)) {
      Atomics.store(this.#words, this.cell + BOUND, bounded ? value : MAX_PERMITS);
      Atomics.store(this.#words, this.#word, value << PERMITS_SHIFT);
    }
    this.#bound = Atomics.load(this.#words, this.cell + BOUND);
  }

  /**
   * Blocks until there is a permit, and takes it.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was had in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  override acquire(timeout = Number.POSITIVE_INFINITY): boolean {
    const word = Atomics.load(this.#words, this.#word);
    if (timeout === Number.POSITIVE_INFINITY && this.#take(word)) return true;
    return this.#acquireSlowly(timeout);
  }

  #take(word: number): boolean {
    return (
      word >= PERMIT &&
      (word & RESERVED) === 0 &&
      Atomics.compareExchange(this.#words, this.#word, word, word - PERMIT) === word
    );
  }

  #acquireSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    if (timeout === 0) return this.tryAcquire();
    return this.arena.block(acquirePass, this.cell, this.#me, this.cell + GATE + THREAD_WAITER, timeout);
  }

  /**
   * Takes a permit if there is one. Never blocks.
   *
   * @returns whether it was had
   */
  tryAcquire(): boolean {
    return attempt(acquirePass, this.#words, this.cell, this.#me);
  }

  /**
   * Waits until there is a permit, and takes it, without blocking the agent.
   *
   * @param options when to give up
   * @returns whether it was had in time; rejected with the signal's reason as soon as it aborts, and with a TypeError
   *   or RangeError for bad options
   */
  override acquireAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    if (this.#take(Atomics.load(this.#words, this.#word))) return Promise.resolve(true);
    const gate = this.cell + GATE + TASK_WAITER;
    this.#tasks ??= new AsyncQueue(acquirePass, this.#words, this.cell, this.#me | TASK, gate);
    return this.#tasks.wait(options);
  }

  /**
   * Gives permits back, and wakes as many waiters.
   *
   * @param n how many, 1 … 67,108,863; 1 by default
   * @throws TypeError or RangeError when n is not a whole number of 1 or more
   * @throws SyncError `ERR_OVER_RELEASE` when there would be more than the bound; nothing is changed
   */
  override release(n = 1): void {
    if (n !== 1) checkInteger('n', n, 1, MAX_PERMITS);
    let word = Atomics.load(this.#words, this.#word);
    for (;;) {
      if ((word >>> PERMITS_SHIFT) + n > this.#bound) throw this.#overRelease(word, n);
      const next = (word + (n << PERMITS_SHIFT)) & ~(BLOCKED | ASYNC);
      const found = Atomics.compareExchange(this.#words, this.#word, word, next);
      if (found === word) break;
      word = found;
    }
    if ((word & WAITER_BITS) !== 0) this.#afterRelease(word, n);
  }

  #afterRelease(word: number, n: number): void {
    const woken = wake(this.#words, this.cell + GATE, word, n);
    if (woken > 0 || (word & RESERVED) === 0) return;
    // The starving one has given up, as nobody was asleep. Others may have begun to wait because of its reservation,
    // and it would take them LAPSE_MS to notice.
    wake(this.#words, this.cell + GATE, Atomics.and(this.#words, this.#word, ~RESERVED), n);
  }

  #overRelease(word: number, n: number): SyncError {
    const value = word >>> PERMITS_SHIFT;
    return new SyncError(
      'ERR_OVER_RELEASE',
      `${this.label} has ${value} of at most ${this.#bound} permits; release(${n}) would exceed them`,
    );
  }

  /** How many permits there are. */
  get value(): number {
    return Atomics.load(this.#words, this.#word) >>> PERMITS_SHIFT;
  }

  /** @returns kind, number, value and waiters, for people */
  override toString(): string {
    const word = Atomics.load(this.#words, this.#word);
    const bound = this.#bound === MAX_PERMITS ? '' : `/${this.#bound}`;
    return `${this.label} (value=${word >>> PERMITS_SHIFT}${bound}, ${describeWaiters(word)})`;
  }
}

/**
 * A semaphore that never has more permits than at first: Python's `threading.BoundedSemaphore`. A release too many is
 * an error, and changes nothing.
 *
 * @example
 * ```ts
 * import { BoundedSemaphore, SyncError } from 'atomics-sync-free';
 * const slots = new BoundedSemaphore(2);
 * slots.acquire();
 * slots.release();
 * try {
 *   slots.release();
 * } catch (error) {
 *   if (!(error instanceof SyncError)) throw error;
 *   console.log(error.code); // ERR_OVER_RELEASE
 * }
 * ```
 */
export class BoundedSemaphore extends Semaphore {
  /**
   * Makes a bounded semaphore.
   *
   * @param value how many permits there are at first, and at most, 0 … 67,108,863; 1 by default
   * @param options where it shall live
   * @throws TypeError or RangeError when the value or an option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(value?: number, options?: PlaceOptions);
  /** @internal A live object of a semaphore that exists. */
  constructor(place: Place);
  constructor(value: number | Place = 1, options: PlaceOptions = {}) {
    super(value, options, BOUNDED_SEMAPHORE, true);
  }
}
