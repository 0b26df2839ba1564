/** The task that runs, as its function sees it: whether anybody still wants what comes of it. */
import { release, retain } from '../../core/wait/keep-alive.js';
import type { Claims } from './claims.js';

/** A task of a pool, as the function sees it that does it; see `currentTask`. */
export interface CurrentTask {
  /** Aborts when the task is given up; for what waits. The pool's `grace` is the time that is left then. */
  readonly signal: AbortSignal;
  /** Whether the task was given up; for what computes, and looks from time to time. */
  readonly cancelled: boolean;
}

let current: CurrentTask | undefined;

/**
 * The task that the calling function does. Ask for it before the first `await`: behind that, another task may have its turn.
 *
 * @returns the task; undefined where no worker of a pool calls
 *
 * @example
 * ```ts
 * import { currentTask } from 'atomics-sync-free/multiprocessing';
 * export async function download(url: string): Promise<string> {
 *   return (await fetch(url, { signal: currentTask()?.signal ?? null })).text();
 * }
 * console.log(currentTask()); // undefined
 * ```
 */
export const currentTask = (): CurrentTask | undefined => current;

/** Calls a function, up to its first `await`, as what does a task. */
export function callAs<Result>(task: CurrentTask, call: () => Result): Result {
  const outer = current;
  current = task;
  try {
    return call();
  } finally {
    current = outer;
  }
}

/** A task that a worker has claimed. Until its function asks, it costs nothing but itself. */
export class ClaimedTask implements CurrentTask {
  readonly #claims: Claims;
  readonly #slot: number;
  readonly #generation: number;
  readonly #worker: number;
  #controller: AbortController | undefined;
  #unwatch: (() => void) | undefined;
  #ended = false;

  constructor(claims: Claims, slot: number, generation: number, worker: number) {
    this.#claims = claims;
    this.#slot = slot;
    this.#generation = generation;
    this.#worker = worker;
  }

  get cancelled(): boolean {
    return this.#claims.isGivenUp(this.#slot, this.#generation, this.#worker);
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      const abort = (): void => {
        if (!this.#ended && this.cancelled) controller.abort();
      };
      this.#unwatch = this.#claims.whenGivenUp(this.#slot, this.#generation, this.#worker, abort);
      if (this.#unwatch === undefined) abort();
      // Where a task waits for nothing but its signal, the worker must not end.
      else retain();
    }
    return this.#controller.signal;
  }

  /** It is done, whatever came of it, and not yet said so. */
  end(): void {
    this.#ended = true;
    if (this.#unwatch === undefined) return;
    this.#unwatch();
    release();
  }
}
