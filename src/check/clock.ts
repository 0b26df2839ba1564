/**
 * The time of one execution of a thread, in ms. Only timed waits advance it: one that timed out by its whole time; one
 * that was notified may have lasted as long, which the next read decides.
 */
import type { Result } from './operation.js';

export class Clock {
  #ms = 0;
  /** Where the phase first read it; before that, time cannot matter to the code. */
  #origin: number | undefined;
  /** When a timed wait that was notified would have timed out, until the clock is read. */
  #late = 0;

  get ms(): number {
    return this.#ms;
  }

  /** Nothing in the new phase has read it yet. */
  beginPhase(): void {
    this.#origin = undefined;
  }

  /** Whether a read may give either of two times. */
  get isOpen(): boolean {
    return this.#origin !== undefined && this.#late > this.#ms;
  }

  /**
   * @param isLate whether it is the later of the two times
   * @returns ms since the phase first read it
   */
  read(isLate: boolean): number {
    if (isLate) this.#ms = this.#late;
    this.#late = 0;
    this.#origin ??= this.#ms;
    return this.#ms - this.#origin;
  }

  /** A wait of `duration` ms, which began at `from`, has ended. */
  pass(result: Result, from: number, duration: number): void {
    if (duration === Infinity) return;
    if (result === 'timed-out') this.#ms = Math.max(this.#ms, from + duration);
    if (result === 'ok') this.#late = Math.max(this.#late, from + duration);
  }

  /** What the code may know about the time: equal texts for equal knowledge. */
  get known(): string {
    if (this.#origin === undefined) return '';
    return `${this.#ms - this.#origin} ${Math.max(this.#late - this.#ms, 0)}`;
  }
}
