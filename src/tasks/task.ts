/** The first way in which a function reaches a worker: it is registered by a module that both sides load. */
import { checkFunction } from '../core/arguments.js';
import { duty, keyOf } from './order.js';
import { runner } from './runner.js';
import { TASK } from './target.js';
import { urlOf } from './url.js';

/**
 * Makes a function callable in workers. A worker loads the module that calls `task` again, and finds the function under its
 * name; here it can be called as before. Export it, and put code that starts workers in `if (isMain)`, because the worker
 * also runs the module's top level.
 *
 * @typeParam F the function
 * @param module the calling module: `import.meta.url`, or `__filename` in CommonJS
 * @param name a name that is unique in the module; minifiers do not change it
 * @param fn the function; what it uses from its module is also available in the worker
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
  if (typeof name !== 'string' || name === '') throw new TypeError('the name of a task must be a non-empty string');
  checkFunction('a task', fn);
  // A function written inline has no name for stacks and `console.log` to show.
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
