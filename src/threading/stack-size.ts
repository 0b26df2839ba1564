/** The size of stacks, for all threads that are made from now on. */
import { checkInteger } from '../core/arguments.js';
import type { Limits } from '../host/settings.js';
import { markUsed } from '../tasks/order.js';

/** As for `resourceLimits`: a worker needs about 300 kB for itself, where a thread of Python does with 32. */
const LEAST = 524_288;
const MOST = 2 ** 30;
const MEGABYTE = 2 ** 20;

let size = 0;

/**
 * Tells and sets the size of the stack of threads that this agent starts from now on. Browsers and Bun know no such
 * setting; `resourceLimits` of a thread goes before it.
 *
 * @param bytes 524,288 or more; 0 for the host's own; nothing is changed without it
 * @returns the size until now, in bytes; 0 for the host's own
 * @throws TypeError or RangeError when it is not such a number
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
    // A later thread of this worker is not to have it.
    markUsed();
  }
  return before;
}

/** The limits of a thread that names none. */
export const defaultLimits = (): Limits => (size === 0 ? {} : { stackSizeMb: size / MEGABYTE });
