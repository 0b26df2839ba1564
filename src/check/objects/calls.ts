/** Calls of the primitives' methods, as actions of their specifications; refused calls throw as the primitives do. */
import { show } from '../rules.js';
import type { Boundary } from '../stack.js';
import type { Declared, Placed, Primitive } from './declared.js';
import { BROKEN, GOT, NOT_HELD, NOT_OWNER, OVER_RELEASE, SELF_DEADLOCK, TIMED_OUT } from './specification.js';

/** The running thread, as far as calls need it. */
export interface Host {
  /** Performs an action: its outcome. */
  perform(placed: Placed, action: string, argument: number, timeout: number, boundary: Boundary): number;
  /** Whether its code is async, and followed as such. */
  readonly isAsync: boolean;
  /** Begins to wait for an action, as an async task; returns a function that ends the wait. */
  later(placed: Placed, action: string, timeout: number, done: (outcome: number) => void): () => void;
  /** Whether a task of the thread already waits for that action. */
  awaits(placed: Placed, action: string): boolean;
  /** Ends the thread with an error of the scenario. */
  refuse(message: string, boundary: Boundary): never;
}

/** The package's errors, by its own classes. */
interface Failing {
  errorOf(code: string, message: string): Error;
}

/** Options of a call, besides the action. */
interface CallOptions {
  readonly argument?: number;
  /** In ms. */
  readonly timeout?: number;
}

/** How an async wait may end early. */
export interface WaitOptions {
  /** In ms. */
  readonly timeout?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export class Calls {
  readonly #declared: Declared;
  readonly #host: Host;

  constructor(declared: Declared, host: Host) {
    this.#declared = declared;
    this.#host = host;
  }

  /**
   * Performs an action of an object.
   *
   * @param boundary - The method that the code called.
   * @returns The outcome: 0 or more, or TIMED_OUT.
   */
  do(
    object: Primitive,
    action: string,
    boundary: Boundary,
    { argument = 0, timeout = Infinity }: CallOptions = {},
  ): number {
    const placed = this.#placeOf(object, boundary);
    const outcome = this.#host.perform(placed, action, argument, timeout, boundary);
    if (outcome < TIMED_OUT) throw this.errorOf(object, action, outcome);
    return outcome;
  }

  /** Performs an action that returns whether it was possible. */
  try(object: Primitive, action: string, boundary: Boundary, options?: CallOptions): boolean {
    return this.do(object, action, boundary, options) === GOT;
  }

  /** The package's error that an outcome stands for. */
  errorOf(object: Primitive, action: string, outcome: number): Error {
    return errorFor(object as Primitive & Failing, this.#declared.placeOf(object) as Placed, action, outcome);
  }

  /**
   * Performs an action as an async task: at once, if it is its turn and the action is possible, otherwise in a later
   * turn.
   *
   * @param names - The action that waits, and the one that only tries.
   */
  doAsync(
    object: Primitive,
    [wait, attempt]: readonly [wait: string, attempt: string],
    { timeout = Infinity, signal }: WaitOptions,
    boundary: Boundary,
  ): Promise<boolean> {
    this.checkAsync(boundary);
    checkTimeout(timeout);
    if (signal?.aborted) return Promise.reject(signal.reason);
    const placed = this.#placeOf(object, boundary);
    if (!this.#host.awaits(placed, wait) && this.try(object, attempt, boundary)) return Promise.resolve(true);
    if (timeout === 0) return Promise.resolve(false);
    return this.later(object, wait, { timeout, signal }, boundary).then((outcome) => outcome === GOT);
  }

  /** Waits for an action as an async task; returns its outcome, 0 or more or TIMED_OUT. */
  later(
    object: Primitive,
    action: string,
    { timeout = Infinity, signal }: WaitOptions,
    boundary: Boundary,
  ): Promise<number> {
    const placed = this.#placeOf(object, boundary);
    return new Promise((resolve, reject) => {
      const end = this.#host.later(placed, action, timeout, (outcome) => {
        signal?.removeEventListener('abort', abort);
        if (outcome < TIMED_OUT) reject(this.errorOf(object, action, outcome));
        else resolve(outcome);
      });
      const abort = (): void => {
        end();
        reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
    });
  }

  /** A thread has one place among the waiters, so only one of its tasks may wait. */
  checkAlone(object: Primitive, action: string, boundary: Boundary): void {
    if (!this.#host.isAsync || !this.#host.awaits(this.#placeOf(object, boundary), action)) return;
    this.refuse('two tasks of one thread wait for the same object at once, which is not supported', boundary);
  }

  /** Async forms are followed only in async threads. */
  checkAsync(boundary: Boundary): void {
    if (!this.#host.isAsync) this.refuse(`${boundary.name}() of a primitive needs exploreAsync()`, boundary);
  }

  #placeOf(object: Primitive, boundary: Boundary): Placed {
    return (
      this.#declared.placeOf(object) ??
      this.refuse(
        `an object of class ${object.constructor.kind?.name} is used that the scenario does not name: add it to the scenario's 'objects'`,
        boundary,
      )
    );
  }

  refuse(message: string, boundary: Boundary): never {
    return this.#host.refuse(message, boundary);
  }
}

/** @throws TypeError or RangeError as the primitives do */
export function checkTimeout(timeout: number): void {
  if (typeof timeout !== 'number')
    throw new TypeError(`timeout must be a number of milliseconds, not ${show(timeout)}`);
  if (!(timeout >= 0)) throw new RangeError(`timeout must be 0 or more milliseconds, not ${timeout}`);
}

/** @throws TypeError as the primitives do */
export function checkNoPromise<R>(result: R, name: string, instead: string): R {
  if (typeof (result as Partial<PromiseLike<unknown>> | null | undefined)?.then !== 'function') return result;
  throw new TypeError(`${name} returned a promise, which cannot be awaited here; use ${instead}()`);
}

function errorFor(object: Failing, { name, guard }: Placed, action: string, outcome: number): Error {
  const what = `\`${guard?.name ?? name}\``;
  switch (outcome) {
    case NOT_HELD:
      return object.errorOf('ERR_NOT_HELD', `${what} is not held by anyone; ${action}() needs it held`);
    case NOT_OWNER:
      return object.errorOf('ERR_NOT_OWNER', `${what} is held by another; ${action}() needs it held by the caller`);
    case OVER_RELEASE:
      return object.errorOf('ERR_OVER_RELEASE', `release() would give ${what} more permits than its bound`);
    case SELF_DEADLOCK:
      return object.errorOf('ERR_SELF_DEADLOCK', `acquire() of ${what} would never return: this thread holds it`);
    case BROKEN:
      return object.errorOf('ERR_BROKEN_BARRIER', `${what} is broken, or was reset during the wait`);
    default:
      throw new Error(`${action}() of ${what} came to ${outcome}`);
  }
}
