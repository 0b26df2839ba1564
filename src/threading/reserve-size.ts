/** The number of idle workers kept for new threads. */
import { checkInteger } from '../core/arguments.js';
import { reserveOf } from '../tasks/reserve.js';

const MOST = 1024;

/**
 * Returns, and optionally sets, how many idle workers this agent keeps for its next threads. Starting a worker takes 15 –
 * 50 ms, handing a thread to an idle one about 0.03 ms, so a worker whose thread has ended waits 10 s for another thread
 * with a function from the same module, which it has loaded. That module's variables keep their values; idents, names,
 * `local`, `process.env` and everything else of a thread are new.
 *
 * A worker is reused only if it is as it was before its thread: it holds and waits for nothing, and no timer, handle,
 * request, listener or global variable was created in it. Bun, Deno and browsers do not report all of that, so they keep
 * none by default; given a number, they keep workers all the same. Threads started by threads, `fresh` threads, and threads
 * with worker settings of their own always get a new worker.
 *
 * @param workers the greatest number kept at a time, 0 for none, up to 1024; if omitted, nothing is changed. The default is
 *   the number of processors, but at least 4 and at most 8
 * @returns the previous number
 * @throws TypeError or RangeError when `workers` is not such a number
 *
 * @example
 * ```ts
 * import { reserveSize, Thread } from 'atomics-sync-free/threading';
 * reserveSize(2);
 * const squares = [1, 2, 3].map((n) => {
 *   const thread = new Thread({ target: (x: number) => x * x, args: [n] });
 *   thread.start();
 *   thread.join();
 *   return thread.result;
 * });
 * console.log(squares.join()); // 1,4,9
 * ```
 */
export function reserveSize(workers?: number): number {
  if (workers !== undefined) checkInteger('workers', workers, 0, MOST);
  return reserveOf(workers);
}
