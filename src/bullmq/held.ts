/**
 * How many batches a worker of the queue holds for each that runs: of short ones several, so that the Pool need not wait for
 * the server, and what is sent and received goes together; of long ones no more, for another machine may have nothing to do.
 */

/** So much work is held, in ms, in at most so many batches. */
const WORK = 40;
const MOST = 8;
/** The share of the latest batch in the estimate of how long they take. */
const WEIGHT = 0.2;

export class Held {
  /** How long batches take, smoothed, in ms. */
  #duration = WORK;

  /**
   * @param duration how long the latest batch took, in ms
   * @returns how many there are to be, with the one that runs
   */
  after(duration: number): number {
    this.#duration = (1 - WEIGHT) * this.#duration + WEIGHT * duration;
    return Math.max(1, Math.min(Math.floor(WORK / this.#duration), MOST));
  }
}
