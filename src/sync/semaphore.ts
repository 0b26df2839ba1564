/**
 * A counting semaphore, after Go's runtime semaphore (take by compare-and-swap, else announce yourself, look again and
 * sleep), with waiter bits in the word instead of a count of waiters: a dead waiter leaves nothing to undo.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of blocked agents   \ changed, then notified, by release
 *        2  gate of tasks            /
 *        3  word
 *        4..9  seats                 \ see core/memory/tally.ts
 *       10  bound                    / the most permits there may be; written once
 *
 *  31 30 29   24 23     4    3          2         1        0
 * +-----+-------+---------+----------+----------+-------+---------+
 * |  0  | marks | permits | STARVING | STARVING | ASYNC | BLOCKED |     bits as in core/memory/owner.ts, marks as in
 * |     |       |         | task     | agent    |       |         |     core/memory/tally.ts
 * +-----+-------+---------+----------+----------+-------+---------+
 * ```
 *
 * **The invariant.** A waiter sleeps only after it has read its gate and then, while there was no permit for it, seen or
 * set its kind's waiter bit; only a release clears the bit, and that release changes the gate and notifies as many blocked
 * agents as it has permits, and all tasks.
 *
 * **Fairness.** A waiter that was passed over for STARVING_MS sets its kind's STARVING bit; then permits go to woken
 * waiters of that kind, one for each bit set. Others respect that for LAPSE_MS.
 *
 * **Death.** A permit that is held (`hold`, `run`, and their async forms) belongs to the agent, which tallies it, and comes
 * back when the agent dies. One acquired by a bare call belongs to nobody: many programs release what another agent
 * acquired, so that acquiring receives a signal and releasing sends one. The bare calls keep the marks as they are.
 */
import { checkFields, checkInteger, checkTimeout, refusal, type WaitOptions } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { GATE, type Kind, PLAIN } from '../core/memory/cells.js';
import { BOUNDED_SEMAPHORE_CODE, SEMAPHORE_CODE } from '../core/memory/codes.js';
import {
  ASYNC,
  BLOCKED,
  BLOCKED_WAITER,
  STARVING,
  STARVING_TASK,
  WAITER_BITS,
  waiterKind,
} from '../core/memory/owner.js';
import { refusalOf } from '../core/memory/slots.js';
import { NOT_NOW, SEATS, Tally } from '../core/memory/tally.js';
import { PLACE_FIELDS, Place, type PlaceOptions } from '../core/share/place.js';
import { giveWay } from '../core/wait/block.js';
import {
  AGAIN,
  BUSY,
  GOT,
  LAPSED,
  LAST,
  LOOK,
  leaveEvidence,
  OWN_SHIFT,
  type Pass,
  SLEEP,
  SLEEP_BRIEFLY,
  SLEPT,
  STARVED,
} from '../core/wait/pass.js';
import { mayBlock } from '../core/wait/sleep.js';
import { Waiting } from '../core/wait/waiting.js';
import { describeWaiters, wake, wakeBlocked } from '../core/wait/wake.js';
import { AsyncAcquirable } from './acquirable.js';

const GATES = 2;
const WORD = GATE + GATES;
const FIRST_SEAT = WORD + 1;
const BOUND = FIRST_SEAT + SEATS;
/** Words in a cell. A separate constant, because bundlers never treat a class with arithmetic in a static field as unused. */
const WORDS = BOUND + 1;

const PERMITS_SHIFT = 4;
const PERMIT = 1 << PERMITS_SHIFT;
const RESERVED = STARVING | STARVING_TASK;

/** The most permits that fit into a word. */
const MAX_PERMITS = 2 ** 20 - 1;
const PERMITS = MAX_PERMITS << PERMITS_SHIFT;
const permitsIn = (word: number): number => (word & PERMITS) >> PERMITS_SHIFT;

/** The pass-specific bit of the state: the permit is to be held, not acquired by a bare call. */
const HOLDS = 1 << OWN_SHIFT;

/**
 * One pass of acquire; see core/wait/pass.ts.
 *
 * @param tally what the agent holds, if it wants to hold one more
 */
