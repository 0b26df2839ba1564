/**
 * A flag that agents wait for.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of blocked agents   \ changed, then notified, by set
 *        2  gate of tasks            /
 *        3  word
 *
 *  31 30 29        3     2      1        0
 * +-----+------------+-----+-------+---------+
 * |  0  | generation | SET | ASYNC | BLOCKED |     the generation counts, modulo 2²⁴, how often the flag was set
 * +-----+------------+-----+-------+---------+
 * ```
 *
 * A waiter remembers the generation in which it began. If it finds a different one, the flag was set in the meantime, even
 * if it has been cleared since: a pulse releases all its waiters.
 *
 * **The invariant.** A waiter sleeps only after it has read its gate and then, while the flag was not set, seen or set its
 * kind's waiter bit; `set` clears both bits, changes the gates and wakes everybody. So no waiter owes another a wake-up.
 *
 * The generation wraps: a waiter would have to sleep through exactly 2²⁴ pulses, each of which wakes it, to miss them.
 */
import { checkFields, checkTimeout, type WaitOptions } from '../core/arguments.js';
import { GATE, type Kind, PLAIN } from '../core/memory/cells.js';
import { EVENT_CODE } from '../core/memory/codes.js';
import { ASYNC, BLOCKED, waiterKind } from '../core/memory/owner.js';
import { PLACE_FIELDS, Place, type PlaceOptions } from '../core/share/place.js';
import { SharedObject } from '../core/share/shared-object.js';
import { AGAIN, BUSY, GOT, LOOK, leaveEvidence, OWN_SHIFT, SLEEP } from '../core/wait/pass.js';
import { Waiting } from '../core/wait/waiting.js';
import { describeWaiters, wake } from '../core/wait/wake.js';

const GATES = 2;
const WORD = GATE + GATES;
/** Words in a cell. A separate constant, because bundlers never treat a class with arithmetic in a static field as unused. */
const WORDS = WORD + 1;

const SET = 1 << 2;
const GENERATION = 1 << 3;
const GENERATION_SHIFT = 3;
const WORD_MASK = 2 ** (24 + GENERATION_SHIFT) - 1;

/** The initial state of a wait: the generation in which it began. */
const began = (word: number): number => (word >>> GENERATION_SHIFT) << OWN_SHIFT;

/** One pass of wait; see core/wait/pass.ts. */
function waitPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  if ((word & SET) !== 0 || word >>> GENERATION_SHIFT !== state >>> OWN_SHIFT) return GOT;
  if ((state & LOOK) !== 0) return BUSY;
  return leaveEvidence(words, cell + WORD, word, BLOCKED << waiterKind(me)) ? SLEEP : AGAIN;
}

/**
 * A flag that agents wait for: Python's `threading.Event`. A `set` releases all current waiters, even if a `clear` follows
 * at once; `sync/event.ts` explains how.
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
  /** @internal */
  static override readonly kind: Kind = { name: 'Event', code: EVENT_CODE, gates: GATES, role: PLAIN, words: WORDS };
  readonly #waiting: Waiting;
  readonly #words: Int32Array;
  readonly #word: number;

  /**
   * Makes an event whose flag is not set.
   *
   * @param options where it lives
   * @throws TypeError when an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: PlaceOptions);
  /** @internal A live object for an existing event. */
  constructor(place: Place);
  constructor(where: PlaceOptions | Place = {}) {
    if (!(where instanceof Place)) checkFields('Event', where, PLACE_FIELDS);
    super(where);
    const { member } = this.arena;
    this.#waiting = new Waiting(this, member, waitPass, this.cell, this.cell + GATE);
    this.#words = member.words;
    this.#word = this.cell + WORD;
  }

  /** Whether the flag is set. */
  get isSet(): boolean {
    return (Atomics.load(this.#words, this.#word) & SET) !== 0;
  }

  /** Sets the flag and releases all waiters. Has no effect if the flag is already set. */
  set(): void {
    for (;;) {
      const word = Atomics.load(this.#words, this.#word);
      if ((word & SET) !== 0) return;
      const next = ((word + GENERATION) & WORD_MASK & ~(ASYNC | BLOCKED)) | SET;
      if (Atomics.compareExchange(this.#words, this.#word, word, next) === word) {
        wake(this.#waiting.member, this.cell + GATE, word, Infinity);
        return;
      }
    }
  }

  /** Clears the flag; from now on, waiters wait for the next `set`. */
  clear(): void {
    Atomics.and(this.#words, this.#word, ~SET);
  }

  /**
   * Blocks until the flag is set, or has been set since the call.
   *
   * @param timeout the longest wait, in ms; 0 only looks
   * @returns whether it was set in time
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed; `ERR_RETIRED` when it
   *   would have to wait and this agent was taken for dead
   */
  wait(timeout = Infinity): boolean {
    checkTimeout(timeout);
    const word = Atomics.load(this.#words, this.#word);
    return (word & SET) !== 0 || this.#waiting.wait(timeout, began(word));
  }

  /**
   * Waits until the flag is set, or has been set since the call, without blocking the agent.
   *
   * @param options when to give up
   * @returns whether it was set in time; rejected with the signal's reason as soon as it aborts, with a TypeError or
   *   RangeError for bad options, and with `ERR_RETIRED` when it would have to wait and this agent was taken for dead
   */
  waitAsync(options: WaitOptions = {}): Promise<boolean> {
    return this.#waiting.waitAsync(options, began(Atomics.load(this.#words, this.#word)));
  }

  /** @returns kind, number, state and waiters, for human readers */
  override toString(): string {
    const word = Atomics.load(this.#words, this.#word);
    return `${this.label} (${(word & SET) !== 0 ? 'set' : 'unset'}, ${describeWaiters(word)})`;
  }
}
