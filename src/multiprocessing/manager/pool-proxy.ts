/** Proxies of pools: a pool of the manager, which any agent may use. */
import type { Target } from '../../tasks/target.js';
import { forms, ManagedProxy } from './proxy.js';
import { callOf } from './remote-call.js';

/**
 * A manager's pool, as any agent has it: Python's `PoolProxy`. Functions are tasks, or references by `fromModule`. Its
 * workers end when no proxy of it is left, and with the manager.
 */
export interface PoolProxy extends ManagedProxy {
  /**
   * Calls a function in a worker, and waits for it.
   *
   * @param target a task, or a reference by `fromModule`
   * @param args what it is called with
   * @returns what it returns
   * @throws what it throws, as `Pool.apply` does; TypeError for a function that would have to be sent
   */
  apply<Args extends unknown[], Result>(
    target: Target<Args, PromiseLike<Result> | Result>,
    args: readonly [...Args],
  ): Result;
  /**
   * Like `apply`, without blocking the agent.
   *
   * @param target a task, or a reference by `fromModule`
   * @param args what it is called with
   * @returns what it returns
   */
  applyAsync<Args extends unknown[], Result>(
    target: Target<Args, PromiseLike<Result> | Result>,
    args: readonly [...Args],
  ): Promise<Result>;
  /**
   * Calls a function in workers with each of several items, and waits for all.
   *
   * @param target a task, or a reference by `fromModule`
   * @param items what it is called with, one at a time
   * @param options how many items make one task
   * @returns the results, in the order of the items
   * @throws the first error that arrives, as `Pool.map` does; TypeError for a function that would have to be sent
   */
  map<Item, Result>(
    target: Target<[Item], PromiseLike<Result> | Result>,
    items: Iterable<Item>,
    options?: { readonly chunkSize?: number | undefined },
  ): Result[];
  /**
   * Like `map`, without blocking the agent.
   *
   * @param target a task, or a reference by `fromModule`
   * @param items what it is called with, one at a time
   * @param options how many items make one task
   * @returns the results, in the order of the items
   */
  mapAsync<Item, Result>(
    target: Target<[Item], PromiseLike<Result> | Result>,
    items: Iterable<Item>,
    options?: { readonly chunkSize?: number | undefined },
  ): Promise<Result[]>;
  /**
   * Like `map`, for functions of several arguments.
   *
   * @param target a task, or a reference by `fromModule`
   * @param items the arguments of each call, as arrays
   * @param options how many items make one task
   * @returns the results, in the order of the items
   * @throws as `map` does; and TypeError when an item is not an array
   */
  starmap<Args extends unknown[], Result>(
    target: Target<Args, PromiseLike<Result> | Result>,
    items: Iterable<readonly [...Args]>,
    options?: { readonly chunkSize?: number | undefined },
  ): Result[];
  /**
   * Like `starmap`, without blocking the agent.
   *
   * @param target a task, or a reference by `fromModule`
   * @param items the arguments of each call, as arrays
   * @param options how many items make one task
   * @returns the results, in the order of the items
   */
  starmapAsync<Args extends unknown[], Result>(
    target: Target<Args, PromiseLike<Result> | Result>,
    items: Iterable<readonly [...Args]>,
    options?: { readonly chunkSize?: number | undefined },
  ): Promise<Result[]>;
  /** Takes no more work; what it already has is done, and then the workers end. */
  close(): void;
  /** Like `close`, without blocking the agent. */
  closeAsync(): Promise<void>;
  /** Ends all workers at once. Unfinished work is rejected with a CancelledError. */
  terminate(): void;
  /** Like `terminate`, without blocking the agent. */
  terminateAsync(): Promise<void>;
  /**
   * Blocks until everything is done and all workers have ended.
   *
   * @throws SyncError `ERR_RUNNING` before `close` or `terminate`
   */
  join(): void;
  /** Like `join`, without blocking the agent. */
  joinAsync(): Promise<void>;
}

const named = (target: unknown, ...args: unknown[]): unknown[] => [callOf(target), ...args];
const namedItems = (target: unknown, items: Iterable<unknown>, ...args: unknown[]): unknown[] => [
  callOf(target),
  [...items],
  ...args,
];

export class ManagedPool extends ManagedProxy {
  static {
    forms(ManagedPool.prototype, {
      apply: { send: named },
      map: { send: namedItems },
      starmap: { send: namedItems },
      close: {},
      terminate: {},
      join: {},
    });
  }
}
