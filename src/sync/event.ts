/**
 * A flag that agents wait for.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of threads   \ changed, then notified, by set
 *        2  gate of tasks     /
 *        3  word
 *
 *  31 30 29        3     2      1        0
 * +-----+------------+-----+-------+---------+
 * |  0  | generation | SET | ASYNC | BLOCKED |     the generation counts, modulo 2²⁴, how often the flag was set
 * +-----+------------+-----+-------+---------+
 * ```
 *
 * A waiter remembers the generation in which it began. When it finds another, the flag was set in the meantime, even
 * if it has been cleared since: a pulse releases all who waited for it.
 *
 * **No wake is lost.** Who sleeps has, after reading its gate, seen its kind's bit or put it there while the flag was
 * not set; `set` takes both bits out, changes the gates and wakes everybody. So nobody owes anything to others.
 */
import { checkTimeout, refusal, type WaitOptions } from '../core/arguments.js';
import { AsyncQueue } from '../core/async-queue.js';
import { type Kind, PLAIN } from '../core/layout.js';
import { ASYNC, BLOCKED, TASK, TASK_WAITER, THREAD_WAITER } from '../core/owner.js';
import { AGAIN, BUSY, GOT, LOOK, OWN_SHIFT, SLEEP } from '../core/pass.js';
import { type Place, type PlaceOptions, SharedObject } from '../core/shared-object.js';
import { describeWaiters, wake } from '../core/wake.js';

const GATE = 1;
const WORD = 3;

const SET = 1 << 2;
const GENERATION = 1 << 3;
const GENERATION_SHIFT = 3;
const WORD_MASK = 2 ** (24 + GENERATION_SHIFT) - 1;

/** @internal */
export const EVENT: Kind = { name: 'Event', code: 5, gates: 2, role: PLAIN, words: WORD + 1 };

/** The state with which a wait begins: the generation it began in. */
const began = (word: number): number => (word >>> GENERATION_SHIFT) << OWN_SHIFT;

/** One pass of wait; see core/pass.ts. */
export function waitPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  if ((word & SET) !== 0 || word >>> GENERATION_SHIFT !== state >>> OWN_SHIFT) return GOT;
  if ((state & LOOK) !== 0) return BUSY;
  const evidence = (me & TASK) === 0 ? BLOCKED : ASYNC;
  if ((word & evidence) === 0) {
    if (Atomics.compareExchange(words, cell + WORD, word, word | evidence) !== word) return AGAIN;
  }
  return SLEEP;
}

/**
 * A flag that agents wait for: Python's `threading.Event`. A `set` releases all who wait then, even if a `clear` follows at
 * once; how, stands in `sync/event.ts`.
 *
 * @example
 * ```ts
 * import { Event } from 'atomics-sync-free';
 * const ready = new Event();
 * setTimeout(() => ready.set(), 1);
 * console.log(await ready.waitAsync({ timeout: 1000 })); // true
 * ```
 */
export class Event extends SharedObject {
  readonly #words: Int32Array;
  readonly #word: number;
  #tasks: AsyncQueue | undefined;

  /**
   * Makes an event that is not set.
   *
   * @param options where it shall live
   * @throws TypeError when an option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: PlaceOptions);
  /** @internal A live object of an event that exists. */
  constructor(place: Place);
  constructor(where: PlaceOptions | Place = {}) {
    super(EVENT, where);
    this.#words = this.arena.words;
    this.#word = this.cell + WORD;
  }

  /** Whether the flag is set. */
  get isSet(): boolean {
    return (Atomics.load(this.#words, this.#word) & SET) !== 0;
  }

  /** Sets the flag and releases all who wait. Setting it twice is setting it once. */
  set(): void {
    for (;;) {
      const word = Atomics.load(this.#words, this.#word);
      if ((word & SET) !== 0) return;
      const next = ((word + GENERATION) & WORD_MASK & ~(ASYNC | BLOCKED)) | SET;
      if (Atomics.compareExchange(this.#words, this.#word, word, next) === word) {
        wake(this.#words, this.cell + GATE, word, Number.POSITIVE_INFINITY);
        return;
      }
    }
  }

  /** Takes the flag back; who waits from now on waits for the next `set`. */
  clear(): void {
    Atomics.and(this.#words, this.#word, ~SET);
  }

  /**
   * Blocks until the flag is set, or was set since the call.
   *
   * @param timeout the longest wait, in ms; 0 only looks
   * @returns whether it was set in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  wait(timeout = Number.POSITIVE_INFINITY): boolean {
    checkTimeout(timeout);
    const word = Atomics.load(this.#words, this.#word);
    if ((word & SET) !== 0 || timeout === 0) return (word & SET) !== 0;
    return this.arena.block(waitPass, this.cell, 0, this.cell + GATE + THREAD_WAITER, timeout, began(word));
  }

  /**
   * Waits until the flag is set, or was set since the call, without blocking the agent.
   *
   * @param options when to give up
   * @returns whether it was set in time; rejected with the signal's reason as soon as it aborts, and with a TypeError
   *   or RangeError for bad options
   */
  waitAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const word = Atomics.load(this.#words, this.#word);
    if ((word & SET) !== 0) return Promise.resolve(true);
    this.#tasks ??= new AsyncQueue(waitPass, this.#words, this.cell, TASK, this.cell + GATE + TASK_WAITER);
    return this.#tasks.wait(options, began(word));
  }

  /** @returns kind, number, state and waiters, for people */
  override toString(): string {
    const word = Atomics.load(this.#words, this.#word);
    return `${this.label} (${(word & SET) !== 0 ? 'set' : 'unset'}, ${describeWaiters(word)})`;
  }
}
