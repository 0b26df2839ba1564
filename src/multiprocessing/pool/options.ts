/** The options of pools and their calls, and their checks. */
import {
  checkArray,
  checkBound,
  checkFields,
  checkFunction,
  checkInteger,
  checkSignal,
  checkTimeout,
  type Fields,
} from '../../core/arguments.js';
import type { ForeignWorker } from '../../host/settings.js';
import { WORKER_FIELDS, type WorkerOptions } from '../../tasks/settings.js';
import type { Target } from '../../tasks/target.js';
import { plainCodec } from '../child/messages.js';
import { type StartContext, startMethodOf } from '../start-method.js';
import { workersOf } from '../workers.js';
import type { AsyncOptions } from './async-result.js';
import type { MapProgress } from './map-feed.js';
import { ReadAhead } from './read-ahead.js';

/**
 * How each worker begins.
 *
 * @typeParam Args the arguments of the initializer
 */
// biome-ignore lint/suspicious/noExplicitAny: options that do not say which arguments may have any
export type InitializerOptions<Args extends any[] = any[]> = {
  /** Called in each worker before its first task, also in workers that replace others. */
  readonly initializer?: Target<Args, unknown> | undefined;
} & ([] extends Args
  ? {
      /** What the initializer is called with; may be left out if that can be called without arguments. */
      readonly initargs?: readonly [...Args] | undefined;
    }
  : {
      /** What the initializer is called with. */
      readonly initargs: readonly [...Args];
    });

/**
 * Options of a new pool, besides how many workers it has.
 *
 * @typeParam Args the arguments of the initializer
 */
// biome-ignore lint/suspicious/noExplicitAny: as for InitializerOptions
export type PoolOptions<Args extends any[] = any[]> = PoolSettings & InitializerOptions<Args>;

/** Options of a new pool, besides how many workers it has, and how they begin. */
export interface PoolSettings extends WorkerOptions {
  /**
   * How many tasks a worker does before another replaces it; a chunk is one task. Without it, or with Infinity, there
   * is no limit.
   */
  readonly maxTasksPerChild?: number | undefined;
  /**
   * How many tasks a worker does at once while they wait for something; 1 by default. A task that computes keeps the
   * others of its worker from going on. Workers with the start method `'process'` do one at a time.
   */
  readonly concurrency?: number | undefined;
  /** How long a task that was given up may go on before its worker is ended for it, in ms; 100 by default. */
  readonly grace?: number | undefined;
  /**
   * Makes a worker whose own module calls `serve` of `/multiprocessing`, as `fromModule` takes it: for bundlers, which
   * bundle what `new Worker(new URL(…))` names. The pool's functions are those that this module serves: references by
   * `fromModule` of the same function. That such a worker was ended from outside is noticed in a turn of this agent's
   * event loop, so await the results, and do not block for them.
   */
  readonly worker?: (() => ForeignWorker) | undefined;
  /** How the workers are started: a start method or a context; by default the method that `setStartMethod` set. */
  readonly context?: StartContext | undefined;
}

/** How items become tasks. */
export interface ChunkOptions {
  /** How many items make one task. */
  readonly chunkSize?: number | undefined;
}

/** Options of `mapAsync` and `starmapAsync`. */
export interface MapOptions<Result> extends ChunkOptions, AsyncOptions<Result[]> {
  /** Called after each task with the call's progress, in the agent that has the pool. What it throws becomes the error. */
  readonly onProgress?: ((progress: MapProgress) => void) | undefined;
}

/** Options of `imap` and `imapUnordered`. */
export interface ImapOptions extends ChunkOptions {
  /**
   * The most items that are taken from the input before their results are read, at least `chunkSize`; Infinity for no bound.
   * By default four chunks for each worker, and up to 64 if they are done within a few ms.
   */
  readonly bufferSize?: number | undefined;
  /** How many more times a task is begun after its worker has died in it; 0 by default. */
  readonly retries?: number | undefined;
}

const POOL_FIELDS: Fields<PoolOptions> = {
  initializer: true,
  initargs: true,
  maxTasksPerChild: true,
  concurrency: true,
  grace: true,
  worker: true,
  context: true,
  ...WORKER_FIELDS,
};
const ASYNC_FIELDS: Fields<AsyncOptions<unknown>> = {
  callback: true,
  errorCallback: true,
  timeout: true,
  signal: true,
  retries: true,
};
const MAP_FIELDS: Fields<MapOptions<unknown>> = { ...ASYNC_FIELDS, chunkSize: true, onProgress: true };
const IMAP_FIELDS: Fields<ImapOptions> = { chunkSize: true, bufferSize: true, retries: true };
const A_CALL = 'a call of a pool';

