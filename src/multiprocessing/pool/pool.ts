/**
 * Python's `Pool`: workers that stay, and take tasks.
 *
 * ```text
 *            owner (one agent)                                workers, each a loop (worker.ts)
 *  ┌────────────────────────────────┐
 *  │ apply, map, imap ─▶ feeds      │      task ring
 *  │                       │ pump   │   ┌────────────┐   claims a task when it takes it
 *  │                       └────────┼──▶│ ▒ ▒ ▒ ▒    ├──┬─▶ worker 1 ──┐
 *  │ flights, by slot ◀─ ─ board ─ ─│─ ─└────────────┘─ ├─▶ worker 2 ──┤
 *  │                                │    result ring    └─▶ worker 3 ──┤
 *  │ AsyncResult,     drain         │   ┌────────────┐                 │
 *  │ PoolIterator ◀─────────────────┼───┤ ▒ ▒        │◀────────────────┘
 *  └────────────────────────────────┘   └────────────┘
 *        ▲ deaths                   supervisor (host/spawner.ts)
 *        └──────────── roll ◀───────────────┘ exit events
 * ```
 *
 * **Who wakes whom.** A put into the task ring wakes one worker, if one sleeps; a put into the result ring wakes the
 * owner, if it sleeps: blocked in `get`, `next` or `join`, or in its event loop. Only the owner takes results, either
 * way, so a blocked one needs nobody's help; it puts further tasks meanwhile. Tasks wait in one ring for whichever
 * worker is free, and never behind another task in a queue of a worker's own.
 *
 * **Deaths.** A worker claims its task before the task is out of the ring (claims.ts). When the roll shows that it has
 * ended, the owner takes what it has put, rejects the task that it had with WorkerDiedError, and starts another under
 * its number. A worker that dies before it was ready breaks the pool. A latch of a ring that it held is freed by the
 * waiters. When the owner dies, the supervisor ends the workers. A task that is given up is withdrawn; or it is told,
 * and its worker is ended if the task has not ended within the grace period.
 *
 * **Child processes.** With the start method 'process' each worker keeps a child process, which does the tasks that the
 * worker takes, some of them sent ahead (keeper.ts); the worker dies when its child does. The owner itself sends a task
 * to a child that has nothing to do (bypass.ts). Everything else is as above.
 *
 * A blocked owner looks at the roll from time to time (dispatcher.ts); otherwise it is told.
 */

import { asyncContext } from '#host';
import { checkArray, checkInteger, shown } from '../../core/arguments.js';
import { ASYNC_DISPOSE } from '../../core/async-dispose.js';
import { SyncError } from '../../core/errors.js';
import { CLONING } from '../../core/memory/handle.js';
import { checkSharedMemory } from '../../core/memory/shared-memory.js';
import { checkMayBlock } from '../../core/wait/block.js';
import { DISPOSE } from '../../sync/hold.js';
import { checkSpawner } from '../../tasks/client.js';
import { checkNotBootstrapping } from '../../tasks/is-main.js';
import type { Target } from '../../tasks/target.js';
import { cpuCount } from '../cpu-count.js';
import { CancelledError } from '../errors.js';
import { ApplyFeed } from './apply-feed.js';
import { AsyncInput, isAsync } from './async-input.js';
import { type AsyncOptions, AsyncResult, NO_OPTIONS } from './async-result.js';
import { Callees } from './callees.js';
import { MOST_WORKERS } from './claims.js';
import { anywhere, bound, boundOptions } from './context.js';
import { Dispatcher } from './dispatcher.js';
import { ImapFeed } from './imap-feed.js';
import { MapFeed } from './map-feed.js';
import type { Callee } from './messages.js';
import {
  type ChunkOptions,
  checkAsyncOptions,
  checkImapOptions,
  checkMapOptions,
  checkPoolOptions,
  type ImapOptions,
  type MapOptions,
  type PoolOptions,
} from './options.js';
import { PoolIterator } from './pool-iterator.js';
import type { PoolStatistics } from './statistics.js';

let pools = 0;

/**
 * Workers that call functions: Python's `multiprocessing.Pool`.
 *
 * A function is a task, a reference by `fromModule`, or one that uses nothing from around it, whose source is sent; it
 * may be async. Arguments and results are copied through shared memory; primitives, queues and arrays of this package
 * can be in them at any depth. A worker fetches the memory of those that it does not know; in a browser it cannot, and
 * must have been given that memory by `initargs`. Workers with the start method `'process'` share no memory: there such
 * objects are refused, with the path to them.
 *
 * Results arrive when the agent's event loop turns, or while it blocks in one of the pool's calls. Forms without
 * `Async` in their names block; a browser's main thread must not. The program may end while a pool has nothing to do,
 * which ends the workers.
 *
 * Only the agent that made a pool can use it. A task may have a pool of its own.
 *
 * @example
 * ```ts
 * import { isMain, Pool, task } from 'atomics-sync-free/multiprocessing';
 *
 * export const square = task(import.meta.url, 'square', (x: number) => x * x);
 *
 * if (isMain) {
 *   const pool = new Pool(2);
 *   console.log(pool.map(square, [1, 2, 3])); // [ 1, 4, 9 ]
 *   console.log(await pool.applyAsync(square, [12])); // 144
 *   pool.close();
 *   await pool.joinAsync();
 * }
 * ```
 */
