/** The result of a call of a pool, which comes later. */

import { checkTimeout, refusal, type WaitOptions } from '../../core/arguments.js';
import { SyncError, TimeoutError } from '../../core/errors.js';
import { onAbort } from '../../core/wait/abort.js';
import { CancelledError } from '../errors.js';
import { addCaller } from './caller.js';
import type { Feed } from './feed.js';
import { inTime } from './in-time.js';

/** Options of a call that does not wait. */
export interface AsyncOptions<Result> {
  /** Called with the result as soon as it is there, in the agent that has the pool. What it throws becomes the error. */
  readonly callback?: ((result: Result) => void) | undefined;
  /** Called with the error instead, if there is one. */
  readonly errorCallback?: ((error: unknown) => void) | undefined;
  /** How long it may take from the call on, in ms; after that it is given up as by `cancel`, with a TimeoutError. */
  readonly timeout?: number | undefined;
  /** Gives it up as `cancel` does, with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** How many more times a task is begun after its worker has died in it; 0 by default. */
  readonly retries?: number | undefined;
}

/** @internal What a result needs of its pool. */
export interface Origin {
  /** Blocks until something is so. */
  wait(done: () => boolean, timeout: number): boolean;
  expireAfter(ms: number, call: () => void): () => void;
  /** Gives up work, and tells it why. */
  cancel(feed: Feed, error: unknown): void;
}

/** @internal The options of a call that has none. */
export const NO_OPTIONS: AsyncOptions<unknown> = {};

const PENDING = 0;
const VALUE = 1;
const ERROR = 2;
type State = typeof PENDING | typeof VALUE | typeof ERROR;
const NAMES = ['pending', 'successful', 'failed'];

const noop = (): void => {};

/** How the promise that is being made is settled; reset once it is made, or they would keep it alive. */
let resolver: (value: never) => void = noop;
let rejecter: (reason: unknown) => void = noop;
const capture = (resolve: (value: never) => void, reject: (reason: unknown) => void): void => {
  resolver = resolve;
  rejecter = reject;
};

/**
 * The result of a call of a pool, which comes later: Python's `AsyncResult`. It is a promise, and also has `get`, which
 * blocks. An error that nobody asks for is not an unhandled rejection.
 *
 * @example
 * ```ts
 * import { Pool } from 'atomics-sync-free/multiprocessing';
 * const pool = new Pool(2);
 * const result = pool.applyAsync((x: number) => x * x, [7]);
 * console.log(result.get(10_000), await result, result.successful()); // 49 49 true
 * pool.terminate();
 * ```
 */
export class AsyncResult<Result = unknown> extends Promise<Result> {
  static {
    // By it `await` recognizes a promise that it can use as it is; of any other it makes a new one, which takes twice
    // as much memory.
    Object.defineProperty(AsyncResult.prototype, 'constructor', { value: Promise });
  }

  readonly #resolve: (value: Result) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #origin: Origin;
  readonly #label: string;
  readonly #options: AsyncOptions<Result>;
  /** The work that it comes from. */
  #feed: Feed | undefined = undefined;
  #state: State = PENDING;
  /** The result, or the error, as the state says. */
  #what: unknown = undefined;
  /** Whether the error is a worker's. */
  #isFromWorker = false;
  /** Called once it is there. */
  #told: (() => void)[] | undefined = undefined;

  /**
   * @internal
   * @param label what was called, for people
   */
  constructor(origin: Origin, label: string, options: AsyncOptions<Result>) {
    super(capture as never);
    this.#resolve = resolver as (value: Result) => void;
    this.#reject = rejecter;
    resolver = noop;
    rejecter = noop;
    this.#origin = origin;
    this.#label = label;
    this.#options = options;
  }

  /** @internal Says what it comes from. */
  comesFrom(feed: Feed): void {
    this.#feed = feed;
  }

  #giveUp(error: unknown): void {
    if (this.#feed !== undefined) this.#origin.cancel(this.#feed, error);
  }

