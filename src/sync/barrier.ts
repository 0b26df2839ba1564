/**
 * A barrier with the four states of Python's: barrier-word.ts has the state, this file what waits for it.
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
 * `wait`: (1) take a record, which says from before the caller is counted until after it is not that its death breaks the
 * barrier; (2) be counted, or (3) wait until the parties of the round before have left, and try again; then (4) the last to
 * arrive runs its action and opens the barrier, (5) the others wait for that, or (6) give up and break it; (7) be counted
 * down. Whoever comes while others leave waits until they have left, so the phase still says how the wait ended when the
 * slowest gets to see it.
 *
 * **The invariant.** A waiter sleeps only after it has read its gate and then, in a phase that does not let it go on, seen
 * or set its kind's waiter bit. Whoever changes the phase takes the bits out, changes the gates and wakes everybody.
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

/** Parties that have been let go leave within so many ms, unless their event loops are busy. */
const LEAVE_MS = 10;

const GATES = 2;
const WORD = GATE + GATES;
const PARTIES = WORD + 1 + UNDO_WORDS;
const TIMEOUT = PARTIES + 1;
/** Of a cell. A constant of its own: for bundlers, a class that adds up in a static field is never unused. */
const WORDS = TIMEOUT + 2;

/** One pass of waiting to be let in; GOT means that it is worth trying. */
function enterPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  const parties = Atomics.load(words, cell + PARTIES);
  return isOpen(word, parties) || phaseOf(word) === BROKEN ? GOT : sleepOn(words, cell, me, state, word);
}

/** One pass of waiting for the others; the state's own part is the epoch in which the caller was counted. */
function othersPass(words: Int32Array, cell: number, me: number, state: number): number {
  const word = Atomics.load(words, cell + WORD);
  return isFilling(word, state >> OWN_SHIFT) ? sleepOn(words, cell, me, state, word) : GOT;
}

function sleepOn(words: Int32Array, cell: number, me: number, state: number, word: number): number {
  if ((state & LOOK) !== 0) return BUSY;
  return leaveEvidence(words, cell + WORD, word, BLOCKED << waiterKind(me)) ? SLEEP : AGAIN;
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
  /**
   * What the last to arrive runs before anybody is let go; only in this agent, since functions cannot be shared. See
   * {@link Barrier.action}.
   */
  action?: (() => unknown) | undefined;
  /** The longest wait in ms when a call does not say; Infinity by default. It is shared. */
  timeout?: number | undefined;
}

