/** joblib's Memory. */
import { list, pathOf, remove } from '#files';
import { checkFields, checkFunction, checkInteger, checkTimeout, type Fields, isURL } from '../../core/arguments.js';
import { levelOf } from '../record.js';
import { type CachedFunction, cacheAsync, cacheBlocking, isAsync } from './cached.js';
import { type CallMetadata, Calls } from './calls.js';
import { identify } from './identity.js';
import { checkDependencies } from './key.js';
import { checkLimits, type Limits, reduce } from './reduce.js';
import { removeAll } from './refused.js';
import { Shelf } from './shelf.js';
import { uncached } from './uncached.js';

/** How a Memory keeps results. */
export interface MemoryOptions {
  /** 0, the default, for nothing; 1 to log what is computed; 11 to log what is found, too; 100 at most. */
  readonly verbose?: number | undefined;
  /** A level of zlib, from 1 (fast) to 9 (small); 0 or false, the default, for none; true for 3. */
  readonly compress?: boolean | number | undefined;
  /**
   * While one process or worker computes a result, others wait for it. After this many ms it is taken for dead, and
   * another one computes; 60,000 by default. It should be more than the longest call takes.
   */
  readonly lockTimeout?: number | undefined;
}

/** How the results of a function are kept. */
export interface CacheOptions<Args extends unknown[] = unknown[]> {
  /**
   * Arguments that the result does not depend on: numbers are positions, from 0 on; strings are names of properties of
   * arguments that are plain objects.
   */
  readonly ignore?: readonly (number | string)[] | undefined;
  /** Like that of the Memory, which is the default. */
  readonly verbose?: number | undefined;
  /** Where the function is defined, `import.meta.url`; not needed for a task. */
  readonly module?: string | URL | undefined;
  /** Anything that has a hash; another version has results of its own. */
  readonly version?: unknown;
  /**
   * What the result depends on besides the arguments and the function's own source: values count by their hashes, functions
   * by their sources, and `file:` URLs by what is in the files.
   */
  readonly deps?: readonly unknown[] | undefined;
  /** Returns whether a kept result may be used: true or false, not a promise. */
  readonly cacheValidationCallback?: ((metadata: CallMetadata<Args>) => boolean) | undefined;
}

const MEMORY_FIELDS: Fields<MemoryOptions> = { verbose: true, compress: true, lockTimeout: true };
const CACHE_FIELDS: Fields<CacheOptions> = {
  ignore: true,
  verbose: true,
  module: true,
  version: true,
  deps: true,
  cacheValidationCallback: true,
};

/** The folder in a location, whose name has the version of what is in there. */
const ROOT = 'memory-2';

/** The most that `verbose` can be. */
const MOST_VERBOSE = 100;

/**
 * Results of functions in files, for any number of workers, processes and runs of a program: joblib's Memory. A result is
 * found again by the function's place, name and source, and by its arguments, as `hash` sees them.
 *
 * **What a function uses from around it is not seen**: variables of its closure, other functions, files. Name them in
 * `deps`, or raise `version`; otherwise a result from before a change is returned.
 *
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { Memory } from 'atomics-sync-free/joblib';
 * const memory = new Memory(`${tmpdir()}/results`);
 * const factor = 3;
 * let computed = 0;
 * const scaled = memory.cache(
 *   function scaled(values: Float64Array) {
 *     computed++;
 *     return values.map((x) => x * factor);
 *   },
 *   { module: import.meta.url, deps: [factor] },
 * );
 * scaled.clear();
 * scaled(new Float64Array([1, 2]));
 * console.log(scaled(new Float64Array([1, 2])), computed); // Float64Array(2) [ 3, 6 ] 1
 * ```
 */
export class Memory {
  /** The folder that it was made with; null when nothing is kept. */
  readonly location: string | null;
  readonly #root: string | undefined;
  readonly #verbose: number;
  readonly #level: number;
  readonly #lockTimeout: number;

