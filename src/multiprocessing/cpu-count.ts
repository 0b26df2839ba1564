/** How many processors there are: for this process, and in the machine. */
import { processors, processorsOfMachine } from '#host';

/**
 * How many workers this process can run at the same time: what its affinity and the limits of its container leave of
 * the machine's processors, as far as the host tells. Python's `os.process_cpu_count()`, and a good size for a pool.
 *
 * @returns 1 or more
 *
 * @example
 * ```ts
 * import { cpuCount, osCpuCount } from 'atomics-sync-free/multiprocessing';
 * console.log(cpuCount() >= 1, cpuCount() <= osCpuCount()); // true true
 * ```
 */
export const cpuCount = (): number => processors();

/**
 * How many processors the machine has, whether or not this process may use them: Python's
 * `multiprocessing.cpu_count()`.
 *
 * @returns 1 or more
 *
 * @example
 * ```ts
 * import { osCpuCount } from 'atomics-sync-free/multiprocessing';
 * console.log(osCpuCount() >= 1); // true
 * ```
 */
export const osCpuCount = (): number => processorsOfMachine();