export function acquirePass(words: Int32Array, cell: number, me: number, state: number, tally: Tally): number {
  const word = Atomics.load(words, cell + WORD);
  const kind = waiterKind(me);
  const looks = (state & LOOK) !== 0;

  if ((word & PERMITS) !== 0 && mayTake(word, kind, state)) {
    // The reservation is used up. If it has lapsed, its claimant may be gone; if not, it will ask again.
    const used = (state & LAPSED) === 0 ? STARVING << kind : RESERVED;
    // One blocked agent is woken for each permit, so the woken one sets the bit for those still asleep. Tasks are all woken.
    const owed = kind === BLOCKED_WAITER && (state & SLEPT) !== 0 ? BLOCKED : 0;
    const next = ((word - PERMIT) & ~used) | owed;
    const answer =
      (state & HOLDS) !== 0
        ? tally.take(word, next)
        : Atomics.compareExchange(words, cell + WORD, word, next) === word
          ? GOT
          : AGAIN;
    // Several releases may have come while it woke, and only the first saw the bit.
    if (answer === GOT && owed !== 0 && (next & PERMITS) !== 0) wakeBlocked(words, cell + GATE, 1);
    if (answer !== NOT_NOW) return answer;
    // All seats are taken, for a moment. A waiter whose time is up leaves the permit to another that sleeps.
    if (looks) return BUSY;
    if ((state & LAST) !== 0) wakeBlocked(words, cell + GATE, 1);
  }

  if (looks) return (word & PERMITS) === 0 ? BUSY : SLEEP;

  const evidence = (BLOCKED << kind) | ((state & STARVED) === 0 ? 0 : STARVING << kind);
  if (!leaveEvidence(words, cell + WORD, word, evidence)) return AGAIN;
  return (word & PERMITS) !== 0 ? SLEEP_BRIEFLY : SLEEP;
}

/** Whether a waiter may take one of the available permits. */
function mayTake(word: number, kind: number, state: number): boolean {
  // A waiter whose time is up will not sleep again, so it takes what is there.
  if ((word & RESERVED) === 0 || (state & (LAPSED | LAST)) !== 0) return true;
  return (word & (STARVING << kind)) !== 0 && (state & SLEPT) !== 0;
}

/**
 * A counter of permits that agents acquire and release: Python's `threading.Semaphore`.
 *
 * A release may raise it above its initial value; where that would be a mistake, use a BoundedSemaphore. Any agent may release. It
 * is unfair for a millisecond and fair from then on. The algorithm is modelled on Go's runtime semaphore; see `sync/semaphore.ts`.
 *
 * @example
 * ```ts
 * import { Semaphore } from 'atomics-sync-free';
 * const connections = new Semaphore(3);
 * console.log(connections.run(() => connections.value)); // 2
 * ```
 */
export class Semaphore extends AsyncAcquirable {
  /** @internal */
  static override readonly kind: Kind = {
    name: 'Semaphore',
    code: SEMAPHORE_CODE,
    gates: GATES,
    role: PLAIN,
    words: WORDS,
  };
  readonly #waiting: Waiting;
  readonly #tally: Tally;
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #bound: number;