const FIELDS: Fields<BarrierOptions> = { arena: true, name: true, action: true, timeout: true };

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
  /** @internal */
  static override readonly kind: Kind = {
    name: 'Barrier',
    code: BARRIER_CODE,
    gates: GATES,
    role: PLAIN,
    words: WORDS,
  };
  /** How many parties there are. */
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
    // Both wait on one gate, for different things: a task that enters must not keep those from leaving for whom it waits.
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

  /** @internal The longest wait in ms when a call does not say. */
  get timeout(): number {
    return this.#timeout;
  }

  /** @internal */
  override errorOf(code: ErrorCode, message: string): SyncError {
    return code === 'ERR_BROKEN_BARRIER' ? new BrokenBarrierError(message) : super.errorOf(code, message);
  }

  /**
   * What runs, in this agent, when its party is the last to arrive. Each agent may have its own. Nobody passes before it is
   * over; it may end the round otherwise:
   *
   * - What it throws breaks the barrier, and so does `abort`, or the death of its agent: the others get a
   *   BrokenBarrierError at once.
   * - `reset` changes nothing, as all have arrived.
   * - What it blocks for must not be held by a party that has arrived: by RLocks, RWLocks and the like that is a dead-lock, which
   *   ends by a DeadlockError in one of them.
   * - It must not wait for its own end: `wait` throws `ERR_SELF_DEADLOCK` in this agent as long as it runs, and so does
   *   `waitAsync` if the action is awaited and calls it before it awaits anything. What is called later cannot be told
   *   from what another task calls for the next round: it waits until somebody calls `abort`, or its signal aborts.
   */
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
   *   must not block; `ERR_SELF_DEADLOCK` while its action runs in this agent, and where tasks of this agent are still to
   *   leave
   * @throws DeadlockError where those of another agent are still to leave that waits for this one
   * @throws what the action throws, and TypeError when it returns a promise, in the last to arrive; for the others the
   *   barrier breaks
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
      const state = epoch << OWN_SHIFT;
      if (!this.#others.block(timeout, state) && !this.#giveUp(epoch)) this.#others.block(Infinity, state);
    }
    return this.#leave(record, epoch, index, opened);
  }

  /**
   * Waits until all parties have arrived, without blocking the agent. Several tasks of an agent are several parties.
   * An action that returns a promise is awaited.
   *
   * @param options when to give up; the barrier breaks then
   * @returns the caller's place in the order of arrival, 0 … parties − 1; rejected as `wait` throws, where its action
   *   runs if that calls this before it awaits anything, and with the signal's reason when it aborts
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
      // At that very moment, so that of the tasks that wait behind this one no more are let in than there is room for.
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
      // Where all have arrived, this party is still to be counted down once the action has run.
      const over = this.#giveUp(epoch) ? Promise.resolve(true) : this.#waitForOthers(epoch, {});
      over.then(() => this.#endWait(record, epoch));
      throw reason;
    }
    await this.#waitForOthers(epoch, {});
  }

  #waitForOthers(epoch: number, options: WaitOptions): Promise<boolean> {
    return this.#others.waitAsync(options, epoch << OWN_SHIFT);
  }

  /**
   * Makes the barrier empty and whole again. Who waits for it gets a BrokenBarrierError.
   */
  reset(): void {
    this.#update(reset(this.parties));
  }

  /** Breaks the barrier: who waits for it, or comes later, gets a BrokenBarrierError, until somebody resets it. */
  abort(): void {
    this.#update(abort);
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

  /**
   * Changes the word, and wakes everybody when that ends a phase.
   *
   * @returns the word before the change, or the one that there was nothing to change in
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

  /** Counts the caller among the arrived; undefined when it has to wait until others have left. */
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
   * Blocks until the parties of the round before have left. Tasks of this agent among them cannot while it blocks; as they would
   * have left soon, it looks for them only after a while. Those of others that wait for this agent are found by its observer.
   *
   * @throws SyncError `ERR_SELF_DEADLOCK` when there are any of its own
   * @throws what the observer ends it with
   */
  #blockForLeavers(record: number): void {
    const { member } = this.arena;
    // In a model nobody looks after others, and a wait that ends by itself would be one more way to go on.
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

  #leaversError(): SyncError {
    return this.errorOf(
      'ERR_SELF_DEADLOCK',
      `tasks of this agent are still to leave ${this.label}, and cannot while it blocks; use waitAsync()`,
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

  /** The action has failed: breaks the barrier for the others. */
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

  /** @returns false when all have arrived in the last moment, and it is for the last one's action to end the wait */
  #giveUp(epoch: number): boolean {
    const { before, changed } = this.#update(giveUp(epoch, this.parties));
    return changed || !isFilling(before, epoch);
  }

  /** Who opened the barrier has passed it, as in Python, even if it is broken before the others have left. */
  #leave(record: number, epoch: number, index: number, opened: boolean): number {
    const passed = this.#endWait(record, epoch) || opened;
    if (!passed) throw this.#brokenError();
    return index;
  }

  /** @returns whether the wait has ended well */
  #endWait(record: number, epoch: number): boolean {
    const { before, changed } = this.#update(leave(epoch));
    putRecord(this.arena.member, record);
    return changed && phaseOf(before) === DRAINING;
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
