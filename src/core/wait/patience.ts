/** For what comes again and again, such as items: whether a blocking call looks for it for long, and for how long. */

/** Bounds of how long, in ms. A virtual processor takes 100 µs and more to wake up. */
const LEAST_MS = 0.05;
const MOST_MS = 0.25;
/** With each longer sleep, the shortest is forgotten by this part of the difference. */
const FORGETTING = 1 / 16;

export class Patience {
  /** Whether to look for long has paid the last time. */
  pays = false;
  #shortest = LEAST_MS;

  /**
   * How long to look, in ms. It must be as long as a wake-up takes, or an answer by one that sleeps is never found. How long
   * that is hangs on the machine, but no sleep that somebody ended was shorter: so it is the shortest of the last ones.
   */
  get ms(): number {
    return this.#shortest;
  }

  /**
   * Tells of a sleep that somebody ended.
   *
   * @param ms how long it took
   */
  slept(ms: number): void {
    const next = ms < this.#shortest ? ms : this.#shortest + (ms - this.#shortest) * FORGETTING;
    this.#shortest = Math.min(Math.max(next, LEAST_MS), MOST_MS);
  }
}
