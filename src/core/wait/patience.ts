/** For things that come repeatedly, such as items: whether a wait does a long look, and for how long. */

/** Bounds of a long look, in ms. A virtual processor takes 100 µs and more to wake up. */
const LEAST_MS = 0.05;
const MOST_MS = 0.25;
/** Each sleep moves the estimate up or down by this factor, so that it settles at the median. */
const STEP = 1.1;
/** The ratio of a long look to that median. */
const BEYOND = 1.5;
/**
 * After this many unsuccessful long looks in a row, waits stop doing them. A single failure is often due to the scheduler, and
 * the next look pays again.
 */
const CREDIT = 2;
/**
 * One in this many waits does a long look even if that has not paid recently; a prime, so that waits of several kinds that
 * take turns each get one.
 */
export const LONG_ONE_IN = 17;

export class Patience {
  #credit = 0;
  #waits = 0;
  #usual = LEAST_MS;

  /** Whether long looks have paid recently. */
  get pays(): boolean {
    return this.#credit > 0;
  }

  /** To be called as each wait begins: whether it should do a long look. */
  isDue(): boolean {
    if (this.pays) return true;
    this.#waits = (this.#waits + 1) % LONG_ONE_IN;
    return this.#waits === 0;
  }

  /** Reports the outcome of a long look. */
  looked(found: boolean): void {
    this.#credit = found ? CREDIT : Math.max(this.#credit - 1, 0);
  }

  /**
   * How long to look, in ms. It must be as long as a wake-up takes, or an answer from a sleeping agent is never found. That
   * depends on the machine, and on what else it is doing; a sleep that another agent ended took that long. So it is
   * somewhat longer than the median of the recent ones.
   */
  get ms(): number {
    return Math.min(this.#usual * BEYOND, MOST_MS);
  }

  /**
   * Reports a sleep that another agent ended.
   *
   * @param ms how long it took
   */
  slept(ms: number): void {
    const next = ms < this.#usual ? this.#usual / STEP : this.#usual * STEP;
    this.#usual = Math.min(Math.max(next, LEAST_MS), MOST_MS);
  }
}