/** The most items of a chunk, and the most of everything else that is counted. */
const MOST = 2 ** 30;
/** How long a task that was given up may go on, in ms, by default. */
const GRACE_MS = 100;
/** How many chunks imap takes ahead for each worker: by default, and if they are done soon. */
const AHEAD = 4;
const MOST_AHEAD = 64;

/**
 * @returns what the workers of a pool need of its options, except its functions
 * @throws TypeError or RangeError when one is invalid
 * @throws SyncError `ERR_NOT_CLONEABLE` when something in `initargs` cannot be sent to a child process
 */
export function checkPoolOptions(options: PoolOptions) {
  checkFields('Pool', options, POOL_FIELDS);
  const { initargs = [], maxTasksPerChild, context, concurrency = 1, grace = GRACE_MS, worker } = options;
  const startMethod = startMethodOf(context);
  if (maxTasksPerChild !== undefined) checkBound('maxTasksPerChild', maxTasksPerChild, 1, MOST);
  checkInteger('concurrency', concurrency, 1, MOST);
  checkTimeout(grace, 'grace');
  if (worker !== undefined) checkFunction('worker', worker);
  checkArray('initargs', initargs);
  if (startMethod === 'process') checkForProcesses(initargs, concurrency, worker);
  const maxTasks = maxTasksPerChild ?? Infinity;
  const workers = workersOf(options, startMethod, worker !== undefined);
  return { initargs, maxTasks, concurrency, grace, startMethod, make: worker, workers };
}

function checkForProcesses(initargs: readonly unknown[], concurrency: number, worker: unknown): void {
  if (concurrency > 1) {
    throw new RangeError(
      "workers of the start method 'process' run one task at a time; use more of them instead of concurrency",
    );
  }
  if (worker !== undefined) {
    throw new TypeError(
      "workers of the start method 'process' are the package's; give references by URLs instead of worker",
    );
  }
  plainCodec('initargs').current.encodeToBytes(initargs);
}

/**
 * @throws TypeError or RangeError when an option is invalid
 * @throws the signal's reason when it is aborted
 */
export function checkAsyncOptions(options: AsyncOptions<never>): void {
  checkFields(A_CALL, options, ASYNC_FIELDS);
  checkAsync(options);
}

function checkAsync({ callback, errorCallback, timeout, signal, retries }: AsyncOptions<never>): void {
  if (retries !== undefined) checkInteger('retries', retries, 0, MOST);
  if (callback !== undefined) checkFunction('callback', callback);
  if (errorCallback !== undefined) checkFunction('errorCallback', errorCallback);
  if (timeout !== undefined) checkTimeout(timeout);
  if (signal !== undefined) checkSignal(signal);
}

/**
 * @throws TypeError or RangeError when an option is invalid
 * @throws the signal's reason when it is aborted
 */
export function checkMapOptions(options: MapOptions<never>): void {
  checkFields(A_CALL, options, MAP_FIELDS);
  const { chunkSize, onProgress } = options;
  if (onProgress !== undefined) checkFunction('onProgress', onProgress);
  if (chunkSize !== undefined) checkInteger('chunkSize', chunkSize, 1, MOST);
  checkAsync(options);
}

/**
 * @param workers how many the pool has
 * @returns the options, with their defaults
 * @throws TypeError or RangeError when an option is invalid
 */
export function checkImapOptions(options: ImapOptions, workers: number) {
  checkFields(A_CALL, options, IMAP_FIELDS);
  const { chunkSize = 1, bufferSize, retries = 0 } = options;
  checkInteger('chunkSize', chunkSize, 1, MOST);
  if (bufferSize !== undefined) checkBound('bufferSize', bufferSize, chunkSize, MOST);
  checkInteger('retries', retries, 0, MOST);
  const chunk = workers * chunkSize;
  const ahead = new ReadAhead(bufferSize ?? AHEAD * chunk, bufferSize ?? MOST_AHEAD * chunk);
  return { chunkSize, ahead, retries };
}
