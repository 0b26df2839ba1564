/**
 * Where a Parallel takes its calls from: first what was put back, then the input. From an async one it takes what has
 * arrived; it asks for the next call once there is room for it.
 */
import { asyncContext } from '#host';
import { AsyncInput, isAsync } from '../../multiprocessing/pool/async-input.js';
import type { DelayedCall } from './backend.js';

/** What Parallel takes its calls from. */
export type Calls<Call> = Iterable<Call> | AsyncIterable<Call>;

export class CallInput {
  readonly #iterator: Iterator<DelayedCall> | AsyncInput<DelayedCall>;
  /** Whatever makes room for calls, an input takes its steps in the async context that it was given in. */
  readonly #within = asyncContext();
  #putBack: readonly DelayedCall[] = [];
  /** How many have been taken from the input. */
  #taken = 0;
  #total: number | undefined;
  /** Whether it has ended or thrown, so that there is nothing to close. */
  #isOver = false;

  /**
   * @param onCame called when the next call of an async input has arrived
   * @throws TypeError when it is not iterable
   */
  constructor(calls: Calls<DelayedCall>, onCame: () => void) {
    if (isAsync(calls)) {
      this.#iterator = new AsyncInput(calls, onCame);
      return;
    }
    if (typeof calls?.[Symbol.iterator] !== 'function')
      throw new TypeError('tasks must be an iterable, or an async one, of delayed calls');
    this.#iterator = calls[Symbol.iterator]();
    this.#total = Array.isArray(calls) ? calls.length : undefined;
  }

  /** How many calls there are, once that is known. */
  get total(): number | undefined {
    return this.#total;
  }

  /** Whether it has to be waited for in the event loop. */
  get isAsync(): boolean {
    return this.#iterator instanceof AsyncInput;
  }

  /** Whether there may be more calls that have not arrived yet. */
  get isAwaited(): boolean {
    return this.isAsync && !this.#isOver;
  }

  /**
   * @param all whether to take none until all of them, or the end, have arrived
   * @returns `count` calls, or fewer at the end; of an async input fewer, or none, also if they have not arrived yet
   * @throws what the input throws; TypeError when it contains anything but delayed calls
   */
  take(count: number, all: boolean): DelayedCall[] {
    return this.#within(() => this.#take(count, all));
  }

  #take(count: number, all: boolean): DelayedCall[] {
    const calls = this.#putBack.slice(0, count);
    this.#putBack = this.#putBack.slice(count);
    while (calls.length < count) {
      if (this.isAwaited && !(this.#iterator as AsyncInput).hasNext) {
        if (!all) break;
        this.putBack(calls);
        return [];
      }
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
    if (this.isAsync && this.#isOver) return { done: true, value: undefined };
    this.#isOver = true;
    const result = this.#iterator.next();
    this.#isOver = result.done === true;
    return result;
  }

  /** Puts calls back, to be taken again before any other. */
  putBack(calls: readonly DelayedCall[]): void {
    this.#putBack = [...calls, ...this.#putBack];
  }

  /**
   * Ends the input: no more are taken.
   *
   * @throws what the input throws as it is closed
   */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#within(() => this.#iterator.return?.());
  }
}