// biome-ignore lint/suspicious/noExplicitAny: a class that extends it, without saying which arguments, may take any
export class Pool<Args extends any[] = any[]> {
  /** @internal A pool cannot be sent to other agents. */
  protected readonly cloning = CLONING;
  readonly #name: string;
  readonly #dispatcher: Dispatcher;
  readonly #callees: Callees;

  /**
   * Makes a pool, and starts its workers.
   *
   * @param processes how many workers, 1 … 512; as many as there are processors by default
   * @param options how they begin and end
   * @throws TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in `initargs` cannot be sent; `ERR_BOOTSTRAPPING` while a worker
   *   loads the module of its function; `ERR_NO_SPAWNER` in a worker of a browser that was not started by this package;
   *   `ERR_LIMIT` when too many workers run; `ERR_FUNCTION` when the option `worker` makes none; `ERR_NO_SHARED_MEMORY` where
   *   there is no SharedArrayBuffer
   */
  constructor(processes?: number, options?: PoolOptions<Args>);
  constructor(processes = Math.min(cpuCount(), MOST_WORKERS), options: PoolOptions = {}) {
    checkInteger('processes', processes, 1, MOST_WORKERS);
    const settings = checkPoolOptions(options);
    checkNotBootstrapping();
    checkSpawner();
    checkSharedMemory();
    const { initializer, worker } = options;
    this.#name = `Pool-${++pools}`;
    this.#callees = new Callees(this.#name, worker);
    const call = initializer === undefined ? undefined : this.#callees.callOf(initializer, 'initializer');
    const { buffer: texts } = this.#callees.texts;
    this.#dispatcher = new Dispatcher(this.#name, processes, { ...settings, initializer: call, texts });
  }

