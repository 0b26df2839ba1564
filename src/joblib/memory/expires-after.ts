/** joblib's `expires_after`. */
import { checkTimeout } from '../../core/arguments.js';
import type { CallMetadata } from './calls.js';

/**
 * Makes a `cacheValidationCallback` by which results that are too old are computed anew.
 *
 * @param ms how long a result is used after it was computed
 * @returns a function for `memory.cache(f, { cacheValidationCallback })`
 * @throws TypeError or RangeError when `ms` is not a number of 0 or more
 *
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { expiresAfter, Memory } from 'atomics-sync-free/joblib';
 * const memory = new Memory(`${tmpdir()}/rates`);
 * const rates = memory.cache(
 *   async function rates(currency: string) {
 *     return { [currency]: 1.08 };
 *   },
 *   { cacheValidationCallback: expiresAfter(60_000) },
 * );
 * console.log(await rates('USD')); // { USD: 1.08 }
 * ```
 */
export function expiresAfter(ms: number): (metadata: Pick<CallMetadata, 'time'>) => boolean {
  checkTimeout(ms, 'ms');
  return ({ time }) => Date.now() - time < ms;
}
