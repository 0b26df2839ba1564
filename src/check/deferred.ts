/** A queue of callbacks to run at the end of the current turn. */
export interface Turns {
  queueMicrotask(callback: () => void): void;
}

/**
 * The `value` of a simulated Atomics.waitAsync: as much of a Promise as can be followed synchronously. Its callbacks
 * run as microtasks of the turn that resolves it, so that a whole event loop fits into one re-execution.
 */
export class Deferred<T> {
  readonly #turns: Turns;
  readonly #callbacks: ((value: T) => void)[] = [];
  #settled: { readonly value: T } | undefined;
  /** Whether anybody called then(). */
  watched = false;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  resolve(value: T): void {
    this.#settled = { value };
    for (const callback of this.#callbacks) this.#turns.queueMicrotask(() => callback(value));
  }

  /** As Promise.prototype.then; an error thrown by the callback is an error of the thread. */
  // biome-ignore lint/suspicious/noThenProperty: standing in for a promise is what this class is for
  then<U>(onFulfilled: (value: T) => U | Deferred<U>): Deferred<U> {
    this.watched = true;
    const next = new Deferred<U>(this.#turns);
    next.watched = true;
    const callback = (value: T): void => {
      const given = onFulfilled(value);
      if (given instanceof Deferred) given.then((late) => next.resolve(late));
      else next.resolve(given);
    };
    const { value } = this.#settled ?? {};
    if (this.#settled === undefined) this.#callbacks.push(callback);
    else this.#turns.queueMicrotask(() => callback(value as T));
    return next;
  }
}
