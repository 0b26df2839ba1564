/** Backends by their names, and what is meant where a Parallel does not say it. */
import { checkInteger, checkOptions, shown } from '../../core/arguments.js';
import type { ParallelBackend } from './backend.js';
import { ConfigScope } from './config-scope.js';
import { checkNJobs } from './n-jobs.js';
import { isInWorker } from './nesting.js';
import { sequential } from './sequential.js';
import { workers } from './workers.js';

/** What `parallelConfig` sets. */
export interface ParallelConfig {
  /** The name of a backend: `'workers'`, `'sequential'`, or one that was registered. */
  readonly backend?: string | undefined;
  /** How many calls run at the same time: −1 for as many as there are processors, −2 for one less, and so on. */
  readonly nJobs?: number | undefined;
  /** How much is told of progress on the error output: 0 for nothing, 1 for little, 11 for each batch. */
  readonly verbose?: number | undefined;
}

const backends = new Map<string, ParallelBackend>([
  ['workers', workers],
  ['sequential', sequential],
]);

const MOST_VERBOSE = 100;

/** Those that hold, the innermost last. */
const configs: ParallelConfig[] = [];

/**
 * Makes a backend known under a name.
 *
 * @param name for the option `backend`
 * @param backend what runs calls
 * @throws TypeError when an argument is not what it must be
 *
 * @example
 * ```ts
 * import { delayed, Parallel, registerParallelBackend } from 'atomics-sync-free/joblib';
 * // Makes no call, and says so. ParallelBackend has an example that makes them.
 * registerParallelBackend('dry', {
 *   effectiveNJobs: () => 1,
 *   open: () => ({
 *     batches: true,
 *     submit(calls, done) {
 *       done({ values: calls.map(({ args }) => `not called with ${args}`), duration: 0 });
 *       return { wait: () => true, cancel: () => {} };
 *     },
 *     close: () => {},
 *   }),
 * });
 * const call = delayed((x: number) => `called with ${x}`);
 * console.log(new Parallel({ backend: 'dry' }).run([call(7)])); // [ 'not called with 7' ]
 * ```
 */
export function registerParallelBackend(name: string, backend: ParallelBackend): void {
  if (typeof name !== 'string' || name === '') throw new TypeError('name is a string that is not empty');
  if (typeof backend?.open !== 'function' || typeof backend.effectiveNJobs !== 'function')
    throw new TypeError('a backend has the methods effectiveNJobs and open');
  backends.set(name, backend);
}

/** @throws TypeError when there is none of that name */
export function backendNamed(name: string): ParallelBackend {
  const backend = backends.get(name);
  if (backend !== undefined) return backend;
  throw new TypeError(`backend is one of ${[...backends.keys()].map(shown).join(', ')}, not ${shown(name)}`);
}

/** @throws TypeError, RangeError when an option is not what it must be */
export function checkConfig({ backend, nJobs, verbose }: ParallelConfig): void {
  if (backend !== undefined) backendNamed(backend);
  if (nJobs !== undefined) checkNJobs(nJobs);
  if (verbose !== undefined) checkInteger('verbose', verbose, 0, MOST_VERBOSE);
}

/**
 * Sets what is meant where a Parallel does not say it, in this agent, from now on and until it is disposed of.
 *
 * @param config what to set; the rest is as it was
 * @returns an object that takes it back
 * @throws TypeError or RangeError when an option is not what it must be
 *
 * @example
 * ```ts
 * import { effectiveNJobs, parallelConfig } from 'atomics-sync-free/joblib';
 * {
 *   using _ = parallelConfig({ backend: 'sequential' });
 *   console.log(effectiveNJobs(4)); // 1
 * }
 * console.log(effectiveNJobs(4)); // 4
 * ```
 */
export function parallelConfig(config: ParallelConfig): ConfigScope {
  checkOptions(config);
  checkConfig(config);
  const own = { ...config };
  configs.push(own);
  return new ConfigScope(() => {
    const at = configs.indexOf(own);
    if (at >= 0) configs.splice(at, 1);
  });
}

/** All that `parallelConfig` can set. */
interface Settings {
  readonly backend: string;
  readonly nJobs: number;
  readonly verbose: number;
}

/** What holds where nothing is said. */
const DEFAULTS: Settings = { backend: 'workers', nJobs: 1, verbose: 0 };

/** @returns what is meant by what was said */
export function configured(said: ParallelConfig): Settings {
  const pick = <Key extends keyof Settings>(key: Key): Settings[Key] =>
    (said[key] ?? configs.findLast((config) => config[key] !== undefined)?.[key] ?? DEFAULTS[key]) as Settings[Key];
  return { backend: pick('backend'), nJobs: pick('nJobs'), verbose: pick('verbose') };
}

/** @returns the backend, and how many jobs it has: in a worker of another Parallel, and for one job, the calls are made here */
export function chosen(name: string, nJobs: number): readonly [ParallelBackend, number] {
  const backend = backendNamed(name);
  if (backend === workers && isInWorker()) return [sequential, 1];
  const effective = backend.effectiveNJobs(nJobs);
  return backend === workers && effective === 1 ? [sequential, 1] : [backend, effective];
}

/**
 * How many calls a Parallel with these options would make at the same time.
 *
 * @param nJobs as a Parallel takes it; −1 by default
 * @returns 1 or more
 * @throws TypeError or RangeError when it is not what it must be
 *
 * @example
 * ```ts
 * import { cpuCount, effectiveNJobs } from 'atomics-sync-free/joblib';
 * console.log(effectiveNJobs(3), effectiveNJobs(-1) === cpuCount()); // 3 true
 * ```
 */
export function effectiveNJobs(nJobs = -1): number {
  checkNJobs(nJobs);
  return chosen(configured({}).backend, nJobs)[1];
}
