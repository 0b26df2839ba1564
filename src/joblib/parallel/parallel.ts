/** joblib's Parallel. */
import {
  checkBoolean,
  checkBound,
  checkFields,
  checkFunction,
  checkInteger,
  checkTimeout,
  type Fields,
  shown,
} from '../../core/arguments.js';
import { isAsync } from '../../multiprocessing/pool/async-input.js';
import { DISPOSE } from '../../sync/hold.js';
import type { DelayedCall, ParallelBackend, ResultOf } from './backend.js';
import { CallInput, type Calls } from './call-input.js';
import { CONFIG_FIELDS, checkConfig, chosen, configured, type ParallelConfig } from './config.js';
import { ParallelIterator } from './parallel-iterator.js';
import { type Progress, ProgressTeller } from './progress.js';
import { ProgressBar } from './progress-bar.js';
import { Run } from './run.js';

/** How results are returned: all at once, or as they can be read, in the order of the calls or of completion. */
export type ReturnAs = 'list' | 'generator' | 'generator_unordered';

/** Options of a new Parallel. */
export interface ParallelOptions<Mode extends ReturnAs = ReturnAs> extends ParallelConfig {
  /** How results are returned; `'list'` by default. */
  readonly returnAs?: Mode | undefined;
  /**
   * The longest wait for the next result, in ms; no limit by default. After that the rest is given up. A call that is made
   * here, as with one job, is not interrupted.
   */
  readonly timeout?: number | undefined;
  /**
   * How many batches may be handed out and not yet done: a number, `'all'`, `'nJobs'`, or a multiple of that; `'2 * nJobs'`
   * by default; Infinity is `'all'`. Calls are taken from the input only as their batch is handed out.
   */
  readonly preDispatch?: number | 'all' | 'nJobs' | `${number} * nJobs` | undefined;
  /** How many calls make one batch; `'auto'`, the default, makes batches of 0.2 to 2 seconds. */
  readonly batchSize?: number | 'auto' | undefined;
  /**
   * How many results of a generator may be under way or unread before no more calls are taken from the input; Infinity for no
   * bound. By default those of twice as many batches as `preDispatch` says.
   */
  readonly maxBuffered?: number | undefined;
  /** Called with the progress whenever a batch is done. What it throws ends the Parallel. */
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Whether to show a bar on the error output, if that is a terminal; false by default. */
  readonly progressBar?: boolean | undefined;
}

/** What `run` returns. */
export type Returned<Mode extends ReturnAs, Result> = Mode extends 'list' ? Result[] : ParallelIterator<Result>;

/** What `run` takes. It blocks for a list of results, so the input of one cannot be async. */
export type CallsFor<Mode extends ReturnAs, Call> = Mode extends 'list' ? Iterable<Call> : Calls<Call>;

const FIELDS: Fields<ParallelOptions> = {
  ...CONFIG_FIELDS,
  returnAs: true,
  timeout: true,
  preDispatch: true,
  batchSize: true,
  maxBuffered: true,
  onProgress: true,
  progressBar: true,
};

const MODES: readonly ReturnAs[] = ['list', 'generator', 'generator_unordered'];
const MOST = 2 ** 30;

/**
 * Makes many calls, as many at a time as there are jobs, in workers that stay for the next time.
 *
 * With one job, the default, the calls are made here, one after the other. The same holds in a worker of another
 * Parallel, however many jobs are asked for: there are never more workers than the outermost one has.
 *
 * When it is disposed of, by `using`, it also ends its workers.
 *
 * The first error ends everything: what is under way is given up, and the error is thrown, with a stack that shows
 * which call it was, where it failed in the worker, and where the Parallel was called. The death of a worker is such an
 * error.
 *
 * @example
 * ```ts
 * import { delayed, isMain, Parallel, task } from 'atomics-sync-free/joblib';
 *
 * export const root = task(import.meta.url, 'root', (x: number) => Math.sqrt(x));
 *
 * if (isMain) {
 *   const parallel = new Parallel({ nJobs: 2 });
 *   console.log(parallel.run([1, 4, 9].map((x) => delayed(root)(x)))); // [ 1, 2, 3 ]
 *   console.log(await parallel.runAsync([16, 25].map((x) => delayed(root)(x)))); // [ 4, 5 ]
 * }
 * ```
 */
export class Parallel<Mode extends ReturnAs = 'list'> {
  readonly #options: ParallelOptions<Mode>;
  /** The runs that are not over. */
  readonly #runs = new Set<Run>();
  /** The backends that it has used, and with how many jobs. */
  readonly #used = new Map<ParallelBackend, number>();

  /**
   * @param options how many calls are made at a time, where, and how their results are returned
   * @throws TypeError or RangeError when an option is invalid
   */
  constructor(options: ParallelOptions<Mode> = {}) {
    checkFields('Parallel', options, FIELDS);
    checkConfig(options);
    const { returnAs, timeout, batchSize, maxBuffered, onProgress, progressBar, preDispatch } = options;
    if (returnAs !== undefined && !MODES.includes(returnAs))
      throw new TypeError(`returnAs must be one of ${MODES.map(shown).join(', ')}, not ${shown(returnAs)}`);
    if (timeout !== undefined) checkTimeout(timeout);
    if (batchSize !== undefined && batchSize !== 'auto') checkInteger('batchSize', batchSize, 1, MOST);
    if (maxBuffered !== undefined) checkBound('maxBuffered', maxBuffered, 1, MOST);
    if (onProgress !== undefined) checkFunction('onProgress', onProgress);
    if (progressBar !== undefined) checkBoolean('progressBar', progressBar);
    ahead(preDispatch, 1);
    this.#options = { ...options };
  }

