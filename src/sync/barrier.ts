/**
 * A barrier with the four states of Python's: barrier-word.ts has the state, this file the waiting.
 *
 * ```text
 * cell   0     descriptor
 *        1     gate of blocked agents   \ changed, then notified, whenever the phase changes
 *        2     gate of tasks            /
 *        3     word                     see barrier-word.ts
 *        4..6  undo                     what a party's death does to the word: see core/memory/records.ts
 *        7     parties                  written once
 *        8, 9  timeout                  the default, a 64-bit float in ms; written once
 * ```
 *
 * `wait`: (1) take a record, which says that the caller's death breaks the barrier, from before the caller is counted until
 * after it is counted down; (2) be counted, or (3) wait until the parties of the previous round have left, and try again;
 * then (4) the last to arrive runs its action and opens the barrier, (5) the others wait for that, or (6) give up and break
 * it; (7) be counted down. A party that arrives while others are leaving waits until they have left, so the phase still
 * says how the wait ended when the slowest of them reads it.
 *
 * **The invariant.** A waiter sleeps only after it has read its gate and then, in a phase that does not let it proceed, seen
 * or set its kind's waiter bit. The agent that changes the phase clears the bits, changes the gates and wakes everybody.
 */
import {
  checkFields,
  checkFunction,
  checkInteger,
  checkNoPromise,
  checkTimeout,
  type Fields,
  refusal,
  type WaitOptions,
} from '../core/arguments.js';
import { type ErrorCode, SyncError } from '../core/errors.js';
import { GATE, type Kind, PLAIN } from '../core/memory/cells.js';
import { BARRIER_CODE } from '../core/memory/codes.js';
import { BLOCKED, waiterKind } from '../core/memory/owner.js';
import {
  ENTITLED,
  IDLE,
  noteActor,
  noteParty,
  partiesOf,
  putRecord,
  setState,
  setUndo,
  takeRecord,
  UNDO_WORDS,
} from '../core/memory/records.js';
import { Place, type PlaceOptions } from '../core/share/place.js';
import { SharedObject } from '../core/share/shared-object.js';
import { checkMayBlock } from '../core/wait/block.js';
import { AGAIN, BUSY, GOT, LOOK, leaveEvidence, OWN_SHIFT, SLEEP } from '../core/wait/pass.js';
import { Waiting } from '../core/wait/waiting.js';
import { wake } from '../core/wait/wake.js';
import { act, actAsync, isActing, isCalledByAction } from './barrier-action.js';
import {
  abort,
  arrive,
  BROKEN,
  countOf,
  DEATH_ADDS,
  DEATH_KEEPS,
  DEATH_SETS,
  DRAINING,
  EVIDENCE,
  endFilling,
  epochOf,
  FILLING,
  giveUp,
  isFilling,
  isOpen,
  leave,
  MAX_PARTIES,
  phaseOf,
  reset,
  type Transition,
} from './barrier-word.js';

/** Released parties leave within this many ms, unless their event loops are busy. */
const LEAVE_MS = 10;

const GATES = 2;
const WORD = GATE + GATES;
const PARTIES = WORD + 1 + UNDO_WORDS;
const TIMEOUT = PARTIES + 1;
/** Words in a cell. A separate constant, because bundlers never treat a class with arithmetic in a static field as unused. */
const WORDS = TIMEOUT + 2;

/** One pass of waiting to enter; GOT means that it is worth trying. */
function enterPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  const parties = Atomics.load(words, cell + PARTIES);
  return isOpen(word, parties) || phaseOf(word) === BROKEN ? GOT : sleepOn(words, cell, me, state, word);
}

/** One pass of waiting for the others; the pass-specific part of the state is the epoch in which the caller was counted. */
function othersPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  return isFilling(word, state >> OWN_SHIFT) ? sleepOn(words, cell, me, state, word) : GOT;
}

function sleepOn(words: Int32Array, cell: number, me: number, state: number, word: number): number {
  if ((state & LOOK) !== 0) return BUSY;
  return leaveEvidence(words, cell + WORD, word, BLOCKED << waiterKind(me)) ? SLEEP : AGAIN;
}

/**
 * The barrier is broken, or was reset while the caller waited: Python's `BrokenBarrierError`.
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

/** Options of a new Barrier. */
export interface BarrierOptions extends PlaceOptions {
  /**
   * What the last party to arrive runs before any is released; only in this agent, since functions cannot be shared. See
   * {@link Barrier.action}.
   */
  action?: (() => unknown) | undefined;
  /** The longest wait in ms for calls that do not give one; Infinity by default. It is shared by all agents. */
  timeout?: number | undefined;
}

const FIELDS: Fields<BarrierOptions> = { arena: true, name: true, action: true, timeout: true };

