/** The time of one execution of a thread, in ms. It is as late as the time-outs say that there have been. */
import type { Result } from './operation.js';

export class Clock {
  #ms = 0;
  /** Where the phase first read it: before, no time can matter to the code. */
  #origin: number | undefined;
  /** When a timed wait that was notified would have been over, until the clock is read. */
  #late = 0;

  get ms(): number {
    return this.#ms;
  }

  /** Nothing in this phase has read it. */
  beginPhase(): void {
    this.#origin = undefined;
  }

  /** Whether there are two times that it may be when it is read. */
  get isOpen(): boolean {
    return this.#origin !== undefined && this.#late > this.#ms;
  }

  /**
   * @param isLate whether it is the later of two times
   * @returns ms since the phase read it first
   */
  read(isLate: boolean): number {
    if (isLate) this.#ms = this.#late;
    this.#late = 0;
    this.#origin ??= this.#ms;
    return this.#ms - this.#origin;
  }

  /** A wait of so many ms, which began at `from`, has ended. */
  pass(result: Result, from: number, duration: number): void {
    if (duration === Infinity) return;
    if (result === 'timed-out') this.#ms = Math.max(this.#ms, from + duration);
    if (result === 'ok') this.#late = Math.max(this.#late, from + duration);
  }

  /** What the code may know of the time: the same text for the same. */
  get known(): string {
    if (this.#origin === undefined) return '';
    return `${this.#ms - this.#origin} ${Math.max(this.#late - this.#ms, 0)}`;
  }
}
