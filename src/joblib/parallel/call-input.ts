/**
 * Where a Parallel takes its calls from: what was put back first, then the input. Of an async one it takes what has come; for the
 * next call it asks once there is room for it.
 */
import { AsyncInput, isAsync } from '../../multiprocessing/pool/async-input.js';
import type { DelayedCall } from './backend.js';

/** What Parallel takes its calls from. */
export type Calls<Call> = Iterable<Call> | AsyncIterable<Call>;

export class CallInput {
  readonly #iterator: Iterator<DelayedCall> | AsyncInput<DelayedCall>;
  #putBack: readonly DelayedCall[] = [];
  /** How many have been taken from the input. */
  #taken = 0;
  #total: number | undefined;
  /** Whether it has ended or thrown, so that there is nothing to be closed. */
  #isOver = false;

  /**
   * @param onCame called when the next call of an async input has come
   * @throws TypeError when it is no iterable
   */
  constructor(calls: Calls<DelayedCall>, onCame: () => void) {
    if (isAsync(calls)) {
      this.#iterator = new AsyncInput(calls, onCame);
      return;
    }
    if (typeof calls?.[Symbol.iterator] !== 'function')
      throw new TypeError('tasks is an iterable, or an async one, of delayed calls');
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

  /** Whether there may be more calls that have not come yet. */
  get isAwaited(): boolean {
    return this.isAsync && !this.#isOver;
  }

  /**
   * @param all whether none are to be taken before all have come
   * @returns so many calls, or fewer at the end; of an async input fewer, or none, also where they have not come yet
   * @throws what the input throws; TypeError when something else than a delayed call is in it
   */
  take(count: number, all: boolean): DelayedCall[] {
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
