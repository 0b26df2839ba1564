/** Where a Parallel takes its calls from: what was put back first, then the input. */
import type { DelayedCall } from './backend.js';

export class CallInput {
  readonly #iterator: Iterator<DelayedCall>;
  #putBack: readonly DelayedCall[] = [];
  /** How many have been taken from the input. */
  #taken = 0;
  #total: number | undefined;
  /** Whether it has ended or thrown, so that there is nothing to be closed. */
  #isOver = false;

  /** @throws TypeError when it is no iterable */
  constructor(calls: Iterable<DelayedCall>) {
    if (typeof calls?.[Symbol.iterator] !== 'function') throw new TypeError('tasks is an iterable of delayed calls');
    this.#iterator = calls[Symbol.iterator]();
    this.#total = Array.isArray(calls) ? calls.length : undefined;
  }

  /** How many calls there are, once that is known. */
  get total(): number | undefined {
    return this.#total;
  }

  /**
   * @returns so many calls, or fewer at the end
   * @throws what the input throws; TypeError when something else than a delayed call is in it
   */
  take(count: number): DelayedCall[] {
    const calls = this.#putBack.slice(0, count);
    this.#putBack = this.#putBack.slice(count);
    while (calls.length < count) {
      const { done, value } = this.#next();
      if (done) {
        this.#total = this.#taken;
        break;
      }
      if (typeof value !== 'object' || !Array.isArray(value?.args))
        throw new TypeError('Parallel runs what delayed(f)(…args) returns');
      calls.push(value);
      this.#taken++;
    }
    return calls;
  }

  #next(): IteratorResult<DelayedCall> {
    this.#isOver = true;
    const result = this.#iterator.next();
    this.#isOver = result.done === true;
    return result;
  }

  /** They are taken again, before any other. */
  putBack(calls: readonly DelayedCall[]): void {
    this.#putBack = [...calls, ...this.#putBack];
  }

  /**
   * No more are taken.
   *
   * @throws what the input throws as it is closed
   */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#iterator.return?.();
  }
}
