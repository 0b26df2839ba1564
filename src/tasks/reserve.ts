/**
 * The reserve, as seen by its agent: workers that have run a thread, are as they were before it, and wait for the next.
 * Only the agent in which the program began has one. Each worker runs functions of only one module.
 *
 * ```text
 *  agent ──order: shared memory, or a message──▶ worker in its berth
 *        ◀──outcome: shared memory; memory, ended, by message──
 * ```
 */
import { processors, supervises, takeStock } from '#host';
import { mayBlock } from '../core/wait/sleep.js';
import { Berth, ROOM } from '../host/berth.js';
import { type Line, lineOver } from '../host/line.js';
import type { Entry } from '../host/roll.js';
import type { Notice } from '../host/spawner.js';
import type { Call } from './call.js';
import type { Job } from './job.js';
import type { BerthEnd, Letter } from './order.js';
import { newOutcome, resetOutcome } from './outcome.js';
import type { Parcel } from './parcels.js';

/** The default size is the number of processors, within these bounds; each worker takes about 10 MB. */
const LEAST = 4;
const MOST = 8;

/** How long to wait for a worker whose thread has just ended, in ms: about as long as it takes to start another. */
const START_MS = 20;
/** How long to wait for it when another is ready, in ms: about as long as it takes to wake one. */
const WAKE_MS = 0.2;

/** The greatest number of workers in the reserve; none by default on hosts that do not report what functions leave behind. */
let size = takeStock === undefined ? 0 : Math.min(Math.max(processors(), LEAST), MOST);

/** Returns, and optionally sets, the size of the reserve. */
export function reserveOf(workers: number = size): number {
  const before = size;
  size = workers;
  return before;
}

/** A worker of the reserve, or one that may join it. */
export class Bunk {
  readonly #line: Line;
  readonly #berth: Berth;
  /** The worker's end. */
  readonly end: BerthEnd;
  /** Where outcomes go. */
  readonly outcome = newOutcome();
  /** The port from which the worker's messages can be taken synchronously. */
  readonly port: MessagePort;
  /** The last job that it was given. */
  job: Job | undefined;
  /** The function that it called last, and the memory of its arguments: the worker has both, so they need not be sent again. */
  #call: Call;
  #memory: Parcel['memory'];
  /** The kind of live objects that it has learnt for arguments. */
  #rarer: Parcel['rarer'];
  /** The job that has ended but still keeps the worker busy: nobody waits for it a second time. */
  #lasting: Job | undefined;

  /**
   * @param origin what the worker has from its start: it takes orders that need just that
   * @param letter the function that it calls first, with its arguments
   * @param entry the thread of that call
   * @param hear called with what it sends
   */
  constructor(
    readonly origin: string,
    letter: Letter,
    entry: Entry,
    hear: (notice: Notice) => void,
  ) {
    this.#call = letter.call;
    this.#memory = letter.args.memory;
    this.#rarer = letter.args.rarer;
    const { port1, port2 } = new MessageChannel();
    this.#berth = new Berth(entry);
    this.end = { buffer: this.#berth.buffer, port: port2 };
    this.port = port1;
    this.#line = lineOver(port1, (notice) => hear(notice as Notice));
  }

  get isOver(): boolean {
    return this.#berth.isOver;
  }

  /** Whether it has ended, and nothing of its last thread remains to be read. */
  get isSpent(): boolean {
    return this.isOver && (this.job === undefined || this.job.settle());
  }

  /** Whether it rests, and nothing of its last thread remains to be read. */
  get isReady(): boolean {
    return this.#berth.isResting && (this.job === undefined || this.job.settle());
  }

  /**
   * Waits for it, if its last thread has ended.
   *
   * @param ms how long, in ms
   */
  isSoonReady(ms: number): boolean {
    if (this.isReady) return true;
    const { job } = this;
    if (!this.#berth.isBusy || job?.isRunning !== false || job === this.#lasting) return false;
    this.#berth.awaitRest(ms);
    if (this.#berth.isBusy) this.#lasting = job;
    return this.isReady;
  }

  /** @returns false when the worker no longer takes orders */
  give(entry: Entry, call: Call, args: Parcel): boolean {
    resetOutcome(this.outcome);
    const { bytes, memory, rarer = this.#rarer } = args;
    const sameMemory = memory.length > 0;
    const fits =
      bytes.length <= ROOM &&
      isSame(call, this.#call) &&
      (!sameMemory || isSame(memory, this.#memory)) &&
      rarer?.home === this.#rarer?.home;
    // Sent first, because a woken worker takes it immediately.
    if (!fits) this.#line.send({ call, args } satisfies Letter);
    const isGiven = this.#berth.give(entry, fits ? { bytes, sameMemory } : undefined);
    if (isGiven && fits && !supervises) this.#line.send(undefined);
    this.#call = call;
    this.#memory = memory;
    this.#rarer = rarer;
    return isGiven;
  }

  /** Requests a message at the end of the thread that it is running. */
  ask(): void {
    this.#berth.ask();
  }

  dismiss(): void {
    this.#berth.dismiss();
    if (!supervises) this.#line.send(undefined);
    this.port.close();
  }
}

/** Whether two calls are of the same function, or two lists contain the same memory. */
function isSame<Kind extends Call | Parcel['memory']>(one: Kind, other: Kind): boolean {
  if (one === other) return true;
  const values = Object.values(other);
  const own = Object.values(one);
  return own.length === values.length && own.every((value, at) => value === values[at]);
}

/** @param bunks the most recently found one comes first */
function choose(bunks: Bunk[]): Bunk | undefined {
  const ready = bunks.find(({ isReady }) => isReady);
  if (!mayBlock()) return ready;
  if (ready === undefined) return bunks.find((bunk) => bunk.isSoonReady(START_MS));
  // If threads are started one after another, the first has just ended one, and is awake.
  return bunks[0].isSoonReady(WAKE_MS) ? bunks[0] : ready;
}

export class Reserve {
  /** The most recently found one comes first. */
  #bunks: Bunk[] = [];

  /** @returns a worker with this origin that is ready, or soon will be */
  find(origin: string): Bunk | undefined {
    // One that has ended is kept until everything it sent has been read.
    this.#bunks = this.#bunks.filter((bunk) => !bunk.isSpent);
    while (this.#living > size && this.#dismissOne());
    const fitting = this.#bunks.filter((bunk) => bunk.origin === origin);
    const found = choose(fitting);
    if (found !== undefined) this.#bunks = [found, ...this.#bunks.filter((bunk) => bunk !== found)];
    return found;
  }

  /** @returns whether there is room for one more, if necessary in place of a resting one */
  hasRoom(): boolean {
    return this.#living < size || (size > 0 && this.#dismissOne());
  }

  add(bunk: Bunk): void {
    this.#bunks.unshift(bunk);
  }

  /** How many of its workers have not ended. */
  get #living(): number {
    return this.#bunks.filter(({ isOver }) => !isOver).length;
  }

  /** Dismisses the resting worker that has been unused for longest. */
  #dismissOne(): boolean {
    const bunk = this.#bunks.filter(({ isReady }) => isReady).at(-1);
    if (bunk === undefined) return false;
    this.#bunks.splice(this.#bunks.indexOf(bunk), 1);
    bunk.dismiss();
    return true;
  }

  /** The ports of all of its workers. */
  get ports(): MessagePort[] {
    return this.#bunks.map(({ port }) => port);
  }
}
