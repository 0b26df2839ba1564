/** A group of workers, as the measuring code sees it. */
import type { Work } from './work.js';

/** One run of some work: how long it took, in ms, and the sum of the tasks' results. */
export interface Round {
  readonly elapsed: number;
  readonly sum: number;
}

export interface Crew {
  /** Does some work once. */
  measure(work: Work): Promise<Round>;
  /** Ends the workers. */
  close(): Promise<void>;
}