  /**
   * Calls a function in a worker, and blocks until it is done.
   *
   * @param target the function
   * @param args none
   * @returns what it returned, or what its promise resolved to
   * @throws as `applyAsync` and its result's `get` do
   */
  apply<Result>(target: Target<[], PromiseLike<Result> | Result>, args?: readonly []): Result;
  /**
   * Calls a function with arguments in a worker, and blocks until it is done.
   *
   * @param target the function
   * @param args what it is called with
   * @returns what it returned, or what its promise resolved to
   * @throws as `applyAsync` and its result's `get` do
   */
  apply<Args extends unknown[], Result>(
    target: Target<Args, PromiseLike<Result> | Result>,
    args: readonly [...Args],
  ): Result;
  apply(target: unknown, args: readonly unknown[] = [], ...more: never[]): unknown {
    checkMayBlock({ label: this.#name });
    if (more.length > 0)
      throw new TypeError(
        'apply takes a function and an array of its arguments; named arguments go into an object among them, and options are for applyAsync',
      );
    return this.#apply(target, args, NO_OPTIONS).blockFor(Infinity, this.apply);
  }

  /**
   * Calls a function in a worker.
   *
   * @param target the function
   * @param args none
   * @param options callbacks for the result, and when to give it up
   * @returns the AsyncResult of the call
   * @throws TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in the arguments cannot be sent; `ERR_POOL_CLOSED` when the pool
   *   takes no more work
   * @throws BrokenPoolError when the pool cannot go on
   */
  applyAsync<Result>(
    target: Target<[], PromiseLike<Result> | Result>,
    args?: readonly [],
    options?: AsyncOptions<Result>,
  ): AsyncResult<Result>;
  /**
   * Calls a function with arguments in a worker.
   *
   * @param target the function
   * @param args what it is called with; later changes to them are not seen
   * @param options callbacks for the result, and when to give it up
   * @returns the AsyncResult of the call
   * @throws TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in the arguments cannot be sent; `ERR_POOL_CLOSED` when the pool
   *   takes no more work
   * @throws BrokenPoolError when the pool cannot go on
   */
  applyAsync<Args extends unknown[], Result>(
    target: Target<Args, PromiseLike<Result> | Result>,
    args: readonly [...Args],
    options?: AsyncOptions<Result>,
  ): AsyncResult<Result>;
  applyAsync(target: unknown, args: readonly unknown[] = [], options: AsyncOptions<unknown> = NO_OPTIONS): AsyncResult {
    return this.#apply(target, args, options);
  }

  #apply(target: unknown, args: readonly unknown[], options: AsyncOptions<unknown>): AsyncResult {
    const callee = this.#prepare(target);
    if (options !== NO_OPTIONS) checkAsyncOptions(options);
    checkArray('args', args);
    const dispatcher = this.#dispatcher;
    const result = new AsyncResult<unknown>(dispatcher, callee.label, boundOptions(options));
    const { retries = 0 } = options;
    const feed = new ApplyFeed(result, callee, args, retries);
    result.comesFrom(feed);
    // What may be put again, or later, must not change meanwhile.
    if (retries === 0 && dispatcher.tryPut(feed)) {
      feed.args = undefined;
    } else {
      feed.detach(dispatcher.encode(args));
      dispatcher.add(feed);
    }
    result.begin();
    return result;
  }

  /**
   * Calls a function in workers with each of some items, and blocks until all are done.
   *
   * @param target the function
   * @param items what it is called with, one at a time
   * @param options how items become tasks; by default, later tasks have fewer of them
   * @returns the results, in the order of the items
   * @throws as `mapAsync` and its result's `get` do
   */
  map<Item, Result>(
    target: Target<[Item], PromiseLike<Result> | Result>,
    items: Iterable<Item>,
    options: ChunkOptions = {},
  ): Result[] {
    checkMayBlock({ label: this.#name });
    return this.#map<Result>(target, items, options, false).blockFor(Infinity, this.map);
  }

  /**
   * Calls a function in workers with each of some items.
   *
   * @param target the function
   * @param items what it is called with, one at a time; all of them are taken at once
   * @param options how items become tasks, callbacks for the results, and when to give it up
   * @returns the AsyncResult of the call: the results, in the order of the items; or, when everything is done, the
   *   first error to arrive
   * @throws what the items throw
   * @throws TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_POOL_CLOSED` when the pool takes no more work
   * @throws BrokenPoolError when the pool cannot go on
   */
  mapAsync<Item, Result>(
    target: Target<[Item], PromiseLike<Result> | Result>,
    items: Iterable<Item>,
    options: MapOptions<Result> = {},
  ): AsyncResult<Result[]> {
    return this.#map(target, items, options, false);
  }

  /**
   * Like `map`, for functions of several arguments.
   *
   * @param target the function
   * @param items the arguments of each call, as arrays
   * @param options how items become tasks
   * @returns the results, in the order of the items
   * @throws as `map` does; and TypeError when an item is not an array
   */
  starmap<Args extends unknown[], Result>(
    target: Target<Args, PromiseLike<Result> | Result>,
    items: Iterable<readonly [...Args]>,
    options: ChunkOptions = {},
  ): Result[] {
    checkMayBlock({ label: this.#name });
    return this.#map<Result>(target, items, options, true).blockFor(Infinity, this.starmap);
  }

  /**
   * Like `mapAsync`, for functions of several arguments.
   *
   * @param target the function
   * @param items the arguments of each call, as arrays
   * @param options how items become tasks, callbacks for the results, and when to give it up
   * @returns the AsyncResult of the call: the results, in the order of the items
   * @throws as `mapAsync` does; and TypeError when an item is not an array
   */
  starmapAsync<Args extends unknown[], Result>(
    target: Target<Args, PromiseLike<Result> | Result>,
    items: Iterable<readonly [...Args]>,
    options: MapOptions<Result> = {},
  ): AsyncResult<Result[]> {
    return this.#map(target, items, options, true);
  }

  #map<Result>(
    target: unknown,
    items: Iterable<unknown>,
    options: MapOptions<Result>,
    spread: boolean,
  ): AsyncResult<Result[]> {
    const callee = this.#prepare(target);
    checkMapOptions(options);
    const { chunkSize, retries = 0, onProgress } = options;
    checkIterable(items);
    const list = [...items];
    if (spread && !list.every(Array.isArray)) throw new TypeError('the items of starmap must be arrays of arguments');
    const result = new AsyncResult<Result[]>(this.#dispatcher, callee.label, boundOptions(options));
    const { workers } = this.#dispatcher;
    const feed = new MapFeed(
      result,
      callee,
      list,
      workers,
      chunkSize,
      spread,
      retries,
      onProgress && bound(onProgress),
    );
    result.comesFrom(feed);
    if (list.length > 0) this.#dispatcher.add(feed);
    result.begin();
    return result;
  }

  /**
   * Calls a function in workers with the items of an input, which is taken lazily, as far ahead of the reader of the
   * results as `bufferSize` says, so it may be endless. It begins at once. The results of an async input are read by
   * `for await` or `nextAsync`.
   *
   * @param target the function
   * @param items what it is called with, one at a time
   * @param options how items become tasks, one by one by default, and how many are taken ahead
   * @returns the results, in the order of the items
   * @throws as `mapAsync` does
   */
  imap<Item, Result>(
    target: Target<[Item], PromiseLike<Result> | Result>,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: ImapOptions = {},
  ): PoolIterator<Result> {
    return this.#imap(target, items, options, true);
  }

  /**
   * Like `imap`, with the results in the order in which they arrive.
   *
   * @param target the function
   * @param items what it is called with, one at a time
   * @param options how items become tasks, one by one by default, and how many are taken ahead
   * @returns the results, in the order in which they arrive
   * @throws as `mapAsync` does
   */
  imapUnordered<Item, Result>(
    target: Target<[Item], PromiseLike<Result> | Result>,
    items: Iterable<Item> | AsyncIterable<Item>,
    options: ImapOptions = {},
  ): PoolIterator<Result> {
    return this.#imap(target, items, options, false);
  }

  #imap<Result>(
    target: unknown,
    items: Iterable<unknown> | AsyncIterable<unknown>,
    options: ImapOptions,
    ordered: boolean,
  ): PoolIterator<Result> {
    const callee = this.#prepare(target);
    const dispatcher = this.#dispatcher;
    const { chunkSize, ahead, retries } = checkImapOptions(options, dispatcher.workers);
    if (!isAsync(items)) checkIterable(items);
    const input = isAsync(items) ? new AsyncInput(items, () => dispatcher.resume()) : items[Symbol.iterator]();
    const within = isAsync(items) || Array.isArray(items) ? anywhere : asyncContext();
    const feed = new ImapFeed(callee, input, ordered, chunkSize, ahead, retries, within);
    dispatcher.add(feed);
    const source = {
      wait: (done: () => boolean, timeout: number) => dispatcher.wait(done, timeout),
      pump: () => dispatcher.resume(),
      drop: () => {
        try {
          feed.close();
        } finally {
          dispatcher.cancel(feed, undefined);
        }
      },
    };
    return new PoolIterator(feed, source, callee.label);
  }

  /** @returns what workers are told of a function, if the pool takes work */
  #prepare(target: unknown): Callee {
    const { refusal } = this.#dispatcher;
    if (refusal !== undefined) throw refusal;
    return this.#callees.of(target);
  }

  /** @returns what it has done so far, and has yet to do */
  statistics(): PoolStatistics {
    return this.#dispatcher.statistics();
  }

  /** Takes no more work; what it already has is done, and then the workers end. Further calls do nothing. */
  close(): void {
    this.#dispatcher.close();
  }

  /**
   * Ends all workers at once, whatever they are doing. Unfinished work is rejected with a CancelledError. Further calls
   * do nothing.
   */
  terminate(): void {
    this.#dispatcher.stop(new CancelledError(`${this.#name} was terminated before this was done`));
  }

  /**
   * Blocks until everything is done and all workers have ended.
   *
   * @throws TypeError when an input of `imap` is async and not at its end: its items would never arrive
   * @throws SyncError `ERR_RUNNING` before `close` or `terminate`; `ERR_BLOCKING_REFUSED` when it would have to block
   *   where that is not allowed; `ERR_SELF_DEADLOCK` when called in an input, or in a getter, that the pool itself is
   *   reading
   */
  join(): void {
    this.#checkEnding();
    this.#dispatcher.join();
  }

  /**
   * Waits until everything is done and all workers have ended, without blocking the agent.
   *
   * @returns rejected with a SyncError `ERR_RUNNING` before `close` or `terminate`
   */
  async joinAsync(): Promise<void> {
    this.#checkEnding();
    await this.#dispatcher.joinAsync();
  }

  #checkEnding(): void {
    if (this.#dispatcher.isClosed) return;
    throw new SyncError('ERR_RUNNING', `${this.#name} is still running; close or terminate it before you join it`);
  }

  /** What `using` does: `terminate`, as Python's `with` does. */
  [DISPOSE](): void {
    this.terminate();
  }

  /** What `await using` does: `terminate`, and then `joinAsync`. */
  async [ASYNC_DISPOSE](): Promise<void> {
    this.terminate();
    await this.joinAsync();
  }

  /** @returns name, state and how many workers, for people */
  toString(): string {
    const { stopped, isClosed, workers } = this.#dispatcher;
    const state =
      stopped instanceof CancelledError
        ? 'terminated'
        : stopped !== undefined
          ? 'broken'
          : isClosed
            ? 'closed'
            : 'running';
    return `Pool (${this.#name}, ${state}, ${workers} ${workers === 1 ? 'worker' : 'workers'})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

function checkIterable(items: unknown): void {
  if (isAsync(items as Iterable<unknown>))
    throw new TypeError('the items are async: give them to imap, and read it with for await');
  if (typeof (items as Iterable<unknown> | undefined)?.[Symbol.iterator] === 'function') return;
  throw new TypeError(`the items must be an iterable, not ${shown(items)}`);
}
