/** Backends by their names, and the settings that apply if a Parallel has none of its own. */
import { checkFields, checkInteger, checkTimeout, type Fields, shown } from '../../core/arguments.js';
import type { BackendSettings, ParallelBackend } from './backend.js';
import { ConfigScope } from './config-scope.js';
import { checkNJobs } from './n-jobs.js';
import { isInWorker } from './nesting.js';
import { sequential } from './sequential.js';
import { processes, workers } from './workers.js';

/** What `parallelConfig` sets. */
export interface ParallelConfig extends BackendSettings {
  /**
   * The name of a backend: `'workers'`, `'processes'`, `'sequential'`, or one that was registered. `'workers'` by default, or
   * what `prefer` says.
   */
  readonly backend?: string | undefined;
  /** Which backend is used if none is named: `'workers'` for `'threads'`, and `'processes'`. */
  readonly prefer?: 'threads' | 'processes' | undefined;
  /**
   * What the backend must do: share memory with the calls. One that cannot is refused; one that `parallelConfig` has named
   * gives way to `'workers'`.
   */
  readonly require?: 'sharedmem' | undefined;
  /**
   * How many calls run at the same time: −1 for as many as there are processors, −2 for one less, and so on; 512 at most
   * with the backends `'workers'` and `'processes'`.
   */
  readonly nJobs?: number | undefined;
  /**
   * How much progress is reported on the error output: 0 for nothing, 1 for little, 11 for each batch; more than 50, up to
   * 100, on the standard output.
   */
  readonly verbose?: number | undefined;
}

export const CONFIG_FIELDS: Fields<ParallelConfig> = {
  backend: true,
  prefer: true,
  require: true,
  nJobs: true,
  verbose: true,
  maxNbytes: true,
  url: true,
  namespace: true,
  retries: true,
  patience: true,
};

const backends = new Map<string, ParallelBackend>([
  ['workers', workers],
  ['processes', processes],
  ['sequential', sequential],
]);

const MOST_VERBOSE = 100;
const MOST_RETRIES = 1000;

/** Those in effect, the innermost last. */
const configs: ParallelConfig[] = [];

/**
 * Registers a backend under a name.
 *
 * @param name for the option `backend`
 * @param backend what runs calls
 * @throws TypeError when an argument is invalid
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
  if (typeof name !== 'string' || name === '') throw new TypeError('name must be a non-empty string');
  if (typeof backend?.open !== 'function' || typeof backend.effectiveNJobs !== 'function')
    throw new TypeError('a backend must have the methods effectiveNJobs and open');
  backends.set(name, backend);
}

/** @throws TypeError when there is none of that name */
function backendNamed(name: string): ParallelBackend {
  const backend = backends.get(name);
  if (backend !== undefined) return backend;
  throw new TypeError(`backend must be one of ${[...backends.keys()].map(shown).join(', ')}, not ${shown(name)}`);
}

/** @throws TypeError or RangeError when an option is invalid */
export function checkConfig(config: ParallelConfig): void {
  const { backend, nJobs, verbose, prefer, require, url, namespace, retries, patience, maxNbytes } = config;
  if (backend !== undefined) backendNamed(backend);
  checkOneOf('prefer', prefer, ['threads', 'processes']);
  checkOneOf('require', require, ['sharedmem']);
  checkConsistent({ backend, prefer, require });
  if (nJobs !== undefined) checkNJobs(nJobs);
  if (verbose !== undefined) checkInteger('verbose', verbose, 0, MOST_VERBOSE);
  // Its text may hold a password, so it is not shown.
  if (url !== undefined && !URL.canParse(url)) throw new TypeError('url must be that of a server');
  if (namespace !== undefined && typeof namespace !== 'string')
    throw new TypeError(`namespace must be a string, not ${shown(namespace)}`);
  if (retries !== undefined) checkInteger('retries', retries, 0, MOST_RETRIES);
  if (patience !== undefined) checkTimeout(patience, 'patience');
  if (maxNbytes !== undefined && maxNbytes !== Infinity)
    checkInteger('maxNbytes', maxNbytes, 0, Number.MAX_SAFE_INTEGER);
}

function checkOneOf(name: string, value: string | undefined, all: readonly string[]): void {
  if (value === undefined || all.includes(value)) return;
  throw new TypeError(`${name} must be ${all.map(shown).join(' or ')}, not ${shown(value)}`);
}

/** @throws TypeError when shared memory is required of what has none */
function checkConsistent({ backend, prefer, require }: ParallelConfig): void {
  if (require === undefined) return;
  if (backend !== undefined && backendNamed(backend).sharesMemory !== true)
    throw new TypeError(
      `the backend ${shown(backend)} shares no memory with the calls, which require: 'sharedmem' asks for`,
    );
  if (backend === undefined && prefer === 'processes')
    throw new TypeError("prefer: 'processes' contradicts require: 'sharedmem', which processes cannot provide");
}

/**
 * Sets the defaults for what a Parallel does not specify, in this agent, from now on until the result is disposed of.
 *
 * @param config what to set; the rest is as it was
 * @returns an object that takes it back
 * @throws TypeError or RangeError when an option is invalid
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
  checkFields('parallelConfig', config, CONFIG_FIELDS);
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
  readonly forBackend: BackendSettings;
}

/**
 * @returns the settings in effect for what was specified
 * @throws TypeError when that contradicts itself
 */
export function configured(said: ParallelConfig): Settings {
  const pick = <Key extends keyof ParallelConfig>(key: Key): ParallelConfig[Key] =>
    said[key] ?? configs.findLast((config) => config[key] !== undefined)?.[key];
  return {
    backend: backendOf(said, pick),
    nJobs: pick('nJobs') ?? 1,
    verbose: pick('verbose') ?? 0,
    forBackend: {
      url: pick('url'),
      namespace: pick('namespace'),
      retries: pick('retries'),
      patience: pick('patience'),
      maxNbytes: pick('maxNbytes'),
    },
  };
}

/** A backend that is named for this Parallel counts most, then what it requires, then one that is named elsewhere, then hints. */
function backendOf(
  said: ParallelConfig,
  pick: <Key extends keyof ParallelConfig>(key: Key) => ParallelConfig[Key],
): string {
  const [prefer, require, elsewhere] = [pick('prefer'), pick('require'), pick('backend')];
  checkConsistent({ backend: said.backend, prefer: said.prefer, require });
  if (said.backend !== undefined) return said.backend;
  if (require !== undefined) {
    const shares = elsewhere !== undefined && backendNamed(elsewhere).sharesMemory === true;
    return shares ? elsewhere : 'workers';
  }
  return elsewhere ?? (prefer === 'processes' ? 'processes' : 'workers');
}

/**
 * @returns the backend, and how many jobs it has: in a worker of another Parallel, and for one job, the calls are made here
 * @throws RangeError when it has no workers
 */
export function chosen(name: string, nJobs: number): readonly [ParallelBackend, number] {
  const backend = backendNamed(name);
  const isOwn = backend === workers || backend === processes;
  if (isOwn && isInWorker()) return [sequential, 1];
  const effective = backend.effectiveNJobs(nJobs);
  if (!(Number.isInteger(effective) && effective >= 1))
    throw new RangeError(`the backend ${shown(name)} has ${shown(effective)} workers, so it cannot run anything`);
  return isOwn && effective === 1 ? [sequential, 1] : [backend, effective];
}

/**
 * How many calls a Parallel with these options would make at the same time.
 *
 * @param nJobs as a Parallel takes it; −1 by default
 * @returns 1 or more
 * @throws TypeError or RangeError when it is invalid
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
