/** The results of `imap` and `imapUnordered`, one after the other. */

import { checkTimeout, refusal, type WaitOptions } from '../../core/arguments.js';
import { TimeoutError } from '../../core/errors.js';
import { CLONING } from '../../core/memory/handle.js';
import { DISPOSE } from '../../sync/hold.js';
import { addCaller } from './caller.js';
import type { ImapFeed, Reading } from './imap-feed.js';
import { inTime } from './in-time.js';

/** @internal What an iterator needs of its pool. */
export interface Source {
  wait(done: () => boolean, timeout: number): boolean;
  /** There may be room for more tasks. */
  pump(): void;
  /** Nobody reads any more. */
  drop(): void;
}

/**
 * The results of `imap` and `imapUnordered`: `for (const … of …)` blocks for each of them, `for await` does not. What
 * the function threw for an item is thrown in place of its result; a further call of `next` goes on after it. Leaving
 * the loop gives up what is not done, and so do `return` and `using`. Dropping the iterator does not: as in Python, `close` and
 * `join` do what was asked for, read or not; until then the pool keeps the input and what it has taken of it.
 *
 * @example
 * ```ts
 * import { Pool } from 'atomics-sync-free/multiprocessing';
 * const pool = new Pool(2);
 * function* naturals() {
 *   for (let n = 1; ; n++) yield n;
 * }
 * let sum = 0;
 * for await (const square of pool.imap((n: number) => n * n, naturals())) {
 *   if (square > 100) break;
 *   sum += square;
 * }
 * console.log(sum); // 385
 * pool.terminate();
 * ```
 */
export class PoolIterator<Result = unknown> implements IterableIterator<Result>, AsyncIterable<Result> {
  /** @internal It cannot be sent to other agents. */
  protected readonly cloning = CLONING;
  readonly #feed: ImapFeed;
  readonly #source: Source;
  readonly #label: string;

  /** @internal */
  constructor(feed: ImapFeed, source: Source, label: string) {
    this.#feed = feed;
    this.#source = source;
    this.#label = label;
  }

  /**
   * Blocks until the next result is there.
   *
   * @param timeout the longest wait, in ms
   * @returns the result, or the end
   * @throws what the function threw for this item, or what the input threw, and WorkerDiedError, CancelledError and
   *   BrokenPoolError as `get` of an AsyncResult does
   * @throws TimeoutError when it is not there in time; call `next` again for it
   * @throws TypeError or RangeError for a bad timeout; TypeError when the input is async: its items would never arrive
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  next(timeout = Infinity): IteratorResult<Result, undefined> {
    checkTimeout(timeout);
    const feed = this.#feed;
    if (feed.isAsync) throw new TypeError(`the input of ${this.#label} is async: use for await, or nextAsync`);
    if (!feed.isReadable && !this.#source.wait(() => feed.isReadable, timeout)) throw this.#late(timeout);
    return this.#step(feed.read(), this.next);
  }

  /**
   * Waits for the next result, without blocking the agent.
   *
   * @param options when to stop waiting; call `nextAsync` again for it
   * @returns the result, or the end; rejected as `next` throws, and with the signal's reason when it aborts
   */
  async nextAsync(options: WaitOptions = {}): Promise<IteratorResult<Result, undefined>> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const feed = this.#feed;
    return this.#step(feed.isReadable ? feed.read() : await this.#readLater(options));
  }

  async #readLater({ timeout, signal }: WaitOptions): Promise<Reading> {
    const feed = this.#feed;
    const got: Reading[] = [];
    let told = (): void => {};
    const telling = {
      whenReady(tell: () => void): void {
        told = () => {
          got.push(feed.read());
          tell();
        };
        feed.whenReady(told);
      },
      forget: () => feed.forget(told),
    };
    try {
      await inTime(telling, timeout, signal);
    } catch (reason) {
      // Nobody else would get what was read meanwhile.
      if (got.length === 0) throw reason;
    }
    if (got.length === 0) throw this.#late(timeout);
    return got[0];
  }

  #late(timeout: number | undefined): TimeoutError {
    return new TimeoutError(`the next result of ${this.#label} was not ready within ${timeout} ms`);
  }

  /** @param blocking the method that the caller called, if it is one that blocks */
  #step(reading: Reading, blocking?: (...args: never[]) => unknown): IteratorResult<Result, undefined> {
    this.#source.pump();
    if (reading.kind === 'error') {
      if (reading.isFromWorker && blocking !== undefined) addCaller(reading.error, this.#label, blocking);
      throw reading.error;
    }
    if (reading.kind === 'end') return { done: true, value: undefined };
    return { done: false, value: reading.value as Result };
  }

  /** Gives up what is not done: leaving a loop does so. @returns the end */
  return(): IteratorResult<Result, undefined> {
    this.#source.drop();
    return { done: true, value: undefined };
  }

  /** As `return`: `using results = pool.imap(…)` gives up at the end of its block what is not done. */
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

  /** @returns whose results it gives, for people */
  toString(): string {
    return `PoolIterator (${this.#label})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
