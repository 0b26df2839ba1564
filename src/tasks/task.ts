/** The first way in which a function reaches a worker: it is registered by the module that both of them load. */
import { checkFunction } from '../core/arguments.js';
import { duty, keyOf } from './order.js';
import { runner } from './runner.js';
import { TASK } from './target.js';
import { urlOf } from './url.js';

/**
 * Makes a function one that workers can call. A worker loads the module in which that is done, again, and finds the
 * function under its name; here it can be called as before. Export it, and what starts workers belongs into
 * `if (isMain)`, for the worker runs the module's top level, too.
 *
 * @typeParam F the function
 * @param module where this is: `import.meta.url`, or `__filename` in CommonJS
 * @param name a name that is used once in the module; minifiers do not touch it
 * @param fn the function; what it uses from around it is there in the worker, too
 * @returns the same function
 * @throws TypeError when an argument is invalid
 *
 * @example
 * ```ts
 * import { isMain, task, Thread } from 'atomics-sync-free/threading';
 *
 * export const square = task(import.meta.url, 'square', (x: number) => x * x);
 *
 * if (isMain) {
 *   const thread = new Thread({ target: square, args: [7] });
 *   thread.start();
 *   thread.join();
 *   console.log(thread.result); // 49
 * }
 * ```
 */
export function task<F extends (...args: never[]) => unknown>(module: string, name: string, fn: F): F {
  const url = urlOf(module);
  if (typeof name !== 'string' || name === '') throw new TypeError('the name of a task is a string that is not empty');
  checkFunction('a task', fn);
  // Written where it is given it has none, by which stacks and `console.log` would call it.
  if (fn.name === '') Object.defineProperty(fn, 'name', { value: name, configurable: true });
  Object.defineProperty(fn, TASK, { value: { way: 'task', url, name }, configurable: true });
  const here = duty();
  if (here !== undefined) {
    here.runner ??= runner;
    const key = keyOf(url, name);
    here.tasks.set(key, [...(here.tasks.get(key) ?? []), { fn, runner }]);
  }
  return fn;
}
