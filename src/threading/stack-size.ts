/** The stack size of new threads. */
import { checkInteger } from '../core/arguments.js';
import type { Limits } from '../host/settings.js';
import { inherited, setInherited } from '../tasks/inherited.js';

/** As for `resourceLimits`: a worker itself needs about 300 kB, where a Python thread manages with 32. */
const LEAST = 524_288;
const MOST = 2 ** 30;
const MEGABYTE = 2 ** 20;

/**
 * Returns, and optionally sets, the stack size of threads that this agent, and threads that it starts, start from now on.
 * Browsers and Bun have no such setting; the `resourceLimits` of a thread take precedence.
 *
 * @param bytes the new size, 524,288 … 1,073,741,824; 0 for the host's default; if omitted, nothing is changed
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
  const { stackSize: before = 0 } = inherited();
  if (bytes !== undefined) {
    if (bytes !== 0) checkInteger('bytes', bytes, LEAST, MOST);
    setInherited({ stackSize: bytes });
  }
  return before;
}

/** The limits of a thread that specifies none. */
export function defaultLimits(): Limits {
  const { stackSize = 0 } = inherited();
  return stackSize === 0 ? {} : { stackSizeMb: stackSize / MEGABYTE };
}
