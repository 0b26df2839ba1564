/** Those who do work together, as whoever measures them sees them. */
import type { Work } from './work.js';

/** How long some work took once, in ms, and what came of all its tasks. */
export interface Round {
  readonly elapsed: number;
  readonly sum: number;
}

export interface Crew {
  /** Has some work done once. */
  measure(work: Work): Promise<Round>;
  /** Ends them. */
  close(): Promise<void>;
}