  /**
   * Makes a semaphore.
   *
   * @param value the initial number of permits, 0 … 1,048,575; 1 by default
   * @param options where it lives
   * @throws TypeError or RangeError when the value or an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(value?: number, options?: PlaceOptions);
  /** @internal A live object for an existing semaphore. */
  constructor(place: Place);
  /** @internal For BoundedSemaphore. */
  constructor(value: number | Place, options: PlaceOptions, bounded: boolean);
  constructor(value: number | Place = 1, options: PlaceOptions = {}, bounded = false) {
    if (!(value instanceof Place)) {
      checkInteger('value', value, 0, MAX_PERMITS);
      checkFields(new.target.kind.name, options, PLACE_FIELDS);
    }
    super(value instanceof Place ? value : options);
    const { member } = this.arena;
    const tally = new Tally(member, this.cell + WORD, this.cell + FIRST_SEAT, PERMIT);
    const acquire: Pass = (words, cell, me, state) => acquirePass(words, cell, me, state, tally);
    this.#waiting = new Waiting(this, member, acquire, this.cell, this.cell + GATE);
    this.#tally = tally;
    this.#words = member.words;
    this.#word = this.cell + WORD;
    if (!(value instanceof Place)) {
      Atomics.store(this.#words, this.cell + BOUND, bounded ? value : MAX_PERMITS);
      Atomics.store(this.#words, this.#word, value << PERMITS_SHIFT);
    }
    this.#bound = Atomics.load(this.#words, this.cell + BOUND);
  }

  /** @internal */
  protected override get waiting(): Waiting {
    return this.#waiting;
  }

  /**
   * Blocks until there is a permit, and takes it.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it got one in time
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed; `ERR_RETIRED` when it
   *   would have to wait and this agent was taken for dead
   */
  override acquire(timeout = Infinity): boolean {
    const word = Atomics.load(this.#words, this.#word);
    const takes = typeof timeout === 'number' && timeout > 0 && (word & PERMITS) !== 0 && (word & RESERVED) === 0;
    if (takes && Atomics.compareExchange(this.#words, this.#word, word, word - PERMIT) === word) return true;
    return this.#waiting.wait(timeout);
  }

  /**
   * Releases permits, and wakes as many waiters.
   *
   * @param n how many, 1 … 1,048,575; 1 by default
   * @throws TypeError or RangeError when n is not an integer from 1 to 1,048,575
   * @throws SyncError `ERR_OVER_RELEASE` when there would be more than the bound; nothing is changed
   */
  override release(n = 1): void {
    if (n !== 1) checkInteger('n', n, 1, MAX_PERMITS);
    let word = Atomics.load(this.#words, this.#word);
    for (;;) {
      if (permitsIn(word) + n > this.#bound) throw this.#overRelease(word, n);
      const next = (word + (n << PERMITS_SHIFT)) & ~(BLOCKED | ASYNC);
      const found = Atomics.compareExchange(this.#words, this.#word, word, next);
      if (found === word) break;
      word = found;
    }
    if ((word & WAITER_BITS) !== 0) this.#afterRelease(word, n);
  }

  #afterRelease(word: number, n: number): void {
    const { member } = this.#waiting;
    const woken = wake(member, this.cell + GATE, word, n);
    if (woken > 0 || (word & RESERVED) === 0) return;
    // Nobody was asleep, so the starving waiter has given up. Others may have begun to wait because of its reservation, and
    // would need LAPSE_MS to notice.
    wake(member, this.cell + GATE, Atomics.and(this.#words, this.#word, ~RESERVED), n);
  }

  #overRelease(word: number, n: number): SyncError {
    const value = permitsIn(word);
    return new SyncError(
      'ERR_OVER_RELEASE',
      `${this.label} has ${value} of at most ${this.#bound} permits; release(${n}) would exceed them`,
    );
  }

  // --- what is held ---------------------------------------------------------------------------------------------

  /** @internal */
  protected override acquireToHold(timeout: number): boolean {
    const word = Atomics.load(this.#words, this.#word);
    const takes = typeof timeout === 'number' && timeout > 0 && (word & PERMITS) !== 0 && (word & RESERVED) === 0;
    if (takes && this.#tally.take(word, word - PERMIT) === GOT) return true;
    return this.#acquireToHoldSlowly(timeout);
  }

  #acquireToHoldSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    // A caller that cannot wait for a permit needs no record of it.
    const inVain = (timeout === 0 || !mayBlock()) && this.value === 0;
    const refused = inVain ? undefined : this.#tally.prepare();
    if (refused !== undefined) throw refused;
    return this.#waiting.wait(timeout, HOLDS);
  }

  /** @internal */
  protected override acquireToHoldAsync(options: WaitOptions): Promise<boolean> {
    const bad = refusal(options);
    if (bad !== undefined) return bad;
    const refused = this.#tally.prepare();
    if (refused !== undefined) return Promise.reject(refused);
    return this.#tally.keptDuring(() => this.#waiting.waitAsync(options, HOLDS));
  }

  /** @internal */
  protected override releaseByTask(): void {
    this.releaseBlocking();
  }

  /**
   * @internal Releases one permit that is held.
   * @throws SyncError `ERR_RETIRED` when the agent was taken for dead, and the permit with it: others may have had it since
   */
  override releaseBlocking(): void {
    const { member } = this.#waiting;
    for (let tries = 0; this.#tally.count > 0; tries++) {
      const word = Atomics.load(this.#words, this.#word);
      if (permitsIn(word) + 1 > this.#bound) throw this.#overRelease(word, 1);
      const answer = this.#tally.give(word, (word + PERMIT) & ~(BLOCKED | ASYNC));
      if (answer === NOT_NOW) giveWay(member, tries);
      if (answer !== GOT) continue;
      if ((word & WAITER_BITS) !== 0) this.#afterRelease(word, 1);
      return;
    }
    const refused = refusalOf(member.words, member.agent);
    if (refused !== undefined) throw refused;
  }

  /** @internal The most permits there may be. */
  get bound(): number {
    return this.#bound;
  }

  /** The number of available permits. */
  get value(): number {
    return permitsIn(Atomics.load(this.#words, this.#word));
  }

  /** @returns kind, number, value and waiters, for human readers */
  override toString(): string {
    const word = Atomics.load(this.#words, this.#word);
    const bound = this.#bound === MAX_PERMITS ? '' : `/${this.#bound}`;
    return `${this.label} (value=${permitsIn(word)}${bound}, ${describeWaiters(word)})`;
  }
}

/**
 * A semaphore that never has more permits than its initial value: Python's `threading.BoundedSemaphore`. One release too
 * many is an error and changes nothing.
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
  /** @internal */
  static override readonly kind: Kind = {
    name: 'BoundedSemaphore',
    code: BOUNDED_SEMAPHORE_CODE,
    gates: GATES,
    role: PLAIN,
    words: WORDS,
  };

  /**
   * Makes a bounded semaphore.
   *
   * @param value the initial and greatest number of permits, 0 … 1,048,575; 1 by default
   * @param options where it lives
   * @throws TypeError or RangeError when the value or an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(value?: number, options?: PlaceOptions);
  /** @internal A live object for an existing semaphore. */
  constructor(place: Place);
  constructor(value: number | Place = 1, options: PlaceOptions = {}) {
    super(value, options, true);
  }
}
