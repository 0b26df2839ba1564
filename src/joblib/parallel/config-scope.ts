/** For how long a `parallelConfig` holds. */
import { DISPOSE } from '../../sync/hold.js';

/**
 * What `parallelConfig` returns, for `using`: disposing of it takes back what was set. Doing so twice is the same as
 * once.
 *
 * @example
 * ```ts
 * import { effectiveNJobs, parallelConfig } from 'atomics-sync-free/joblib';
 * const scope = parallelConfig({ backend: 'sequential' });
 * console.log(effectiveNJobs(4)); // 1
 * scope[Symbol.dispose]();
 * console.log(effectiveNJobs(4)); // 4
 * ```
 */
export class ConfigScope {
  readonly #end: () => void;

  /** @internal */
  constructor(end: () => void) {
    this.#end = end;
  }

  /** Takes back what was set. */
  [DISPOSE](): void {
    this.#end();
  }
}
