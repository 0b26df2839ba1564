/**
 * How long the results of a pool may be left to gather. A wake for one of them costs the owner, and the worker that
 * must make room for it on a processor, as much as a tenth of a millisecond's work. So while the workers have enough to
 * do anyway, the owner looks again after a while, but not if they would have done all they have by then.
 */
import { now } from '../../core/wait/clock.js';

/** The bounds of the time for which results are left to gather, in ms. */
const LEAST_MS = 1;
const MOST_MS = 10;
/** At most this share of the time for which the workers have enough to do, judging by the last results. */
const SHARE = 1 / 2;
/**
 * The largest factor by which it grows: a single estimate is often wrong, and by then the workers may have nothing to
 * do.
 */
const STEP = 2;

export class Gathering {
  #looked = now();
  #paused = 0;

  /**
   * Called after each look.
   *
   * @param came how many results were there
   * @param left how many tasks are still under way
   * @returns after how many ms to look again, if not at once; 0 if that may be too late
   */
  pause(came: number, left: number): number {
    const looked = this.#looked;
    this.#looked = now();
    const busy = came === 0 ? 0 : (left * (this.#looked - looked)) / came;
    const most = Math.min(busy * SHARE, this.#paused * STEP, MOST_MS);
    this.#paused = busy > 2 * LEAST_MS ? Math.max(most, LEAST_MS) : 0;
    return this.#paused;
  }
}
