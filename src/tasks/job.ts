/** A function that a worker calls, and its outcome, as seen by the agent that requested the call. */
import { endWays } from '../core/memory/ways.js';
import type { Entry, Roll } from '../host/roll.js';
import type { ForeignWorker, Stream } from '../host/settings.js';
import type { Notice, Request } from '../host/spawner.js';
import { deathOf, loadingFailed } from './failure.js';
import { claimTelling, hasOutcome, needsMemory, type Outcome, readOutcome } from './outcome.js';
import { parcels } from './parcel.js';
import type { Parcel } from './parcels.js';

/** What a job needs from the agent that it belongs to. */
export interface Owner {
  readonly roll: Roll;
  send(request: Request): void;
  /** Takes the notices that have arrived. */
  drain(): void;
  /** Passes a notice to a job. */
  hear(notice: Notice): void;
}

/** The call that a job is for. */
interface Subject {
  readonly name: string;
  readonly args: Parcel;
  readonly outcome: SharedArrayBuffer;
}

/** The listeners of a job. */
interface Listeners {
  readonly onOutput?: ((text: string, stream: Stream) => void) | undefined;
  readonly onEnded?: (() => void) | undefined;
}

export class Job {
  readonly #owner: Owner;
  readonly #subject: Subject;
  readonly #listeners: Listeners;
  /** The worker, if the user's code created it. */
  adopted: ForeignWorker | undefined;
  #buffers: readonly SharedArrayBuffer[] | undefined;
  #outcome: Outcome | undefined;
  #hasEnded = false;
  /** Whether its memory has been reused for another job. */
  #isSettled = false;
  /** Whether its end and its outcome are known. In Deno, which reports them separately, both orders occur. */
  isOver = false;

  /** @param entry its entry on the roll */
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

  /** Whether its outcome is written; the worker ends next. */
  get isDone(): boolean {
    return hasOutcome(this.#subject.outcome);
  }

  /** @returns its outcome, once it has ended; undefined when this agent has yet to learn how it died */
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
   * Reads its outcome, because its memory is about to be reused for another job.
   *
   * @returns false when this agent has yet to learn of it
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
    // A reserve worker may have ended before it took the arguments: its spawner only knows the ways of the first order.
    endWays(this.#subject.args.ways ?? []);
    this.#listeners.onEnded?.();
  }

  #fail(error: Error): void {
    // It may have died after its function had finished.
    this.#outcome ??= this.#read() ?? { kind: 'threw', error };
  }

  /** @returns whether the caller is the one to report an error that nobody has asked for */
  claimTelling(): boolean {
    return this.#isSettled || claimTelling(this.#subject.outcome);
  }

  /** Cancels a delayed job. @returns whether it was cancelled before it began */
  cancel(): boolean {
    const { roll } = this.#owner;
    if (!this.isRunning || !roll.begin(this.entry)) return false;
    this.#outcome = { kind: 'value', value: undefined };
    roll.strike(this.entry);
    this.#owner.send({ kind: 'cancel', entry: this.entry });
    return true;
  }

  /** Ends the worker, whatever it is doing; one that the user's code created, if it can be terminated. */
  terminate(): void {
    if (this.adopted === undefined) this.#owner.send({ kind: 'terminate', entry: this.entry });
    else this.adopted.terminate?.();
  }
}
