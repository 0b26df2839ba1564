/** A function that a worker calls, and what has come of it, as the agent knows it that has asked for the call. */
import { endWays } from '../core/memory/ways.js';
import type { Entry, Roll } from '../host/roll.js';
import type { ForeignWorker, Stream } from '../host/settings.js';
import type { Notice, Request } from '../host/spawner.js';
import { deathOf, loadingFailed } from './failure.js';
import { claimTelling, hasOutcome, needsMemory, type Outcome, readOutcome } from './outcome.js';
import { parcels } from './parcel.js';
import type { Parcel } from './parcels.js';

/** What a job needs of the agent that it is of. */
export interface Owner {
  readonly roll: Roll;
  send(request: Request): void;
  /** Takes the notices that have come. */
  drain(): void;
  /** Has a job told something. */
  hear(notice: Notice): void;
}

/** The call that a job is for. */
interface Subject {
  readonly name: string;
  readonly args: Parcel;
  readonly outcome: SharedArrayBuffer;
}

/** Who is told about the job. */
interface Listeners {
  readonly onOutput?: ((text: string, stream: Stream) => void) | undefined;
  readonly onEnded?: (() => void) | undefined;
}

export class Job {
  readonly #owner: Owner;
  readonly #subject: Subject;
  readonly #listeners: Listeners;
  /** The worker, where the user's code has made it. */
  adopted: ForeignWorker | undefined;
  #buffers: readonly SharedArrayBuffer[] | undefined;
  #outcome: Outcome | undefined;
  #hasEnded = false;
  /** Whether its memory serves another job by now. */
  #isSettled = false;
  /** Whether its end and what has come of it are known. In Deno, where the one is told after the other, both orders occur. */
  isOver = false;

  /** @param entry where it is on the roll */
  constructor(
    owner: Owner,
    readonly entry: Entry,
    readonly daemon: boolean,
    subject: Subject,
    listeners: Listeners,
  ) {
    this.#owner = owner;
    this.#subject = subject;
    this.#listeners = listeners;
  }

  /** Whether it is on the roll. */
  get isRunning(): boolean {
    return this.#owner.roll.has(this.entry);
  }

  /** Whether what has come of it is written; the worker ends next. */
  get isDone(): boolean {
    return hasOutcome(this.#subject.outcome);
  }

  /** @returns what has come of it, once it has ended; undefined when this agent has yet to be told how it died */
  outcome(): Outcome | undefined {
    this.#outcome ??= this.#read();
    if (this.#outcome !== undefined) return this.#outcome;
    this.#owner.drain();
    this.#outcome ??= this.#read();
    return this.#outcome;
  }

  #read(): Outcome | undefined {
    const { outcome, args } = this.#subject;
    if (!hasOutcome(outcome) || (needsMemory(outcome) && this.#buffers === undefined)) return undefined;
    try {
      return readOutcome(outcome, parcels, args.memory, this.#buffers ?? []);
    } catch (error) {
      // Such as when an arena has no slot for this agent.
      return { kind: 'threw', error };
    }
  }

  /**
   * Reads what has come of it, since its memory is to serve another job.
   *
   * @returns false when this agent has yet to be told of it
   */
  settle(): boolean {
    if (!this.isOver && this.outcome() !== undefined) this.#owner.hear({ kind: 'ended', ident: this.entry.ident });
    this.#isSettled = this.isOver;
    return this.isOver;
  }

  hear(notice: Notice): void {
    if (notice.kind === 'output') this.#listeners.onOutput?.(notice.text, notice.stream);
    else if (notice.kind === 'memory') this.#buffers = notice.buffers;
    else if (notice.kind === 'died') this.#fail(deathOf(this.#subject.name, notice.exit));
    else if (notice.kind === 'failed') this.#fail(loadingFailed(notice.why, notice.cause));
    else if (notice.kind === 'ended') this.#hasEnded = true;
    if (!this.#hasEnded || this.isOver) return;
    this.#outcome ??= this.#read();
    if (this.#outcome === undefined) return;
    this.isOver = true;
    // A worker of the reserve may have ended before it took them: its spawner knows those of the first order only.
    endWays(this.#subject.args.ways ?? []);
    this.#listeners.onEnded?.();
  }

  #fail(error: Error): void {
    // It may have died after its function was over.
    this.#outcome ??= this.#read() ?? { kind: 'threw', error };
  }

  /** @returns whether the caller is the one to tell of an error that nobody has asked for */
  claimTelling(): boolean {
    return this.#isSettled || claimTelling(this.#subject.outcome);
  }

  /** Gives up a delayed one. @returns whether it has not begun */
  cancel(): boolean {
    const { roll } = this.#owner;
    if (!this.isRunning || !roll.begin(this.entry)) return false;
    this.#outcome = { kind: 'value', value: undefined };
    roll.strike(this.entry);
    this.#owner.send({ kind: 'cancel', entry: this.entry });
    return true;
  }

  /** Ends the worker wherever it is; one that this agent has not started itself, if it can. */
  terminate(): void {
    if (this.adopted === undefined) this.#owner.send({ kind: 'terminate', entry: this.entry });
    else this.adopted.terminate?.();
  }
}