  /** @internal Starts its timeout, and listens to its signal, once it is on its way. */
  begin(): void {
    if (this.#options === NO_OPTIONS || this.ready()) return;
    const { timeout = Infinity, signal } = this.#options;
    if (timeout !== Infinity) {
      const expired = () => this.#giveUp(new TimeoutError(`${this.#label} took longer than ${timeout} ms`));
      this.whenReady(this.#origin.expireAfter(timeout, expired));
    }
    if (signal?.aborted === true) {
      // Aborted by an input or a getter, which was asked after the signal was.
      this.#giveUp(signal.reason);
    } else if (signal !== undefined) {
      this.whenReady(onAbort(signal, () => this.#giveUp(signal.reason)));
    }
  }

  /** @internal Settles it with a result. */
  resolve(value: Result): void {
    if (!this.ready()) this.#settle(VALUE, value);
  }

  /** @internal Settles it with an error. */
  reject(error: unknown): void {
    if (!this.ready()) this.#settle(ERROR, error);
  }

  /** @internal Settles it with an error that a worker reported. */
  fail(error: unknown): void {
    this.#isFromWorker = true;
    this.reject(error);
  }

  #settle(state: State, what: unknown): void {
    this.#state = state;
    this.#what = what;
    this.#feed = undefined;
    if (this.#options !== NO_OPTIONS) this.#callBack();
    if (this.#state === VALUE) this.#resolve(this.#what as Result);
    else this.#fail();
    const told = this.#told;
    this.#told = undefined;
    if (told !== undefined) for (const call of told) call();
  }

  #fail(): void {
    // The error may be asked for by `get`, or not at all.
    this.then(undefined, noop);
    this.#reject(this.#what);
  }

  /** What a callback throws becomes the error. */
  #callBack(): void {
    const { callback, errorCallback } = this.#options;
    try {
      if (this.#state === VALUE) callback?.(this.#what as Result);
    } catch (error) {
      this.#state = ERROR;
      this.#what = error;
    }
    try {
      if (this.#state === ERROR) errorCallback?.(this.#what);
    } catch (error) {
      this.#what = error;
      this.#isFromWorker = false;
    }
  }

  /**
   * Blocks until the result is there.
   *
   * @param timeout the longest wait, in ms
   * @returns the result
   * @throws what the function threw, as soon as nothing else of the call is under way; its stack shows the worker's frames
   *   and then those of the call
   * @throws TimeoutError when it is not there in time; it is still under way then
   * @throws WorkerDiedError when the worker that was busy with it died
   * @throws CancelledError when it was cancelled; BrokenPoolError when the pool cannot go on
   * @throws TypeError or RangeError for a bad timeout
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed; `ERR_SELF_DEADLOCK`
   *   when called in an input, or in a getter of an argument, that the pool itself is reading
   */
  get(timeout = Infinity): Result {
    return this.blockFor(timeout, this.get);
  }

  /** @internal Like `get`, for another method that the user called. */
  blockFor(timeout: number, method: (...args: never[]) => unknown): Result {
    if (!this.wait(timeout)) throw this.#late(timeout);
    if (this.#isFromWorker) addCaller(this.#what, this.#label, method);
    return this.#outcome();
  }

  /**
   * Waits until the result is there, without blocking the agent, as `await` does, but can stop waiting.
   *
   * @param options when to stop waiting; it is still under way then
   * @returns the result; rejected as `get` throws, and with the signal's reason when it aborts
   */
  async getAsync(options: WaitOptions = {}): Promise<Result> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const { timeout = Infinity, signal } = options;
    if (timeout === Infinity && signal === undefined) return this as Promise<Result>;
    await inTime(this, timeout, signal);
    if (!this.ready()) throw this.#late(timeout);
    return this.#outcome();
  }

  #late(timeout: number): TimeoutError {
    return new TimeoutError(`${this.#label} was not done within ${timeout} ms`);
  }

  /** @internal Calls something once it is there. */
  whenReady(tell: () => void): void {
    if (this.ready()) {
      tell();
      return;
    }
    this.#told ??= [];
    this.#told.push(tell);
  }

  /** @internal Takes that back. */
  forget(tell: () => void): void {
    this.#told = this.#told?.filter((other) => other !== tell);
  }

  #outcome(): Result {
    if (this.#state === VALUE) return this.#what as Result;
    if (this.#state === ERROR) throw this.#what;
    throw new SyncError('ERR_RUNNING', `${this.#label} is still under way; wait until it is ready`);
  }

  /**
   * Blocks until the result or the error is there.
   *
   * @param timeout the longest wait, in ms
   * @returns whether it is there in time
   * @throws TypeError or RangeError for a bad timeout
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  wait(timeout = Infinity): boolean {
    checkTimeout(timeout);
    return this.ready() || this.#origin.wait(() => this.ready(), timeout);
  }

  /**
   * @returns whether the result or the error is there; it arrives when the event loop turns, or a call blocks in the
   *   pool
   */
  ready(): boolean {
    return this.#state !== PENDING;
  }

  /**
   * @returns whether there is a result, and not an error
   * @throws SyncError `ERR_RUNNING` when there is neither yet
   */
  successful(): boolean {
    if (!this.ready()) this.#outcome();
    return this.#state === VALUE;
  }

  /**
   * Cancels it: what has not begun never will, and the signal of a task that runs is aborted. A worker that is still
   * busy with it when the pool's `grace` is over is ended, and replaced; other tasks that it does at the same time are
   * then lost too, unless they have `retries`.
   *
   * @param reason what `get` throws from now on; a CancelledError by default
   * @returns false when the result or the error is already there
   */
  cancel(reason: unknown = new CancelledError(`${this.#label} was cancelled`)): boolean {
    if (this.ready()) return false;
    this.#giveUp(reason);
    return true;
  }

  /** @returns what was called, and how far it is, for people */
  override toString(): string {
    return `AsyncResult (${this.#label}, ${NAMES[this.#state]})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}
