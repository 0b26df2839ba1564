/**
 * A run of a Parallel: calls are taken from the input in batches, as many as may be under way are handed to the
 * session, and their results are read in order, or as they arrive.
 *
 * ```text
 *  input ──take──▶ slots (in the order of the input) ──submit──▶ session
 *                    │ done                                        │
 *                    ▼                                             │
 *  reader ◀──read── slots that have an outcome ◀──────done─────────┘ which makes room for the next batch
 * ```
 *
 * The first error ends everything: what is under way is given up, and the reader gets the error.
 */
import { SyncError, TimeoutError } from '../../core/errors.js';
import { now } from '../../core/wait/clock.js';
import { Deadline } from '../../core/wait/deadline.js';
import { microtask } from '../../core/wait/turns.js';
import { Arrivals } from './arrivals.js';
import type { BatchOutcome, DelayedCall, ParallelSession, RunningBatch } from './backend.js';
import { BatchSize } from './batch-size.js';
import type { CallInput } from './call-input.js';
import type { ProgressTeller } from './progress.js';
import { taskName, told } from './told.js';

/** The settings of a run. */
interface RunSettings {
  readonly input: CallInput;
  readonly session: ParallelSession;
  /** How many batches run at the same time. */
  readonly nJobs: number;
  /** How many batches may be under way. */
  readonly mostUnderWay: number;
  /** How many calls a batch has; undefined for what is best. */
  readonly batchSize: number | undefined;
  /** How many calls may be under way or unread; undefined for twice what may be under way. */
  readonly maxBuffered: number | undefined;
  readonly ordered: boolean;
  /** How long the reader waits for the next result, in ms. */
  readonly timeout: number;
  readonly progress: ProgressTeller;
  /** Made where the Parallel was called. Its stack is only read for errors: writing it takes as long as ten short calls. */
  readonly calledAt: Error;
  /** Called when it is over, which may be before anybody has it. */
  onEnd(run: Run): void;
}

interface Slot {
  /** The number of its first call. */
  readonly first: number;
  readonly calls: readonly DelayedCall[];
  running: RunningBatch | undefined;
  outcome: BatchOutcome | undefined;
}

type Values = readonly unknown[];

/** How often a blocked reader that takes any batch looks whether one is done, in ms. */
const LOOK_EVERY = 2;

export class Run {
  readonly #settings: RunSettings;
  readonly #size: BatchSize;
  /** The batches that have not been read, in order. */
  readonly #slots = new Arrivals<Slot>();
  /** Those of them that are done, in the order in which they ended. */
  readonly #finished = new Arrivals<Slot>();
  #underWay = 0;
  #unread = 0;
  #dispatched = 0;
  #done = 0;
  #isDispatching = false;
  /** Whether the reader blocks: then nothing else is kept waiting when more is handed out at once. */
  #isBlocked = false;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  #told: (() => void)[] = [];

  constructor(settings: RunSettings) {
    const { session, batchSize, progress } = settings;
    this.#settings = settings;
    this.#size = new BatchSize(session.batches ? batchSize : 1);
    progress.begin();
    if (!this.#isLazy) this.#dispatch();
  }

  /** Whether its input has to be waited for in the event loop. */
  get isAsync(): boolean {
    return this.#settings.input.isAsync;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether calls are made only when a reader asks for a result. */
  get #isLazy(): boolean {
    return this.#settings.session.lazy === true;
  }

  // --- the reader ------------------------------------------------------------------------------------------------------

  /**
   * Blocks until there are results.
   *
   * @returns those of a batch; undefined when all have been read
   * @throws what a call threw, or the input; TimeoutError
   */
  next(): Values | undefined {
    const { ordered, timeout } = this.#settings;
    const begun = now();
    for (;;) {
      const values = this.#read();
      if (values !== WAIT) return values;
      const left = timeout - (now() - begun);
      const oldest = this.#oldest();
      if (left <= 0) this.#fail(this.#late(oldest));
      else this.#block(oldest, ordered ? left : Math.min(left, LOOK_EVERY));
    }
  }

  #block({ running }: Slot, timeout: number): void {
    this.#isBlocked = true;
    try {
      running?.wait(timeout);
    } finally {
      this.#isBlocked = false;
    }
  }

  /** Like `next`, without blocking the agent. */
  async nextAsync(): Promise<Values | undefined> {
    let deadline: Deadline | undefined;
    try {
      for (;;) {
        const values = this.#read();
        if (values !== WAIT) return values;
        deadline ??= new Deadline(this.#settings.timeout);
        if (deadline.passed) this.#fail(this.#slots.size > 0 ? this.#late(this.#oldest()) : this.#lateInput());
        else await this.#toldBy(deadline);
      }
    } finally {
      deadline?.cancel();
    }
  }

  /** Resolved when something has arrived, or the time is up. */
  #toldBy(deadline: Deadline): Promise<void> {
    return new Promise((resolve) => {
      deadline.onPassed = resolve;
      this.#told.push(resolve);
    });
  }

