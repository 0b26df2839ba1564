/** Scoped acquire and release: the part common to all primitives, and views of primitives, that are acquired and released. */
import { checkFunction, type WaitOptions } from '../core/arguments.js';
import { TimeoutError } from '../core/errors.js';
import { SharedObject } from '../core/share/shared-object.js';
import type { Waiting } from '../core/wait/waiting.js';
import { Hold } from './hold.js';

/** The base of all primitives that are acquired and released: scoped use. */
export abstract class Acquirable<H extends Hold = Hold> extends SharedObject {
  /**
   * Blocks until acquired.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   */
  abstract acquire(timeout?: number): boolean;

  /**
   * Acquires if that is possible immediately. Never blocks.
   *
   * @returns whether it was acquired
   * @throws OwnerDiedError when it is a lock whose holder died
   */
  abstract tryAcquire(): boolean;

  /** Releases what `acquire` acquired. */
  abstract release(): void;

  /**
   * Acquires for a scope, without blocking the agent.
   *
   * @param options when to give up
   * @returns a Disposable that releases once; rejected with a TimeoutError when the timeout expires, with the signal's
   *   reason when it aborts, with a TypeError or RangeError for bad options, with an OwnerDiedError when it is a lock whose
   *   holder died, and with `ERR_RETIRED` when it would have to wait and this agent was taken for dead
   */
  abstract holdAsync(options?: WaitOptions): Promise<H>;

  /**
   * Acquires for a scope.
   *
   * @param timeout the longest wait, in ms
   * @returns a Disposable that releases once
   * @throws TimeoutError when the timeout expires; and what `acquire` throws
   *
   * @example
   * ```ts
   * import { Lock } from 'atomics-sync-free';
   * const lock = new Lock();
   * {
   *   using held = lock.hold(1000);
   *   console.log(lock.locked, held.released); // true false
   * }
   * console.log(lock.locked); // false
   * ```
   */
  hold(timeout = Infinity): Hold {
    if (!this.acquireToHold(timeout)) throw this.timeUp(timeout);
    return new Hold(() => this.releaseBlocking(), this.label);
  }

  /** @internal Acquires for a scope, with a blocking call. */
  protected acquireToHold(timeout: number): boolean {
    return this.acquire(timeout);
  }

  /** @internal Releases what a blocking call acquired for a scope. */
  releaseBlocking(): void {
    this.release();
  }

  /**
   * Runs a function between `acquire` and `release`.
   *
   * @param fn must have finished its work when it returns; use `runAsync` for an async function
   * @returns what `fn` returns
   * @throws what `fn` throws, after the release; and what `acquire` throws
   */
  run<R>(fn: () => R): R {
    checkFunction('fn', fn);
    this.acquireToHold(Infinity);
    try {
      return fn();
    } finally {
      this.releaseBlocking();
    }
  }

  /**
   * Runs a function, async or not, between `holdAsync` and the hold's release, without blocking the agent.
   *
   * @param fn what to run; it receives the hold
   * @param options when to give up waiting
   * @returns what `fn` returns; rejected with what `fn` throws, after the release, and as `holdAsync` is
   */
  async runAsync<R>(fn: (hold: H) => R | PromiseLike<R>, options?: WaitOptions): Promise<R> {
    checkFunction('fn', fn);
    const hold = await this.holdAsync(options);
    try {
      return await fn(hold);
    } finally {
      hold.release();
    }
  }

  /** @internal */
  protected timeUp(timeout: number | undefined): TimeoutError {
    return new TimeoutError(`${this.label} could not be acquired within ${timeout} ms`);
  }
}

/** The base of primitives whose async form needs no token for the release. */
export abstract class AsyncAcquirable extends Acquirable {
  /** @internal How waiters wait for it. */
  protected abstract get waiting(): Waiting;

  override tryAcquire(): boolean {
    return this.waiting.attempt();
  }

  /**
   * Waits until acquired, without blocking the agent. The task that holds it may interleave with other tasks of its agent;
   * they wait for it like anyone else, in order of arrival.
   *
   * @param options when to give up
   * @returns whether it was acquired in time; rejected with the signal's reason as soon as it aborts, with a TypeError or
   *   RangeError for bad options, with an OwnerDiedError when it is a lock whose holder died, and with `ERR_RETIRED` when it
   *   would have to wait and this agent was taken for dead
   */
  acquireAsync(options: WaitOptions = {}): Promise<boolean> {
    return this.waiting.waitAsync(options);
  }

  override holdAsync(options: WaitOptions = {}): Promise<Hold> {
    return this.acquireToHoldAsync(options).then((got) => {
      if (!got) throw this.timeUp(options.timeout);
      return new Hold(() => this.releaseByTask(), this.label);
    });
  }

  /** @internal Acquires for a scope, for a task. */
  protected acquireToHoldAsync(options: WaitOptions): Promise<boolean> {
    return this.acquireAsync(options);
  }

  /** @internal Releases what a task acquired. */
  protected releaseByTask(): void {
    this.release();
  }
}
