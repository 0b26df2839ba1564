/** The running task as its function sees it: whether anybody still wants its result. */
import { release, retain } from '../../core/wait/keep-alive.js';
import type { Claims } from './claims.js';

/** A task of a pool, as its function sees it; see `currentTask`. */
export interface CurrentTask {
  /** Aborts when the task is given up; for functions that wait. The pool's `grace` is the time that is then left. */
  readonly signal: AbortSignal;
  /** Whether the task was given up; for functions that compute, and check it from time to time. */
  readonly cancelled: boolean;
}

let current: CurrentTask | undefined;

/**
 * The task that the calling function does. Ask for it before the first `await`: after that, it may be another task's
 * turn.
 *
 * @returns the task; undefined if the caller is not in a worker of a pool
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

/** Calls a function with a task as the current one, up to its first `await`. */
export function callAs<Result>(task: CurrentTask, call: () => Result): Result {
  const outer = current;
  current = task;
  try {
    return call();
  } finally {
    current = outer;
  }
}

/** A task that a worker has claimed. Until its function asks for it, it costs nothing but this object. */
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
      // The worker must not end while a task waits for nothing but its signal.
      else retain();
    }
    return this.#controller.signal;
  }

  /** Called when it is done, whatever its outcome, before that is reported. */
  end(): void {
    this.#ended = true;
    if (this.#unwatch === undefined) return;
    this.#unwatch();
    release();
  }
}
