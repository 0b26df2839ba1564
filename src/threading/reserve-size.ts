/** How many workers wait for threads. */
import { checkInteger } from '../core/arguments.js';
import { reserveOf } from '../tasks/reserve.js';

const MOST = 1024;

/**
 * Tells and sets how many workers this agent keeps for its next threads. To start a worker takes 15 – 50 ms and to hand over
 * to one that is there some 0.03 ms, so a worker whose thread has ended waits for the next for 10 s: for one whose function
 * is of the same module, which it has loaded. What that module's variables hold is there still; idents, names, `local`,
 * `process.env` and all else of a thread are new.
 *
 * Only a worker is used again that is as it was before its thread: it holds and waits for nothing, no timer, handle,
 * request or listener was made in it, and no global variable. Bun, Deno and browsers do not tell all of that, so there are
 * none by default there; with a number they are kept all the same. Threads that threads have started, threads that are
 * `fresh`, and those with settings of their own for the worker have a new one each.
 *
 * @param workers the most that there are at a time, 0 for none, up to 1024; nothing is changed without it. By default as many
 *   as there are processors, but 4 to 8
 * @returns what it was until now
 * @throws TypeError or RangeError when it is not such a number
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
