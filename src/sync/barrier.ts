/**
 * A barrier with the four states of Python's, in one word.
 *
 * ```text
 * cell   0  descriptor
 *        1  gate of threads   \ changed, then notified, whenever the phase changes
 *        2  gate of tasks     /
 *        3  word
 *        4  parties           written once
 *        5, 6  timeout        the default, a 64-bit float in ms; written once
 *
 *  31 30 29    18 17    4 3     2     1        0
 * +-----+--------+-------+-------+-------+---------+
 * |  0  | epoch  | count | phase | ASYNC | BLOCKED |
 * +-----+--------+-------+-------+-------+---------+
 * ```
 *
 * | phase | means | count | left when |
 * |---|---|---|---|
 * | FILLING | parties arrive | have arrived | the last has run its action: DRAINING |
 * | DRAINING | parties leave | have not left | the last leaves: FILLING |
 * | RESETTING | they leave with an error | have not left | the last leaves: FILLING |
 * | BROKEN | they leave with an error | have not left | reset: RESETTING, or FILLING if all have left |
 *
 * Who comes while others leave waits until they have left. So the phase still says how the wait ended when the slowest
 * gets to see it.
 *
 * **No wake is lost.** Who sleeps has, after reading its gate, seen its kind's bit or put it there in a phase that does
 * not let it go on. Whoever changes the phase takes the bits out, changes the gates and wakes everybody.
 *
 * **A party that dies** in `wait` breaks the barrier. Its record says so from before it is counted until after it is
 * not, so it cannot be known whether it was; retiring it sets the count to 0 and begins a new epoch, and those of an
 * earlier epoch leave with an error and without being counted down.
 */
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
import { type Kind, PLAIN } from '../core/layout.js';
import { ASYNC, BLOCKED, TASK, TASK_WAITER, THREAD_WAITER } from '../core/owner.js';
import { AGAIN, BUSY, GOT, LOOK, OWN_SHIFT, SLEEP } from '../core/pass.js';
import { ENTITLED, IDLE, putRecord, RECORD_STATE, setUndo, takeRecord } from '../core/records.js';
import { Place, type PlaceOptions, SharedObject } from '../core/shared-object.js';
import { wake } from '../core/wake.js';

const GATE = 1;
const WORD = 3;
const PARTIES = 4;
const TIMEOUT = 5;

/** @internal */
export const BARRIER: Kind = { name: 'Barrier', code: 7, gates: 2, role: PLAIN, words: TIMEOUT + 2 };

const EVIDENCE = BLOCKED | ASYNC;
const PHASE = 3 << 2;
const FILLING = 0 << 2;
const DRAINING = 1 << 2;
const RESETTING = 2 << 2;
const BROKEN = 3 << 2;
const ONE = 1 << 4;
const COUNT_SHIFT = 4;
const MAX_PARTIES = 2 ** 14 - 1;
const COUNT = MAX_PARTIES << COUNT_SHIFT;
const EPOCH_SHIFT = 18;
const EPOCH = 1 << EPOCH_SHIFT;
const EPOCHS = (2 ** 12 - 1) << EPOCH_SHIFT;

const phaseOf = (word: number): number => word & PHASE;
const countOf = (word: number): number => (word & COUNT) >> COUNT_SHIFT;
const epochOf = (word: number): number => word >> EPOCH_SHIFT;

/** One pass of waiting to be let in; GOT means that it is worth trying. */
export function enterPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  const full = phaseOf(word) === FILLING && countOf(word) === Atomics.load(words, cell + PARTIES);
  if (!full && (phaseOf(word) === FILLING || phaseOf(word) === BROKEN)) return GOT;
  return sleepOn(words, cell, me, state, word);
}

/** One pass of waiting for the others; the state's own part is the epoch in which the caller was counted. */
export function othersPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  if (phaseOf(word) !== FILLING || epochOf(word) !== state >> OWN_SHIFT) return GOT;
  return sleepOn(words, cell, me, state, word);
}

function sleepOn(words: Int32Array, cell: number, me: number, state: number, word: number): number {
  if ((state & LOOK) !== 0) return BUSY;
  const evidence = (me & TASK) === 0 ? BLOCKED : ASYNC;
  if ((word & evidence) === 0) {
    if (Atomics.compareExchange(words, cell + WORD, word, word | evidence) !== word) return AGAIN;
  }
  return SLEEP;
}

