/** How many calls run at the same time, as joblib counts. */
import { checkInteger } from '../../core/arguments.js';
import { cpuCount } from '../../multiprocessing/cpu-count.js';
import { MOST_WORKERS } from '../../multiprocessing/pool/claims.js';

/** @throws TypeError or RangeError when it is not a number of jobs */
export function checkNJobs(nJobs: number): void {
  checkInteger('nJobs', nJobs, -1_000_000, 1_000_000);
  if (nJobs === 0)
    throw new RangeError('nJobs must not be 0: use 1 or more, or −1 for as many as there are processors');
}

/** @returns −1 as the number of processors, −2 as one less, and so on; at least 1 */
export const countedFromEnd = (nJobs: number): number =>
  Math.min(nJobs < 0 ? Math.max(cpuCount() + 1 + nJobs, 1) : nJobs, MOST_WORKERS);