  /**
   * @param location a folder, which is made when there is something to keep; null to keep nothing
   * @param options how results are kept
   * @throws TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_NO_FILES` in a page, unless the location is null
   */
  constructor(location: string | URL | null, options: MemoryOptions = {}) {
    checkFields('Memory', options, MEMORY_FIELDS);
    const { verbose = 0, compress = false, lockTimeout = 60_000 } = options;
    if (location !== null && !isURL(location) && (typeof location !== 'string' || location === ''))
      throw new TypeError('location must be the path of a folder, a URL or null');
    checkInteger('verbose', verbose, 0, MOST_VERBOSE);
    checkTimeout(lockTimeout, 'lockTimeout');
    this.#verbose = verbose;
    this.#level = levelOf(compress);
    this.#lockTimeout = lockTimeout;
    this.location = location === null ? null : pathOf(location);
    this.#root = this.location === null ? undefined : `${this.location}/${ROOT}`;
  }

  /**
   * Makes a function whose results are kept; those of an async function are what its promises resolve to. The first
   * call computes, and returns what the function returned; later ones return copies, as structured clone makes them. A
   * call made while the same result is being computed waits for it. What the function throws is not kept. A result that
   * the file system refuses, because it is full or read-only, is returned all the same, with a warning.
   *
   * @param f a task, or a function that has a name
   * @param options what the result depends on, and until when it is used
   * @returns a function to call in its place
   * @throws TypeError when `f` is not a function, has no name, is native or bound, a class, a generator, or made by `cache`;
   *   TypeError or RangeError when an option is invalid. Unless nothing is kept, the function that is returned throws SyncError
   *   `ERR_NOT_HASHABLE` when an argument has no hash, `ERR_NOT_CLONEABLE` when the result cannot be kept, and TypeError
   *   when a function that is not async returns a promise, or `cacheValidationCallback` does
   */
  cache<Args extends unknown[], Result>(
    f: (...args: Args) => Result,
    options: CacheOptions<Args> = {},
  ): CachedFunction<Args, Result> {
    checkFields('cache', options, CACHE_FIELDS);
    const { ignore = [], verbose = this.#verbose, module, version, deps = [], cacheValidationCallback } = options;
    checkInteger('verbose', verbose, 0, MOST_VERBOSE);
    if (cacheValidationCallback !== undefined) checkFunction('cacheValidationCallback', cacheValidationCallback);
    const identity = identify(f, module);
    const dependencies = { ignore, version, deps };
    checkDependencies(dependencies);
    const fn = f as (...args: unknown[]) => unknown;
    if (this.#root === undefined) return typed(uncached(fn));
    const folder = `${this.#root}/${identity.folder}`;
    const shelf = new Shelf(folder, identity.source, this.#level, this.#lockTimeout);
    const isValid = cacheValidationCallback as ((metadata: CallMetadata<never[]>) => boolean) | undefined;
    const calls = new Calls(identity, shelf, dependencies, verbose, isValid);
    return typed(isAsync(fn) ? cacheAsync(fn, calls) : cacheBlocking(fn, calls));
  }

  /**
   * Removes results until the rest is within the limits, least recently used first, as far as the file system keeps the
   * times of reading.
   *
   * @param limits what may be left
   * @throws TypeError or RangeError when a limit is not a number, is NaN or is negative; nothing is removed then. What the
   *   host throws when a result cannot be removed; the others have been removed then
   */
  reduceSize(limits: Limits): void {
    checkLimits(limits);
    if (this.#root !== undefined) reduce(this.#root, limits);
  }

  /**
   * Removes all results of all functions.
   *
   * @throws what the host throws when something cannot be removed; everything else has been removed then
   */
  clear(): void {
    if (this.#root === undefined) return;
    // The root goes last: if this is killed, the next call finds what is left.
    const root = this.#root;
    removeAll(list(root).map((name) => `${root}/${name}`));
    remove(this.#root);
  }

  /** @returns its location, for people */
  toString(): string {
    return `Memory(${this.location === null ? 'null' : JSON.stringify(this.location)})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** The types are those of the function that was given. */
const typed = <Args extends unknown[], Result>(cached: unknown): CachedFunction<Args, Result> =>
  cached as CachedFunction<Args, Result>;
