/**
 * How many batches a queue worker holds for each one that runs: several short ones, so that the Pool need not wait for
 * the server and traffic is grouped; no extra long ones, because another machine may have nothing to do.
 */

/** This much work is held, in ms, in at most this many batches. */
const WORK = 40;
const MOST = 8;
/** The weight of the latest batch in the estimate of how long they take. */
const WEIGHT = 0.2;

export class Held {
  /** How long batches take, smoothed, in ms. */
  #duration = WORK;

  /**
   * @param duration how long the latest batch took, in ms
   * @returns how many to hold, including the one that runs
   */
  after(duration: number): number {
    this.#duration = (1 - WEIGHT) * this.#duration + WEIGHT * duration;
    return Math.max(1, Math.min(Math.floor(WORK / this.#duration), MOST));
  }
}
