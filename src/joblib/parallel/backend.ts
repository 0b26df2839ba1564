/** The small interface between the loop and what runs it. */
import type { Target } from '../../tasks/target.js';

/** A call to be made: what `delayed(f)(…args)` returns. */
export interface DelayedCall<Result = unknown> {
  /** The function. */
  readonly target: Target<never[], Result>;
  /** What it is called with. */
  readonly args: readonly unknown[];
}

/** The result of a delayed call. */
export type ResultOf<Call extends DelayedCall> = Call extends DelayedCall<infer Result> ? Result : never;

/** Why a batch was not done. */
export interface BatchFailure {
  /** What was thrown. */
  readonly error: unknown;
  /** Which call of the batch threw it; undefined if it is about the batch as a whole. */
  readonly at?: number | undefined;
}

/** The outcome of a batch of calls. */
export interface BatchOutcome {
  /** What the calls returned, in order, up to the first that failed. */
  readonly values: readonly unknown[];
  /** Why the others were not made. */
  readonly failure?: BatchFailure | undefined;
  /** How long the calls took where they were made, in ms. */
  readonly duration: number;
}

/** A batch that has been submitted. */
export interface RunningBatch {
  /**
   * Blocks until the batch is done and its `done` has been called; meanwhile it calls that of other batches, too.
   *
   * @param timeout the longest wait, in ms
   * @returns false when the time is up
   */
  wait(timeout: number): boolean;
  /** Gives the batch up. Its `done` is called, with whatever outcome. */
  cancel(): void;
}

/** What runs the batches of one run of a Parallel. */
export interface ParallelSession {
  /**
   * Whether calls cost less in batches of several, handed out ahead, than each in a batch of its own. If not, a batch
   * is one call, and there are never more under way than jobs.
   */
  readonly batches: boolean;
  /**
   * Whether `submit` makes the calls itself, so that handing them out ahead gains nothing: then a generator makes each call
   * when its result is asked for. False by default.
   */
  readonly lazy?: boolean | undefined;
  /**
   * Starts a batch.
   *
   * @param calls one or more
   * @param done called once: in `submit`, in `wait` of any batch, or in a turn of the event loop
   * @returns how to wait for it, and to give it up
   * @throws when a call cannot be sent
   */
  submit(calls: readonly DelayedCall[], done: (outcome: BatchOutcome) => void): RunningBatch;
  /** Called when the work is over. */
  close(): void;
}

/** The settings of a backend, besides the number of jobs. */
export interface BackendSettings {
  /**
   * Typed arrays of this many bytes or more among the arguments, also in arrays and plain objects, are copied into
   * shared memory once a run, and not for each call: all calls see the same memory. Only for workers that share memory.
   * Infinity, the default, for none.
   */
  readonly maxNbytes?: number | undefined;
  /** Where the server is. */
  readonly url?: string | undefined;
  /** What all names on the server begin with. */
  readonly namespace?: string | undefined;
  /** How many more times a batch in which a call has thrown is tried. */
  readonly retries?: number | undefined;
  /**
   * How long a batch waits while the server is away or takes no changes, or while there is no worker, in ms; 60,000 by
   * default, Infinity for no limit. After that it fails with what is wrong with the server, or `ERR_NO_WORKERS`.
   */
  readonly patience?: number | undefined;
}

/**
 * A way of running calls: joblib's ParallelBackendBase.
 *
 * @example
 * ```ts
 * import { delayed, Parallel, type ParallelBackend, registerParallelBackend } from 'atomics-sync-free/joblib';
 * // Makes calls at once, and counts them.
 * let calls = 0;
 * const counting: ParallelBackend = {
 *   effectiveNJobs: () => 2,
 *   open: () => ({
 *     batches: true,
 *     submit(batch, done) {
 *       calls += batch.length;
 *       const values = batch.map(({ target, args }) => (target as (...args: readonly unknown[]) => unknown)(...args));
 *       done({ values, duration: 0 });
 *       return { wait: () => true, cancel: () => {} };
 *     },
 *     close() {},
 *   }),
 * };
 * registerParallelBackend('counting', counting);
 * const square = delayed((x: number) => x * x);
 * console.log(new Parallel({ backend: 'counting' }).run([1, 2, 3].map((x) => square(x))), calls); // [ 1, 4, 9 ] 3
 * ```
 */
export interface ParallelBackend {
  /**
   * @param nJobs as asked for: −1 for as many as there are processors, −2 for one less, and so on
   * @returns how many batches can run at the same time
   */
  effectiveNJobs(nJobs: number): number;
  /**
   * @param nJobs what `effectiveNJobs` returned
   * @param settings the other settings
   * @returns what runs the batches of one run of a Parallel
   */
  open(nJobs: number, settings: BackendSettings): ParallelSession;
  /**
   * Called when a Parallel is disposed of: lets go of what is kept for the next one, unless another run uses it.
   *
   * @param nJobs what `effectiveNJobs` returned
   */
  release?(nJobs: number): void;
  /** Whether calls can share memory with their caller, as `require: 'sharedmem'` asks for; false by default. */
  readonly sharesMemory?: boolean | undefined;
}