/**
 * The barrier is broken, or was reset, while it was waited for: Python's `BrokenBarrierError`.
 *
 * @example
 * ```ts
 * import { Barrier, BrokenBarrierError } from 'atomics-sync-free';
 * const barrier = new Barrier(2);
 * try {
 *   barrier.wait(10);
 * } catch (error) {
 *   if (!(error instanceof BrokenBarrierError)) throw error;
 *   console.log(barrier.broken); // true
 *   barrier.reset();
 * }
 * ```
 */
export class BrokenBarrierError extends SyncError {
  /** `'BrokenBarrierError'` */
  override readonly name = 'BrokenBarrierError';

  /** @param message which barrier */
  constructor(message: string) {
    super('ERR_BROKEN_BARRIER', message);
  }
}

/** What a Barrier is like in the agent that makes it. */
export interface BarrierOptions extends PlaceOptions {
  /** What the last to arrive runs before anybody is let go; only in this agent, since functions cannot be shared. */
  action?: (() => unknown) | undefined;
  /** The longest wait in ms when a call does not say; Infinity by default. It is shared. */
  timeout?: number | undefined;
}

/**
 * A meeting point for a fixed number of parties: Python's `threading.Barrier`. Each waits until all have arrived, then
 * all go on; after that it is ready to be used again.
 *
 * If one gives up, or dies, the barrier is broken for all, until somebody resets it. The algorithm has the four states of
 * Python's barrier, in one word; it stands in `sync/barrier.ts`.
 *
 * @example
 * ```ts
 * import { Barrier } from 'atomics-sync-free';
 * const barrier = new Barrier(2, { timeout: 1000 });
 * console.log(await Promise.all([barrier.waitAsync(), barrier.waitAsync()])); // [ 0, 1 ]
 * ```
 */
export class Barrier extends SharedObject {
  /** How many parties there are. */
  readonly parties: number;
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #timeout: number;
  #action: (() => unknown) | undefined;
  #entering: AsyncQueue | undefined;
  #waiting: AsyncQueue | undefined;

