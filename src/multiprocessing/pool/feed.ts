/** What the tasks of one call of a pool's method come from, and where their results go. */
import type { Content, ResultForm } from './messages.js';

/** A task before it is put. */
export interface Draft extends Content {
  /** Where its results belong: the index of the first, and how many there are. */
  readonly from: number;
  readonly count: number;
}

export interface Feed {
  /** How many times more a task is begun whose worker has died in it. */
  readonly retries: number;
  /** Where there is never more than one task: its slot, once it was put. */
  slot?: number;
  /** Whether what its tasks are made of comes by turns of the event loop. */
  readonly isAsync?: boolean;
  /** Whether there will be no more tasks. */
  readonly exhausted: boolean;
  /** @returns the next task; undefined when there is none, or none yet */
  next(): Draft | undefined;
  /**
   * Is told what came of a task, once for each, in any order.
   *
   * @param at at which of its items it threw, where that is known
   */
  take(draft: Draft, form: ResultForm, value: unknown, at?: number): void;
  /** Is told that nothing more will come. */
  abort(error: unknown): void;
  /** Lets it have tasks although nobody reads what comes of them. */
  unbind(): void;
}
