/** How many processors there are: for this process, and in the machine. */
import { coresOfMachine, processors, processorsOfMachine } from '#host';
import { checkBoolean, checkFields, type Fields } from '../core/arguments.js';

/** What `cpuCount` counts. */
export interface CpuCountOptions {
  /** Whether processors that share a core count as one; false by default. */
  readonly onlyPhysicalCores?: boolean | undefined;
}

const FIELDS: Fields<CpuCountOptions> = { onlyPhysicalCores: true };

/**
 * How many workers this process can run at the same time: what its affinity and the limits of its container leave of
 * the machine's processors, as far as the host reports them. Python's `os.process_cpu_count()` and joblib's
 * `cpu_count`, and a good size for a pool.
 *
 * @param options `onlyPhysicalCores`: at most as many as the machine has cores, which is best for work that keeps all
 *   units of a core busy. Linux and macOS report how many there are; elsewhere it changes nothing
 * @returns 1 or more
 * @throws TypeError when an option is invalid
 *
 * @example
 * ```ts
 * import { cpuCount, osCpuCount } from 'atomics-sync-free/multiprocessing';
 * console.log(cpuCount() >= 1, cpuCount() <= osCpuCount()); // true true
 * console.log(cpuCount({ onlyPhysicalCores: true }) <= cpuCount()); // true
 * ```
 */
export function cpuCount(options: CpuCountOptions = {}): number {
  checkFields('cpuCount', options, FIELDS);
  const { onlyPhysicalCores = false } = options;
  checkBoolean('onlyPhysicalCores', onlyPhysicalCores);
  const count = processors();
  return onlyPhysicalCores ? Math.min(count, coresOfMachine() ?? count) : count;
}

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
