/** The third way in which a function reaches a worker, with what that needs to be the worker of a process or a pool. */
import { serveWith } from '../tasks/module.js';
import { poolWorker } from './pool/worker.js';
import { processMain } from './process-main.js';

/**
 * Makes functions callable in a worker whose module this is. Call it at the end of the file that `fromModule`, or the
 * option `worker` of a Pool, is given as `() => new Worker(new URL('./work.js', import.meta.url), { type: 'module' })`.
 * If the module is loaded otherwise, it does nothing.
 *
 * @typeParam Functions the functions, by their names
 * @param functions by the names under which the module exports them
 * @returns the same object
 * @throws TypeError when that is not an object, or one of them is not a function
 *
 * @example
 * ```ts
 * import { serve } from 'atomics-sync-free/multiprocessing';
 *
 * export const square = (x: number) => x * x;
 *
 * serve({ square });
 * ```
 */
export function serve<Functions extends Readonly<Record<string, (...args: never[]) => unknown>>>(
  functions: Functions,
): Functions {
  return serveWith(functions, [poolWorker, processMain]);
}
