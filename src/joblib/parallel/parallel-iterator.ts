/** The results of a Parallel, one after the other. */
import { DISPOSE } from '../../sync/hold.js';
import type { Run } from './run.js';

/** Gives up the work of iterators that have been collected. */
let dropped: FinalizationRegistry<Run> | undefined;

/**
 * The results of a Parallel whose `returnAs` is a generator: `for (const … of …)` blocks for each of them, `for await` does
 * not. Leaving the loop gives up what is not done; so do `return`, `using`, and the garbage collector, when nobody has the iterator
 * any more.
 *
 * @example
 * ```ts
 * import { delayed, Parallel } from 'atomics-sync-free/joblib';
 * const square = delayed((x: number) => x * x);
 * function* calls() {
 *   for (let x = 1; ; x++) yield square(x);
 * }
 * for await (const result of new Parallel({ nJobs: 2, returnAs: 'generator' }).run(calls())) {
 *   if (result > 9) break;
 *   if (result === 9) console.log(result); // 9
 * }
 * ```
 */
export class ParallelIterator<Result> implements IterableIterator<Result>, AsyncIterable<Result> {
  readonly #run: Run;
  #values: readonly unknown[] = [];
  #at = 0;

  /** @internal */
  constructor(run: Run) {
    this.#run = run;
    dropped ??= new FinalizationRegistry((forgotten) => forgotten.forget());
    dropped.register(this, run, this);
  }

  /**
   * Blocks until the next result is there.
   *
   * @returns the result, or the end
   * @throws what a call or the input threw, after which there is nothing more
   * @throws TimeoutError when it took longer than the Parallel's `timeout`
   * @throws TypeError when the input is async: its items would never arrive
   */
  next(): IteratorResult<Result, undefined> {
    if (this.#run.isAsync) throw new TypeError('the input of this Parallel is async: use for await, or nextAsync');
    try {
      while (this.#at >= this.#values.length) {
        const values = this.#run.next();
        if (values === undefined) return { done: true, value: undefined };
        this.#begin(values);
      }
    } finally {
      this.#unregisterIfOver();
    }
    return this.#step();
  }

  /**
   * Waits for the next result, without blocking the agent.
   *
   * @returns the result, or the end; rejected as `next` throws
   */
  async nextAsync(): Promise<IteratorResult<Result, undefined>> {
    try {
      while (this.#at >= this.#values.length) {
        const values = await this.#run.nextAsync();
        if (values !== undefined) this.#begin(values);
        // Another reader that has waited as well may have left some.
        else if (this.#at >= this.#values.length) return { done: true, value: undefined };
      }
    } finally {
      this.#unregisterIfOver();
    }
    return this.#step();
  }

  /**
   * The error stacks of a run that was given up refer to its iterator, which would be kept as long as the registry has
   * the run.
   */
  #unregisterIfOver(): void {
    if (this.#run.isOver) dropped?.unregister(this);
  }

  #begin(values: readonly unknown[]): void {
    this.#values = this.#at < this.#values.length ? [...this.#values.slice(this.#at), ...values] : values;
    this.#at = 0;
  }

  #step(): IteratorResult<Result, undefined> {
    return { done: false, value: this.#values[this.#at++] as Result };
  }

  /**
   * Gives up what is not done: leaving a loop does so.
   *
   * @returns the end
   */
  return(): IteratorResult<Result, undefined> {
    try {
      this.#run.close();
    } finally {
      this.#unregisterIfOver();
    }
    this.#values = [];
    return { done: true, value: undefined };
  }

  /** As `return`: `using results = parallel.run(…)` gives up at the end of its block what is not done. */
  [DISPOSE](): void {
    this.return();
  }

  /** @returns itself */
  [Symbol.iterator](): this {
    return this;
  }

  /** @returns an iterator of the same results that does not block */
  [Symbol.asyncIterator](): AsyncIterator<Result, undefined> {
    return {
      next: () => this.nextAsync(),
      return: async () => this.return(),
    };
  }

  /** @returns what it is, for people */
  toString(): string {
    return `ParallelIterator (${this.#run.isOver ? 'over' : 'running'})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
