/**
 * How long the results of a pool may be left to gather. To be woken for one of them costs the owner, and whoever of the workers
 * must make room for it on a processor, as much as a tenth of a millisecond's work. So while the workers have enough to do
 * anyway, the owner looks again after a while; not where they would have done all they have by then.
 */
import { now } from '../../core/wait/clock.js';

/** So long results are left to gather, in ms. */
const GATHER_MS = 2;

export class Gathering {
  #looked = now();

  /**
   * To be asked after each look.
   *
   * @param came how many results were there
   * @param left how many tasks are under way still
   * @returns after how many ms to look again, if not at once; 0 where that may be too late
   */
  pause(came: number, left: number): number {
    const looked = this.#looked;
    this.#looked = now();
    // As many as come while they gather, twice.
    return came > 0 && left * (this.#looked - looked) > 2 * came * GATHER_MS ? GATHER_MS : 0;
  }
}
