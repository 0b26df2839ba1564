/** What a pool does after a time, whether or not its owner's event loop turns meanwhile. */
import { now } from '../../core/wait/clock.js';
import { Deadline } from '../../core/wait/deadline.js';
import { type later, microtask } from '../../core/wait/turns.js';

export class Expiries {
  /** When each is due. */
  readonly #calls = new Map<() => void, number>();
  /** No call is due before this; it does not change when a call is taken back. */
  #first = Infinity;

  /**
   * Calls something after a time: in a turn of the event loop, or when a blocked call asks for what is due.
   *
   * @param ms how long
   * @param timer what wakes the event loop; by default a deadline's, whose time callers may fake
   * @returns what takes that back
   */
  after(ms: number, call: () => void, timer?: typeof later): () => void {
    const at = now() + ms;
    this.#calls.set(call, at);
    this.#first = Math.min(this.#first, at);
    const deadline = new Deadline(ms, timer);
    // Hosts' timers may be a little early by another clock.
    const expired = (): void => {
      if (this.#calls.delete(call)) call();
    };
    if (deadline.passed) microtask(expired);
    else deadline.onPassed = expired;
    return () => {
      deadline.cancel();
      this.#calls.delete(call);
    };
  }

  /** Calls what is due. */
  expire(): void {
    const time = now();
    if (time < this.#first) return;
    this.#first = Infinity;
    for (const [call, at] of this.#calls) {
      if (at > time) {
        this.#first = Math.min(this.#first, at);
        continue;
      }
      this.#calls.delete(call);
      call();
    }
  }

  /** In how many ms to look for what is due. */
  get next(): number {
    return Math.max(0, this.#first - now());
  }
}
