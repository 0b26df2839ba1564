/**
 * A Parallel at work: calls are taken from the input in batches, as many as may be under way are handed to the session, and
 * what comes of them is read in order, or as it comes.
 *
 * ```text
 *  input ──take──▶ slots (in the order of the input) ──submit──▶ session
 *                    │ done                                        │
 *                    ▼                                             │
 *  reader ◀──read── slots that have an outcome ◀──────done─────────┘ which makes room for the next batch
 * ```
 *
 * The first error ends it all: what is under way is given up, and the reader gets the error.
 */
import { SyncError, TimeoutError } from '../../core/errors.js';
import { now } from '../../core/wait/clock.js';
import { inTime } from '../../multiprocessing/pool/in-time.js';
import { WorkerDiedError } from '../../tasks/died.js';
import { shortened } from '../shortened.js';
import type { BatchOutcome, DelayedCall, ParallelSession, RunningBatch } from './backend.js';
import { BatchSize } from './batch-size.js';
import { nameOf } from './delayed.js';
import type { ProgressTeller } from './progress.js';

/** How a run goes on. */
export interface RunSettings {
  readonly input: Iterator<DelayedCall>;
  /** How many calls there are, if that is known. */
  readonly total: number | undefined;
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
  /** Where the Parallel was called, for errors. */
  readonly calledAt: string;
}

interface Slot {
  /** The number of its first call. */
  readonly first: number;
  readonly calls: readonly DelayedCall[];
  running: RunningBatch | undefined;
  outcome: BatchOutcome | undefined;
}

type Values = readonly unknown[];

/** A blocked reader for whom any batch will do looks so often whether there is one, in ms. */
const LOOK_EVERY = 2;

export class Run {
  readonly #settings: RunSettings;
  readonly #size: BatchSize;
  /** Those that have not been read, in order. */
  readonly #slots = new Set<Slot>();
  /** Of these, those that are done, as they came. */
  #finished: Slot[] = [];
  #underWay = 0;
  #unread = 0;
  #dispatched = 0;
  #done = 0;
  #total: number | undefined;
  #isDispatching = false;
  /** Whether the reader blocks, so that nothing is kept waiting by handing out more at once. */
  #isBlocked = false;
  #isOver = false;
  #failure: { readonly error: unknown } | undefined;
  #told: (() => void)[] = [];