  /**
   * Makes a barrier.
   *
   * @param parties how many must arrive, 1 … 16,383
   * @param options an action, a default timeout, and where it shall live
   * @throws TypeError or RangeError when an argument or option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(parties: number, options?: BarrierOptions);
  /** @internal A live object of a barrier that exists. */
  constructor(place: Place);
  constructor(parties: number | Place, options: BarrierOptions = {}) {
    if (!(parties instanceof Place)) {
      checkInteger('parties', parties, 1, MAX_PARTIES);
      checkOptions(options);
      if (options.timeout !== undefined) checkTimeout(options.timeout);
      if (options.action !== undefined) checkFunction('action', options.action);
    }
    super(BARRIER, parties instanceof Place ? parties : options);
    this.#words = this.arena.words;
    this.#word = this.cell + WORD;
    const timeout = new DataView(this.#words.buffer, this.#words.byteOffset + (this.cell + TIMEOUT) * 4, 8);
    if (!(parties instanceof Place)) {
      this.#action = options.action;
      timeout.setFloat64(0, options.timeout ?? Number.POSITIVE_INFINITY);
      Atomics.store(this.#words, this.cell + PARTIES, parties);
    }
    this.parties = Atomics.load(this.#words, this.cell + PARTIES);
    this.#timeout = timeout.getFloat64(0);
  }

  /** What runs, in this agent, when its party is the last to arrive. Each agent may have its own. */
  get action(): (() => unknown) | undefined {
    return this.#action;
  }

  /**
   * Gives this agent its action, or takes it back.
   *
   * @throws TypeError when it is neither a function nor undefined
   */
  set action(action: (() => unknown) | undefined) {
    if (action !== undefined) checkFunction('action', action);
    this.#action = action;
  }

  /**
   * Blocks until all parties have arrived. Who comes while the last ones leave waits for them first, without limit.
   *
   * @param timeout the longest wait for the others, in ms, by default the barrier's; when it is up, the barrier breaks
   * @returns the caller's place in the order of arrival, 0 … parties − 1
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws BrokenBarrierError when the barrier is broken or breaks, or is reset
   * @throws SyncError `ERR_ARENA_FULL` when there is no room to record the wait; `ERR_BLOCKING_REFUSED` where an agent
   *   must not block
   * @throws what the action throws, in the last to arrive; for the others the barrier breaks
   */
  wait(timeout: number = this.#timeout): number {
    checkTimeout(timeout);
    checkMayBlock();
    const gate = this.cell + GATE + THREAD_WAITER;
    const record = this.#newRecord();
    let entered = this.#enter(record);
    while (entered === undefined) {
      this.arena.block(enterPass, this.cell, 0, gate, Number.POSITIVE_INFINITY);
      entered = this.#enter(record);
    }
    const { index, epoch } = entered;
    let opened = false;
    if (index === this.parties - 1) {
      this.#act(record, epoch);
      opened = this.#open(epoch);
    } else {
      const state = epoch << OWN_SHIFT;
      if (!this.arena.block(othersPass, this.cell, 0, gate, timeout, state) && !this.#giveUp(epoch)) {
        this.arena.block(othersPass, this.cell, 0, gate, Number.POSITIVE_INFINITY, state);
      }
    }
    return this.#leave(record, epoch, index, opened);
  }

  /**
   * Waits until all parties have arrived, without blocking the agent. Several tasks of an agent are several parties.
   * An action that returns a promise is awaited.
   *
   * @param options when to give up; the barrier breaks then
   * @returns the caller's place in the order of arrival, 0 … parties − 1; rejected as `wait` throws, and with the
   *   signal's reason when it aborts
   */
  async waitAsync(options: WaitOptions = {}): Promise<number> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const record = this.#newRecord();
    const { index, epoch } = await this.#enterAsync(record, options.signal);
    let opened = false;
    if (index === this.parties - 1) {
      await this.#actAsync(record, epoch);
      opened = this.#open(epoch);
    } else {
      await this.#othersAsync(record, epoch, options);
    }
    return this.#leave(record, epoch, index, opened);
  }

  async #enterAsync(record: number, signal: AbortSignal | undefined): Promise<Entered> {
    const gate = this.cell + GATE + TASK_WAITER;
    for (;;) {
      const entered = this.#enter(record);
      if (entered !== undefined) return entered;
      this.#entering ??= new AsyncQueue(enterPass, this.#words, this.cell, TASK, gate);
      try {
        await this.#entering.wait({ signal });
      } catch (reason) {
        putRecord(this.arena, record);
        throw reason;
      }
    }
  }

  async #othersAsync(record: number, epoch: number, { timeout = this.#timeout, signal }: WaitOptions): Promise<void> {
    try {
      if ((await this.#waitForOthers(epoch, { timeout, signal })) || this.#giveUp(epoch)) return;
    } catch (reason) {
      // Where all have arrived, this party is still to be counted down once the action has run.
      const over = this.#giveUp(epoch) ? Promise.resolve(true) : this.#waitForOthers(epoch, {});
      over.then(() => this.#endWait(record, epoch));
      throw reason;
    }
    await this.#waitForOthers(epoch, {});
  }

  #waitForOthers(epoch: number, options: WaitOptions): Promise<boolean> {
    const gate = this.cell + GATE + TASK_WAITER;
    this.#waiting ??= new AsyncQueue(othersPass, this.#words, this.cell, TASK, gate);
    return this.#waiting.wait(options, epoch << OWN_SHIFT);
  }

  /**
   * Makes the barrier empty and whole again. Who waits for it gets a BrokenBarrierError.
   */
  reset(): void {
    for (;;) {
      const word = Atomics.load(this.#words, this.#word);
      const phase = phaseOf(word);
      const count = countOf(word);
      // Those that are leaving, or about to, leave as if the call had come a moment later.
      if (phase === DRAINING || phase === RESETTING || (phase === FILLING && count % this.parties === 0)) return;
      if (this.#change(word, count === 0 ? FILLING : RESETTING)) return;
    }
  }

  /** Breaks the barrier: who waits for it, or comes later, gets a BrokenBarrierError, until somebody resets it. */
  abort(): void {
    for (;;) {
      const word = Atomics.load(this.#words, this.#word);
      if (phaseOf(word) === BROKEN || this.#change(word, BROKEN)) return;
    }
  }

  /** How many have arrived and wait for the others. */
  get nWaiting(): number {
    const word = Atomics.load(this.#words, this.#word);
    return phaseOf(word) === FILLING ? countOf(word) : 0;
  }

  /** Whether the barrier is broken. */
  get broken(): boolean {
    return phaseOf(Atomics.load(this.#words, this.#word)) === BROKEN;
  }

  /** @returns kind, number, and how many wait, for people */
  override toString(): string {
    return `${this.label} (${this.broken ? 'broken' : `waiters=${this.nWaiting}/${this.parties}`})`;
  }

  // --- the steps of a wait --------------------------------------------------------------------------------------

  #newRecord(): number {
    const record = takeRecord(this.arena);
    // The evidence of waiters goes, too: whoever retires the dead wakes them all.
    setUndo(this.#words, record, this.#word, EPOCHS, BROKEN, EPOCH);
    return record;
  }

  /** Counts the caller among the arrived; undefined when it has to wait until others have left. */
  #enter(record: number): Entered | undefined {
    Atomics.store(this.#words, record + RECORD_STATE, ENTITLED);
    for (;;) {
      const word = Atomics.load(this.#words, this.#word);
      if (phaseOf(word) === BROKEN) {
        putRecord(this.arena, record);
        throw this.#brokenError();
      }
      if (phaseOf(word) !== FILLING || countOf(word) === this.parties) {
        Atomics.store(this.#words, record + RECORD_STATE, IDLE);
        return undefined;
      }
      if (Atomics.compareExchange(this.#words, this.#word, word, word + ONE) === word) {
        return { index: countOf(word), epoch: epochOf(word) };
      }
    }
  }

  #act(record: number, epoch: number): void {
    try {
      this.#action?.();
    } catch (error) {
      this.#fail(record, epoch);
      throw error;
    }
  }

  async #actAsync(record: number, epoch: number): Promise<void> {
    try {
      await this.#action?.();
    } catch (error) {
      this.#fail(record, epoch);
      throw error;
    }
  }

  /** The action has failed: breaks the barrier for the others. */
  #fail(record: number, epoch: number): void {
    this.#endPhase(epoch, BROKEN);
    this.#endWait(record, epoch);
  }

  /**
   * All have arrived: lets them go.
   *
   * @returns false when the barrier was broken or reset meanwhile
   */
  #open(epoch: number): boolean {
    return this.#endPhase(epoch, DRAINING);
  }

  /** @returns false when the phase had ended already */
  #endPhase(epoch: number, next: number): boolean {
    for (;;) {
      const word = Atomics.load(this.#words, this.#word);
      if (epochOf(word) !== epoch || phaseOf(word) !== FILLING) return false;
      if (this.#change(word, next)) return true;
    }
  }

  /** @returns false when all have arrived in the last moment, and it is for the last one's action to end the wait */
  #giveUp(epoch: number): boolean {
    for (;;) {
      const word = Atomics.load(this.#words, this.#word);
      if (epochOf(word) !== epoch || phaseOf(word) !== FILLING) return true;
      if (countOf(word) === this.parties) return false;
      if (this.#change(word, BROKEN)) return true;
    }
  }

  /** Who opened the barrier has passed it, as in Python, even if it is broken before the others have left. */
  #leave(record: number, epoch: number, index: number, opened: boolean): number {
    const passed = this.#endWait(record, epoch) || opened;
    if (!passed) throw this.#brokenError();
    return index;
  }

  /** @returns whether the wait has ended well */
  #endWait(record: number, epoch: number): boolean {
    const phase = this.#countDown(epoch);
    putRecord(this.arena, record);
    return phase === DRAINING;
  }

  /** @returns the phase in which the caller has left */
  #countDown(epoch: number): number {
    for (;;) {
      const word = Atomics.load(this.#words, this.#word);
      if (epochOf(word) !== epoch) return BROKEN;
      const phase = phaseOf(word);
      const last = countOf(word) === 1 && phase !== BROKEN;
      const left = last
        ? this.#change(word, FILLING, ONE)
        : Atomics.compareExchange(this.#words, this.#word, word, word - ONE) === word;
      if (left) return phase;
    }
  }

  /** Changes the phase, if the word is what it was, and wakes everybody. */
  #change(word: number, phase: number, minus = 0): boolean {
    const next = ((word - minus) & ~(PHASE | EVIDENCE)) | phase;
    if (Atomics.compareExchange(this.#words, this.#word, word, next) !== word) return false;
    wake(this.#words, this.cell + GATE, word, Number.POSITIVE_INFINITY);
    return true;
  }

  #brokenError(): BrokenBarrierError {
    return new BrokenBarrierError(`${this.label} is broken, or was reset while waited for; reset() makes it whole`);
  }
}

/** A party that has been counted. */
interface Entered {
  readonly index: number;
  readonly epoch: number;
}
