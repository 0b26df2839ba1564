/** What pools and their calls can be asked for. */
import type { Fields } from '../../core/arguments.js';
import type { ForeignWorker } from '../../host/settings.js';
import type { Target } from '../../tasks/target.js';
import type { StartContext } from '../start-method.js';
import type { AsyncOptions } from './async-result.js';
import type { MapProgress } from './map-feed.js';

/** What a pool is made with, besides how many workers it has. */
export interface PoolOptions {
  /** Called in each worker before its first task, in those that replace others, too. */
  readonly initializer?: Target<never[], unknown> | undefined;
  /** What it is called with. */
  readonly initargs?: readonly unknown[] | undefined;
  /** How many tasks a worker does before another replaces it; a chunk is one task. Without it, as many as there are. */
  readonly maxTasksPerChild?: number | undefined;
  /**
   * How many tasks that wait for something a worker does at once; 1 by default. One that computes keeps the others of its worker
   * from going on. Workers by the start method `'process'` do one at a time.
   */
  readonly concurrency?: number | undefined;
  /** How long a task that was given up may go on until its worker is ended for it, in ms; 100 by default. */
  readonly grace?: number | undefined;
  /**
   * Makes a worker whose own module calls `serve` of `/multiprocessing`, as `fromModule` takes it: for bundlers, which bundle what
   * `new Worker(new URL(…))` names. The pool's functions are those that this module serves: references by `fromModule` of the
   * same function. When such a worker is ended from outside, that is noticed in a turn of this agent's event loop; so await
   * what comes of them, and do not block for it.
   */
  readonly worker?: (() => ForeignWorker) | undefined;
  /** How the workers are started: a start method, or a context; as `setStartMethod` says, by default. */
  readonly context?: StartContext | undefined;
}

/** How items become tasks. */
export interface ChunkOptions {
  /** How many items are one task. */
  readonly chunkSize?: number | undefined;
}

/** What may be asked for with `mapAsync` and `starmapAsync`. */
export interface MapOptions<Result> extends ChunkOptions, AsyncOptions<Result[]> {
  /** Told after each task, in the agent that has the pool, how far the call is. What it throws becomes the error. */
  readonly onProgress?: ((progress: MapProgress) => void) | undefined;
}

/** What may be asked for with `imap` and `imapUnordered`. */
export interface ImapOptions extends ChunkOptions {
  /**
   * The most items that are taken from the input and whose results were not read; four chunks for each worker by default.
   */
  readonly bufferSize?: number | undefined;
  /** How many times more a task is begun whose worker has died in it; 0 by default. */
  readonly retries?: number | undefined;
}

export const POOL_FIELDS: Fields<PoolOptions> = {
  initializer: true,
  initargs: true,
  maxTasksPerChild: true,
  concurrency: true,
  grace: true,
  worker: true,
  context: true,
};
export const ASYNC_FIELDS: Fields<AsyncOptions<unknown>> = {
  callback: true,
  errorCallback: true,
  timeout: true,
  signal: true,
  retries: true,
};
export const MAP_FIELDS: Fields<MapOptions<unknown>> = { ...ASYNC_FIELDS, chunkSize: true, onProgress: true };
export const IMAP_FIELDS: Fields<ImapOptions> = { chunkSize: true, bufferSize: true, retries: true };