  constructor(settings: RunSettings) {
    const { session, batchSize, total, progress } = settings;
    this.#settings = settings;
    this.#size = new BatchSize(session.batches ? batchSize : 1);
    this.#total = total;
    progress.begin();
    this.#dispatch();
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

  /** As `next`, without blocking the agent. */
  async nextAsync(): Promise<Values | undefined> {
    const { timeout } = this.#settings;
    const begun = now();
    for (;;) {
      const values = this.#read();
      if (values !== WAIT) return values;
      const left = timeout - (now() - begun);
      if (left <= 0) this.#fail(this.#late(this.#oldest()));
      else await inTime((tell) => this.#told.push(tell), left);
    }
  }

  #read(): Values | undefined | typeof WAIT {
    if (this.#failure !== undefined) {
      const { error } = this.#failure;
      this.#failure = undefined;
      throw error;
    }
    if (this.#isOver) return undefined;
    const slot = this.#settings.ordered ? this.#slots.values().next().value : this.#finished[0];
    if (slot?.outcome === undefined) {
      if (this.#slots.size > 0) return WAIT;
      this.#end();
      this.#settings.progress.end(this.#done);
      return undefined;
    }
    this.#slots.delete(slot);
    this.#finished = this.#finished.filter((each) => each !== slot);
    this.#unread -= slot.calls.length;
    this.#dispatch();
    return slot.outcome.values;
  }

  /** The first that the reader may have to wait for. */
  #oldest(): Slot {
    for (const slot of this.#slots) if (slot.outcome === undefined) return slot;
    throw new SyncError('ERR_INVARIANT', 'a Parallel waits, and nothing is under way');
  }

  #late(slot: Slot): TimeoutError {
    return new TimeoutError(`${this.#nameOf(slot, 0)} was not done within ${this.#settings.timeout} ms`);
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

  /** @returns whether there was something to be handed out, and room for it */
  #dispatchOne(): boolean {
    const { session } = this.#settings;
    const size = Math.min(this.#size.current, this.#room(), this.#fairShare());
    if (size < 1) return false;
    let slot: Slot | undefined;
    try {
      const calls = this.#take(size);
      if (calls.length === 0) return false;
      const taken: Slot = { first: this.#dispatched, calls, running: undefined, outcome: undefined };
      slot = taken;
      this.#slots.add(slot);
      this.#underWay++;
      this.#unread += calls.length;
      this.#dispatched += calls.length;
      slot.running = session.submit(calls, (outcome) => this.#receive(taken, outcome));
      return true;
    } catch (error) {
      this.#fail(slot === undefined ? error : this.#explained(error, slot, undefined));
      return false;
    }
  }

  /** How many calls may be taken ahead of the reader. Batches that are not read are counted, for their size may grow. */
  #room(): number {
    const { maxBuffered, mostUnderWay } = this.#settings;
    if (maxBuffered !== undefined) return maxBuffered - this.#unread;
    return this.#slots.size < 2 * mostUnderWay ? Infinity : 0;
  }

  /** Where it is known how many calls are left, batches get smaller towards the end, so that all jobs end together. */
  #fairShare(): number {
    const { batchSize, nJobs } = this.#settings;
    if (batchSize !== undefined || this.#total === undefined) return Infinity;
    return Math.max(1, Math.ceil((this.#total - this.#dispatched) / (2 * nJobs)));
  }

  #take(size: number): DelayedCall[] {
    const calls: DelayedCall[] = [];
    while (calls.length < size) {
      const { done, value } = this.#settings.input.next();
      if (done) {
        this.#total = this.#dispatched + calls.length;
        break;
      }
      if (typeof value !== 'object' || !Array.isArray(value?.args))
        throw new TypeError('Parallel runs what delayed(f)(…args) returns');
      calls.push(value);
    }
    return calls;
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
    this.#finished.push(slot);
    this.#size.completed(slot.calls.length, duration);
    try {
      this.#settings.progress.tell(this.#done, this.#dispatched, this.#total);
    } catch (error) {
      this.#fail(error);
    }
    this.#tellReader();
    // Results of short calls come as fast as batches are handed out: the turn of the event loop would have no end.
    if (this.#isBlocked) this.#dispatch();
    else queueMicrotask(() => this.#dispatch());
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
    this.#end();
  }

  /** Gives up what is under way. */
  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    for (const slot of this.#slots) if (slot.outcome === undefined) slot.running?.cancel();
    this.#slots.clear();
    this.#finished = [];
    this.#settings.session.close();
    this.#settings.progress.close();
    this.#settings.input.return?.();
    this.#tellReader();
  }

  /** Nobody reads any more. */
  close(): void {
    this.#end();
  }

  /** Which call it was: the one at that place of the batch, or one of the batch. */
  #nameOf({ first, calls }: Slot, at: number | undefined): string {
    const call = calls[at ?? 0];
    const which =
      at !== undefined || calls.length === 1
        ? `task ${first + (at ?? 0)}`
        : `one of tasks ${first} … ${first + calls.length - 1}`;
    return `${which} of Parallel, ${nameOf(call)}(${shortened(call.args)})`;
  }

  /** @returns the error, whose stack tells which call it was, and where the Parallel was called */
  #explained(error: unknown, slot: Slot, at: number | undefined): unknown {
    if (!(error instanceof Error)) return error;
    const name = this.#nameOf(slot, at);
    const stack = `${error.stack}\n    in ${name}\n${this.#settings.calledAt}`;
    Object.defineProperty(error, 'stack', { value: stack, configurable: true, writable: true });
    // Its message is ours, and says nothing of the call.
    if (error instanceof WorkerDiedError) error.message += `; it was busy with ${name}`;
    return error;
  }
}

const WAIT = Symbol('wait');
