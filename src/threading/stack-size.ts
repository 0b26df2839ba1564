/** The stack size of new threads. */
import { checkInteger } from '../core/arguments.js';
import type { Limits } from '../host/settings.js';
import { markUsed } from '../tasks/order.js';

/** As for `resourceLimits`: a worker itself needs about 300 kB, where a Python thread manages with 32. */
const LEAST = 524_288;
const MOST = 2 ** 30;
const MEGABYTE = 2 ** 20;

let size = 0;

/**
 * Returns, and optionally sets, the stack size of threads that this agent starts from now on. Browsers and Bun have no such
 * setting; the `resourceLimits` of a thread take precedence.
 *
 * @param bytes the new size, 524,288 or more; 0 for the host's default; if omitted, nothing is changed
 * @returns the previous size, in bytes; 0 for the host's default
 * @throws TypeError or RangeError when `bytes` is not such a number
 *
 * @example
 * ```ts
 * import { stackSize } from 'atomics-sync-free/threading';
 * stackSize(2 ** 20);
 * console.log(stackSize()); // 1048576
 * ```
 */
export function stackSize(bytes?: number): number {
  const before = size;
  if (bytes !== undefined) {
    if (bytes !== 0) checkInteger('bytes', bytes, LEAST, MOST);
    size = bytes;
    // A later thread of this worker must not inherit it.
    markUsed();
  }
  return before;
}

/** The limits of a thread that specifies none. */
export const defaultLimits = (): Limits => (size === 0 ? {} : { stackSizeMb: size / MEGABYTE });