  #read(): Values | undefined | typeof WAIT {
    if (this.#isLazy && this.#slots.size === 0) this.#dispatch();
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
    if (this.#isOver) return undefined;
    const { input } = this.#settings;
    const slot = (this.#settings.ordered ? this.#slots : this.#finished).first;
    if (slot?.outcome === undefined) {
      if (this.#slots.size > 0 || input.isAwaited) return WAIT;
      this.#end();
      this.#settings.progress.end(this.#done);
      return undefined;
    }
    this.#slots.delete(slot);
    this.#finished.delete(slot);
    this.#unread -= slot.calls.length;
    if (!this.#isLazy) this.#dispatch();
    return slot.outcome.values;
  }

  /** The next call of an async input has arrived, or its end. */
  onCame(): void {
    this.#dispatch();
    if (!this.#settings.input.isAwaited) this.#tellReader();
  }

  /** The first batch that is not done: the reader may have to wait for it. */
  #oldest(): Slot {
    for (const slot of this.#slots) if (slot.outcome === undefined) return slot;
    throw new SyncError('ERR_INVARIANT', 'a Parallel waits, and nothing is under way');
  }

  #late(slot: Slot): TimeoutError {
    return new TimeoutError(`${taskName(slot.first, slot.calls, 0)} was not done within ${this.#settings.timeout} ms`);
  }

  #lateInput(): TimeoutError {
    return new TimeoutError(`the input of Parallel yielded no call within ${this.#settings.timeout} ms`);
  }

  // --- the work ---------------------------------------------------------------------------------------------------------

  /** Hands out batches as long as there is room; a batch may be done at once. */
  #dispatch(): void {
    if (this.#isDispatching) return;
    this.#isDispatching = true;
    try {
      while (!this.#isOver && this.#underWay < this.#settings.mostUnderWay && this.#dispatchOne());
    } finally {
      this.#isDispatching = false;
    }
  }

  /** @returns whether there was something to hand out, and room for it */
  #dispatchOne(): boolean {
    const size = Math.min(this.#size.current, this.#room(), this.#fairShare());
    if (size < 1) return false;
    try {
      const { input, batchSize, nJobs } = this.#settings;
      // If no batch size was asked for and a job is idle, a batch that begins now is better than one that is full.
      const calls = input.take(size, batchSize !== undefined || this.#underWay >= nJobs);
      return calls.length > 0 && this.#submit(calls);
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** @returns whether the batch, or a part of it, may be handed out at once */
  #submit(calls: readonly DelayedCall[]): boolean {
    const { session, input } = this.#settings;
    const slot: Slot = { first: this.#dispatched, calls, running: undefined, outcome: undefined };
    this.#add(slot, 1);
    try {
      slot.running = session.submit(calls, (outcome) => this.#receive(slot, outcome));
      return true;
    } catch (error) {
      if (calls.length === 1) {
        this.#fail(this.#explained(error, slot, 0));
        return false;
      }
      // It may be too large as a whole; and if one call cannot be sent, those before it can.
      this.#add(slot, -1);
      this.#size.atMost(Math.floor(calls.length / 2));
      input.putBack(calls);
      return true;
    }
  }

  /** @param sign −1 takes it out again */
  #add(slot: Slot, sign: 1 | -1): void {
    if (sign > 0) this.#slots.add(slot);
    else this.#slots.delete(slot);
    this.#underWay += sign;
    this.#unread += sign * slot.calls.length;
    this.#dispatched += sign * slot.calls.length;
  }

  /** How many calls may be taken ahead of the reader. Unread batches are counted, because their size may grow. */
  #room(): number {
    const { maxBuffered, mostUnderWay } = this.#settings;
    if (maxBuffered !== undefined) return maxBuffered - this.#unread;
    return this.#slots.size < 2 * mostUnderWay ? Infinity : 0;
  }

  /** If it is known how many calls are left, batches get smaller towards the end, so that all jobs end together. */
  #fairShare(): number {
    const { batchSize, nJobs, input } = this.#settings;
    if (batchSize !== undefined || input.total === undefined) return Infinity;
    return Math.max(1, Math.ceil((input.total - this.#dispatched) / (2 * nJobs)));
  }

  #receive(slot: Slot, outcome: BatchOutcome): void {
    slot.outcome = outcome;
    if (this.#isOver) return;
    this.#underWay--;
    const { values, failure, duration } = outcome;
    this.#done += values.length;
    if (failure !== undefined) {
      this.#fail(this.#explained(failure.error, slot, failure.at));
      return;
    }
    this.#finished.add(slot);
    this.#size.completed(slot.calls.length, duration);
    try {
      this.#settings.progress.tell(this.#done, this.#dispatched, this.#settings.input.total);
    } catch (error) {
      this.#fail(error);
    }
    this.#tellReader();
    if (this.#isLazy) return;
    // Results of short calls come as fast as batches are handed out: handing out here would never leave this turn.
    if (this.#isBlocked) this.#dispatch();
    else microtask(() => this.#dispatch());
  }

  #tellReader(): void {
    const told = this.#told;
    this.#told = [];
    for (const tell of told) tell();
  }

  // --- the end ----------------------------------------------------------------------------------------------------------

  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#failure = { error };
    this.forget();
  }

  /** Gives up what is under way. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // From the back: when a running batch is given up, its worker would begin with one that is not given up yet.
    for (const slot of [...this.#slots].reverse()) if (slot.outcome === undefined) slot.running?.cancel();
    this.#slots.clear();
    this.#finished.clear();
    this.#settings.session.close();
    this.#settings.progress.close();
    this.#settings.onEnd(this);
    this.#tellReader();
  }

  /**
   * Called when nobody reads any more.
   *
   * @throws what the input throws as it is closed
   */
  close(): void {
    this.#end();
    this.#settings.input.close();
  }

  /** Like `close`, if what the input throws cannot be reported: besides another error, or in a finalizer. */
  forget(): void {
    try {
      this.close();
    } catch {
      // A loop that is left by an error does not report a second one either.
    }
  }

  /** Its Parallel was disposed of: readers get an error, so that they do not take what they have got for all results. */
  disposed(): void {
    this.#fail(new SyncError('ERR_CLOSED', 'the Parallel was disposed of before all its results were read'));
  }

  #explained(error: unknown, { first, calls }: Slot, at: number | undefined): unknown {
    return told(error, first, calls, at, this.#settings.calledAt);
  }
}

const WAIT = Symbol('wait');
