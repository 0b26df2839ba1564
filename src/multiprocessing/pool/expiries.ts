/** What a pool does after a time, whether or not its owner's event loop turns meanwhile. */
import { now } from '../../core/wait/clock.js';
import { Deadline } from '../../core/wait/deadline.js';

export class Expiries {
  /** When each is due. */
  readonly #calls = new Map<() => void, number>();

  /**
   * Calls something after a time: in a turn of the event loop, or when somebody who blocks asks for what is due.
   *
   * @param ms how long
   * @returns how to take that back
   */
  after(ms: number, call: () => void): () => void {
    this.#calls.set(call, now() + ms);
    const deadline = new Deadline(ms);
    // Hosts' timers may be a little early by another clock.
    const expired = (): void => {
      if (this.#calls.delete(call)) call();
    };
    if (deadline.passed) queueMicrotask(expired);
    else deadline.onPassed = expired;
    return () => {
      deadline.cancel();
      this.#calls.delete(call);
    };
  }

  /** Calls what is due. */
  expire(): void {
    for (const [call, at] of this.#calls) {
      if (now() < at) continue;
      this.#calls.delete(call);
      call();
    }
  }

  /** In how many ms the next is due. */
  get next(): number {
    return Math.max(0, Math.min(...this.#calls.values()) - now());
  }
}