  /**
   * Makes the calls.
   *
   * @param tasks what `delayed(f)(…args)` returned; a generator is read as far ahead as `preDispatch` says. For an
   *   iterator they may come from an async iterable
   * @returns the results, in the order of the calls, after blocking until all are there; or, if `returnAs` says so, an
   *   iterator of them, at once
   * @throws what a call or the input threw; for an iterator, its `next` does
   * @throws TimeoutError when a result was not there in time; WorkerDiedError when a worker died
   * @throws TypeError when the input contains anything but delayed calls; when it is async, and would have to be
   *   blocked for; when a call that is made here, as with one job, returns a promise
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in the arguments or in a result cannot be sent;
   *   `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  run<Result>(tasks: CallsFor<Mode, DelayedCall<Result>>): Returned<Mode, Result>;
  /**
   * Makes the calls, of functions whose results are of several types.
   *
   * @param tasks what `delayed(f)(…args)` returned; a generator is read as far ahead as `preDispatch` says. For an
   *   iterator they may come from an async iterable
   * @returns the results, in the order of the calls, after blocking until all are there; or, if `returnAs` says so, an
   *   iterator of them, at once
   * @throws what the form for results of one type throws
   */
  run<Call extends DelayedCall>(tasks: CallsFor<Mode, Call>): Returned<Mode, ResultOf<Call>>;
  run(tasks: Calls<DelayedCall>): unknown {
    if (this.#returnAs === 'list' && isAsync(tasks))
      throw new TypeError('the tasks come from an async iterable: use runAsync, or returnAs a generator');
    const run = this.#start(tasks);
    if (this.#returnAs !== 'list') return new ParallelIterator(run);
    const all: unknown[] = [];
    try {
      for (let values = run.next(); values !== undefined; values = run.next()) append(all, values);
    } finally {
      run.close();
    }
    return all;
  }

  /**
   * Makes the calls, without blocking the agent.
   *
   * @param tasks as for `run`, or an async iterable, which is asked for the next call once there is room for it
   * @returns the results, in the order of the calls (for `'generator_unordered'` in the order of completion), when all
   *   are there; rejected as `run` throws
   */
  runAsync<Result>(tasks: Calls<DelayedCall<Result>>): Promise<Result[]>;
  /**
   * Makes the calls, of functions whose results are of several types, without blocking the agent.
   *
   * @param tasks as for `run`, or an async iterable, which is asked for the next call once there is room for it
   * @returns the results, in the order of the calls (for `'generator_unordered'` in the order of completion), when all
   *   are there; rejected as `run` throws
   */
  runAsync<Call extends DelayedCall>(tasks: Calls<Call>): Promise<ResultOf<Call>[]>;
  async runAsync(tasks: Calls<DelayedCall>): Promise<unknown[]> {
    const run = this.#start(tasks);
    const all: unknown[] = [];
    try {
      for (let values = await run.nextAsync(); values !== undefined; values = await run.nextAsync())
        append(all, values);
    } finally {
      run.close();
    }
    return all;
  }

  /**
   * Gives up what is under way, whose readers get a SyncError `ERR_CLOSED`, and ends the workers, unless another
   * Parallel is using them. Without this they stay, for the next one with as many jobs. A Parallel that is run again
   * gets new ones.
   */
  [DISPOSE](): void {
    for (const run of this.#runs) run.disposed();
    for (const [backend, nJobs] of this.#used) backend.release?.(nJobs);
    this.#used.clear();
  }

  /** @returns how many jobs it asks for, for people */
  toString(): string {
    return `Parallel(nJobs=${configured(this.#options).nJobs})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  get #returnAs(): ReturnAs {
    return this.#options.returnAs ?? 'list';
  }

  #start(input: Calls<DelayedCall>): Run {
    const { preDispatch, batchSize = 'auto', maxBuffered, timeout = Infinity, onProgress, progressBar } = this.#options;
    const { backend: name, nJobs, verbose, forBackend } = configured(this.#options);
    const [backend, effective] = chosen(name, nJobs);
    const calls = new CallInput(input, () => run.onCame());
    const session = backend.open(effective, forBackend);
    const { batches, lazy = false } = session;
    this.#used.set(backend, effective);
    const run = new Run({
      input: calls,
      session,
      nJobs: effective,
      mostUnderWay: batches ? ahead(preDispatch, effective) : effective,
      batchSize: batchSize === 'auto' ? undefined : batchSize,
      // Nobody reads a list before it is there.
      maxBuffered: this.#returnAs === 'list' ? Infinity : lazy ? 1 : (maxBuffered ?? (batches ? undefined : effective)),
      ordered: this.#returnAs !== 'generator_unordered',
      timeout,
      progress: new ProgressTeller(verbose, effective, onProgress, progressBar ? ProgressBar.onTerminal() : undefined),
      calledAt: new Error(),
      onEnd: (over) => this.#runs.delete(over),
    });
    if (!run.isOver) this.#runs.add(run);
    return run;
  }
}

/** Too many values for the arguments of one call. */
function append(all: unknown[], values: readonly unknown[]): void {
  for (const value of values) all.push(value);
}

/** @returns how many batches are handed out ahead */
function ahead(preDispatch: ParallelOptions['preDispatch'], nJobs: number): number {
  if (preDispatch === 'all' || preDispatch === Infinity) return Infinity;
  const multiple = /^(?:(\d+(?:\.\d+)?) ?\* ?)?nJobs$/.exec(String(preDispatch ?? '2 * nJobs'));
  const count = multiple === null ? preDispatch : Math.ceil(Number(multiple[1] ?? 1) * nJobs);
  if (typeof count !== 'number')
    throw new TypeError(
      `preDispatch must be a number, 'all', or an expression like '2 * nJobs', not ${shown(preDispatch)}`,
    );
  checkInteger('preDispatch', count, 1, MOST);
  return count;
}
