/** The source of the tasks of one call of a pool's method, and where their results go. */
import type { Content, ResultForm } from './messages.js';

/** A task before it is put. */
export interface Draft extends Content {
  /** Where its results belong: the index of the first, and how many there are. */
  readonly from: number;
  readonly count: number;
}

export interface Feed {
  /** How many more times a task is begun after its worker has died in it. */
  readonly retries: number;
  /** If there is never more than one task: its slot, once it was put. */
  slot?: number;
  /** Whether what its tasks are made of arrives through the event loop. */
  readonly isAsync?: boolean;
  /** Whether there will be no more tasks. */
  readonly exhausted: boolean;
  /** @returns the next task; undefined when there is none, or none yet */
  next(): Draft | undefined;
  /**
   * Takes the outcome of a task, once for each, in any order.
   *
   * @param at the item at which it threw, if that is known
   */
  take(draft: Draft, form: ResultForm, value: unknown, at?: number): void;
  /** Ends it with an error: nothing more will come. */
  abort(error: unknown): void;
  /** Lets it make tasks even if nobody reads their results. */
  unbind(): void;
}