/**
 * A meeting point for a fixed number of parties: Python's `threading.Barrier`. Each waits until all have arrived, then all
 * proceed, and the barrier can be used again.
 *
 * If one gives up or dies, the barrier is broken for all until it is reset. The algorithm has the four states of Python's
 * barrier, in one word; see `sync/barrier.ts`.
 *
 * @example
 * ```ts
 * import { Barrier } from 'atomics-sync-free';
 * const barrier = new Barrier(2, { timeout: 1000 });
 * console.log(await Promise.all([barrier.waitAsync(), barrier.waitAsync()])); // [ 0, 1 ]
 * ```
 */
export class Barrier extends SharedObject {
  /** @internal */
  static override readonly kind: Kind = {
    name: 'Barrier',
    code: BARRIER_CODE,
    gates: GATES,
    role: PLAIN,
    words: WORDS,
  };
  /** The number of parties. */
  readonly parties: number;
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #timeout: number;
  readonly #entering: Waiting;
  readonly #others: Waiting;
  #action: (() => unknown) | undefined;

  /**
   * Makes a barrier.
   *
   * @param parties how many must arrive, 1 … 16,383
   * @param options an action, a default timeout, and where it lives
   * @throws TypeError or RangeError when an argument or option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(parties: number, options?: BarrierOptions);
  /** @internal A live object for an existing barrier. */
  constructor(place: Place);
  constructor(parties: number | Place, options: BarrierOptions = {}) {
    if (!(parties instanceof Place)) {
      checkInteger('parties', parties, 1, MAX_PARTIES);
      checkFields('Barrier', options, FIELDS);
      if (options.timeout !== undefined) checkTimeout(options.timeout);
      if (options.action !== undefined) checkFunction('action', options.action);
    }
    super(parties instanceof Place ? parties : options);
    const { member } = this.arena;
    const { words } = member;
    const gate = this.cell + GATE;
    this.#words = words;
    this.#word = this.cell + WORD;
    // Both wait on one gate, for different things: an entering task must not hold up the leaving parties that it waits for.
    this.#entering = new Waiting(this, member, enterPass, this.cell, gate, { key: -gate });
    this.#others = new Waiting(this, member, othersPass, this.cell, gate);
    const timeout = new DataView(words.buffer, words.byteOffset + (this.cell + TIMEOUT) * 4, 8);
    if (!(parties instanceof Place)) {
      this.#action = options.action;
      timeout.setFloat64(0, options.timeout ?? Infinity);
      Atomics.store(words, this.cell + PARTIES, parties);
      setUndo(words, this.#word, DEATH_KEEPS, DEATH_SETS, DEATH_ADDS);
    }
    this.parties = Atomics.load(words, this.cell + PARTIES);
    this.#timeout = timeout.getFloat64(0);
  }

  /** @internal The longest wait in ms for calls that do not give one. */
  get timeout(): number {
    return this.#timeout;
  }

  /** @internal */
  override errorOf(code: ErrorCode, message: string): SyncError {
    return code === 'ERR_BROKEN_BARRIER' ? new BrokenBarrierError(message) : super.errorOf(code, message);
  }

  /**
   * What runs in this agent when its party is the last to arrive. Each agent may have its own. Nobody passes the barrier
   * before it has finished. Other outcomes, and limits:
   *
   * - If it throws, its agent dies, or anybody calls `abort`, the barrier breaks: the others get a BrokenBarrierError at once.
   * - `reset` has no effect, because all have arrived.
   * - It must not block for anything that an arrived party holds: with RLocks, RWLocks and the like that is a deadlock,
   *   which ends with a DeadlockError in the one that began to wait last. The barrier breaks, unless the action catches it.
   * - It must not wait for its own end: `wait` throws `ERR_SELF_DEADLOCK` in this agent while it runs, and so does
   *   `waitAsync` if the action is awaited and calls it before it awaits anything. A later call cannot be distinguished
   *   from another task's call for the next round: it waits until somebody calls `abort`, or its signal aborts.
   */
  get action(): (() => unknown) | undefined {
    return this.#action;
  }

  /**
   * Sets or removes this agent's action.
   *
   * @throws TypeError when the value is neither a function nor undefined
   */
  set action(action: (() => unknown) | undefined) {
    if (action !== undefined) checkFunction('action', action);
    this.#action = action;
  }

  /**
   * Blocks until all parties have arrived. If parties of the previous round are still leaving, first waits for them, without limit.
   *
   * @param timeout the longest wait for the others, in ms, by default the barrier's; when it expires, the barrier breaks
   * @returns the caller's place in the order of arrival, 0 … parties − 1
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws BrokenBarrierError when the barrier is broken or breaks, or is reset
   * @throws SyncError `ERR_ARENA_FULL` when there is no room to record the wait; `ERR_BLOCKING_REFUSED` where an agent must
   *   not block; `ERR_SELF_DEADLOCK` while the action runs in this agent, and when tasks of this agent have yet to leave;
   *   `ERR_RETIRED` when this agent was taken for dead
   * @throws DeadlockError when the action, or an agent whose tasks have yet to leave, waits for what this agent holds. If it
   *   is the action, the barrier breaks
   * @throws in the last to arrive, what the action throws, and TypeError when it returns a promise; for the others the barrier breaks
   */
  wait(timeout: number = this.#timeout): number {
    checkTimeout(timeout);
    if (isActing(this.arena.member, this.cell)) throw this.#selfError();
    checkMayBlock(this);
    const record = this.#newRecord();
    let entered = this.#enter(record);
    while (entered === undefined) {
      this.#blockForLeavers(record);
      entered = this.#enter(record);
    }
    const { index, epoch } = entered;
    let opened = false;
    if (index === this.parties - 1) {
      this.#act(record, epoch);
      opened = this.#open(epoch);
    } else {
      this.#blockForOthers(record, epoch, timeout);
    }
    return this.#leave(record, epoch, index, opened);
  }

  /**
   * Waits until all parties have arrived, without blocking the agent. Each task of an agent is a party of its own. If the
   * action returns a promise, it is awaited.
   *
   * @param options when to give up, which breaks the barrier
   * @returns the caller's place in the order of arrival, 0 … parties − 1; rejected as `wait` throws, with `ERR_SELF_DEADLOCK`
   *   only if a running action calls this before it awaits anything; and with the signal's reason when it aborts
   */
  async waitAsync(options: WaitOptions = {}): Promise<number> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    if (isCalledByAction(this.arena.member, this.cell)) throw this.#selfError();
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
    let entered = this.#enter(record);
    while (entered === undefined) {
      let refused: unknown;
      // At that very moment, so that no more of the tasks waiting behind this one are admitted than there is room for.
      const onOpen = (): void => {
        try {
          entered = this.#enter(record);
        } catch (error) {
          refused = error;
        }
      };
      try {
        await this.#entering.waitAsync({ signal }, 0, onOpen);
      } catch (reason) {
        putRecord(this.arena.member, record);
        throw reason;
      }
      if (refused !== undefined) throw refused;
    }
    return entered;
  }

