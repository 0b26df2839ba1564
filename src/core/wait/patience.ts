/** For what comes again and again, such as items: whether a wait looks for it for long, and for how long. */

/** Bounds of how long, in ms. A virtual processor takes 100 µs and more to wake up. */
const LEAST_MS = 0.05;
const MOST_MS = 0.25;
/** By which factor the time is too long when every second answer comes within it, and so how fast it is changed. */
const STEP = 1.1;
/** How much longer than every second sleep it is. */
const BEYOND = 1.5;

export class Patience {
  /**
   * @param ofTasks whether tasks look as well, in turns of their event loop. It is for answers: many items that come one after
   * the other are better taken together, by one that is woken now and then
   */
  constructor(readonly ofTasks = false) {}

  /** Whether to look for long has paid the last time. */
  pays = false;
  #usual = LEAST_MS;

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
