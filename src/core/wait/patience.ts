/** For what comes again and again, such as items: whether a wait looks for it for long, and for how long. */

/** Bounds of how long, in ms. A virtual processor takes 100 µs and more to wake up. */
const LEAST_MS = 0.05;
const MOST_MS = 0.25;
/** By which factor the time is too long when every second answer comes within it, and so how fast it is changed. */
const STEP = 1.1;
/** How much longer than every second sleep it is. */
const BEYOND = 1.5;
/** So many looks in vain, one after the other, end it. A single one is often the scheduler's doing, and the next pays again. */
const CREDIT = 2;
/**
 * One wait in so many looks long although that has not paid of late; a prime, so that where waits of several kinds take turns it
 * comes to each of them.
 */
export const LONG_ONE_IN = 17;

export class Patience {
  #credit = 0;
  #waits = 0;
  #usual = LEAST_MS;

  /** Whether to look for long has paid of late. */
  get pays(): boolean {
    return this.#credit > 0;
  }

  /** To be asked as each wait begins: whether it is one of those that look for long. */
  isDue(): boolean {
    if (this.pays) return true;
    this.#waits = (this.#waits + 1) % LONG_ONE_IN;
    return this.#waits === 0;
  }

  /** Tells what a look for long has come to. */
  looked(found: boolean): void {
    this.#credit = found ? CREDIT : Math.max(this.#credit - 1, 0);
  }

  /**
   * How long to look, in ms. It must be as long as a wake-up takes, or an answer by one that sleeps is never found. How long
   * that is hangs on the machine, and on what else it does; a sleep that somebody ended took as long. So it is somewhat more than
   * half of the last ones took.
   */
  get ms(): number {
    return Math.min(this.#usual * BEYOND, MOST_MS);
  }

  /**
   * Tells of a sleep that somebody ended.
   *
   * @param ms how long it took
   */
  slept(ms: number): void {
    const next = ms < this.#usual ? this.#usual / STEP : this.#usual * STEP;
    this.#usual = Math.min(Math.max(next, LEAST_MS), MOST_MS);
  }
}