  async #othersAsync(record: number, epoch: number, { timeout = this.#timeout, signal }: WaitOptions): Promise<void> {
    try {
      if ((await this.#waitForOthers(epoch, { timeout, signal })) || this.#giveUp(epoch)) return;
    } catch (reason) {
      // If all have arrived, this party has yet to be counted down once the action has run.
      const over = this.#giveUp(epoch) ? Promise.resolve(true) : this.#waitForOthers(epoch, {});
      over.then(() => this.#endWait(record, epoch));
      throw reason;
    }
    await this.#waitForOthers(epoch, {});
  }

  #waitForOthers(epoch: number, options: WaitOptions): Promise<boolean> {
    return this.#others.waitAsync(options, epoch << OWN_SHIFT);
  }

  /** Makes the barrier empty and whole again. Its waiters get a BrokenBarrierError. */
  reset(): void {
    this.#update(reset(this.parties));
  }

  /** Breaks the barrier: present and later waiters get a BrokenBarrierError until it is reset. */
  abort(): void {
    this.#update(abort);
  }

  /** The number of parties that have arrived and are waiting for the others. */
  get nWaiting(): number {
    const word = Atomics.load(this.#words, this.#word);
    return phaseOf(word) === FILLING ? countOf(word) : 0;
  }

  /** Whether the barrier is broken. */
  get broken(): boolean {
    return phaseOf(Atomics.load(this.#words, this.#word)) === BROKEN;
  }

  /** @returns kind, number and number of waiters, for human readers */
  override toString(): string {
    return `${this.label} (${this.broken ? 'broken' : `waiters=${this.nWaiting}/${this.parties}`})`;
  }

  // --- the steps of a wait --------------------------------------------------------------------------------------

  /**
   * Changes the word, and wakes everybody when that ends a phase.
   *
   * @returns the word before the change, or the word in which there was nothing to change
   */
  #update(transition: Transition): { readonly before: number; readonly changed: boolean } {
    for (;;) {
      const before = Atomics.load(this.#words, this.#word);
      const next = transition(before);
      if (next === undefined) return { before, changed: false };
      if (Atomics.compareExchange(this.#words, this.#word, before, next) !== before) continue;
      if ((before & ~next & EVIDENCE) !== 0) wake(this.arena.member, this.cell + GATE, before, Infinity);
      return { before, changed: true };
    }
  }

  #newRecord(): number {
    return takeRecord(this.arena.member, this.#word);
  }

  /** Counts the caller as arrived; undefined when it has to wait until others have left. */
  #enter(record: number): Entered | undefined {
    setState(this.#words, record, ENTITLED);
    const { before, changed } = this.#update(arrive(this.parties));
    if (changed) {
      if (this.arena.member.vigil !== undefined) noteParty(this.#words, record, before);
      return { index: countOf(before), epoch: epochOf(before) };
    }
    if (phaseOf(before) === BROKEN) {
      putRecord(this.arena.member, record);
      throw this.#brokenError();
    }
    setState(this.#words, record, IDLE);
    return undefined;
  }

  /**
   * Blocks until the parties of the previous round have left. Tasks of this agent among them cannot leave while it blocks;
   * because they would otherwise have left soon, it checks for them only after a while. Tasks of other agents that wait for
   * this one are found by its observer.
   *
   * @throws SyncError `ERR_SELF_DEADLOCK` when tasks of its own have yet to leave
   * @throws what the observer ends the wait with
   */
  #blockForLeavers(record: number): void {
    const { member } = this.arena;
    // In a model nobody watches over others, and a wait that ends by itself would be one more path to explore.
    if (member.vigil === undefined) {
      this.#entering.block(Infinity);
      return;
    }
    if (this.#entering.block(LEAVE_MS)) return;
    try {
      if (partiesOf(this.#words, this.#word).includes(member.agent)) throw this.#leaversError();
      this.#entering.block(Infinity);
    } catch (error) {
      putRecord(member, record);
      throw error;
    }
  }

  /** @throws DeadlockError when the action waits for what this agent holds; that breaks the barrier */
  #blockForOthers(record: number, epoch: number, timeout: number): void {
    const state = epoch << OWN_SHIFT;
    try {
      if (!this.#others.block(timeout, state) && !this.#giveUp(epoch)) this.#others.block(Infinity, state);
    } catch (error) {
      // An agent that was retired has nothing here any more.
      if (error instanceof SyncError && error.code === 'ERR_DEADLOCK') this.#fail(record, epoch);
      throw error;
    }
  }

  #leaversError(): SyncError {
    return this.errorOf(
      'ERR_SELF_DEADLOCK',
      `tasks of this agent have yet to leave ${this.label}, and cannot while the agent blocks; use waitAsync()`,
    );
  }

  #act(record: number, epoch: number): void {
    if (this.#action === undefined) return;
    this.#noteActor(record);
    try {
      checkNoPromise(act(this.arena.member, this.cell, this.#action), 'action', 'waitAsync');
    } catch (error) {
      this.#fail(record, epoch);
      throw error;
    }
  }

  async #actAsync(record: number, epoch: number): Promise<void> {
    if (this.#action === undefined) return;
    this.#noteActor(record);
    try {
      await actAsync(this.arena.member, this.cell, this.#action);
    } catch (error) {
      this.#fail(record, epoch);
      throw error;
    }
  }

  #noteActor(record: number): void {
    if (this.arena.member.vigil !== undefined) noteActor(this.#words, record);
  }

  #selfError(): SyncError {
    return this.errorOf('ERR_SELF_DEADLOCK', `the action of ${this.label} would wait for its own end`);
  }

  /** The action has failed, or waits for this party: breaks the barrier for the others. */
  #fail(record: number, epoch: number): void {
    this.#update(endFilling(epoch, BROKEN));
    this.#endWait(record, epoch);
  }

  /**
   * All have arrived: lets them go.
   *
   * @returns false when the barrier was broken or reset meanwhile
   */
  #open(epoch: number): boolean {
    return this.#update(endFilling(epoch, DRAINING)).changed;
  }

  /** @returns false when all have arrived at the last moment, so that the last one's action ends the wait */
  #giveUp(epoch: number): boolean {
    const { before, changed } = this.#update(giveUp(epoch, this.parties));
    return changed || !isFilling(before, epoch);
  }

  /** The party that opened the barrier has passed it, as in Python, even if it is broken before the others have left. */
  #leave(record: number, epoch: number, index: number, opened: boolean): number {
    const passed = this.#endWait(record, epoch) || opened;
    if (!passed) throw this.#brokenError();
    return index;
  }

  /** @returns whether the wait succeeded */
  #endWait(record: number, epoch: number): boolean {
    const { before, changed } = this.#update(leave(epoch));
    putRecord(this.arena.member, record);
    return changed && phaseOf(before) === DRAINING;
  }

  #brokenError(): BrokenBarrierError {
    return new BrokenBarrierError(
      `${this.label} is broken, or was reset during the wait; reset() makes it usable again`,
    );
  }
}

/** A party that has been counted. */
interface Entered {
  readonly index: number;
  readonly epoch: number;
}
