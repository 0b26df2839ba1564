/** The second and third ways in which a function reaches a worker: by the name under which a module exports it. */

import { awaitOrder, isMainThread, onExit, printDirectly } from '#host';
import { checkRecord } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import type { ForeignWorker } from '../host/settings.js';
import type { Request } from '../host/spawner.js';
import type { Function_ } from './call.js';
import { duty, ORDER, type Order, takeOn } from './order.js';
import { hasOutcome, markTaken } from './outcome.js';
import { runner } from './runner.js';
import { FunctionReference, resolveTarget } from './target.js';
import { urlOf } from './url.js';

/**
 * References to the functions that a module exports, and to its classes: for a process class, the result is what its `run` returns.
 */
export type References<Module> = {
  readonly [Name in keyof Module as Module[Name] extends
    | ((...args: never[]) => unknown)
    | {
        /**
         * Creates an instance.
         *
         * @param args the constructor's arguments
         */
        new (...args: never[]): unknown;
      }
    ? Name
    : never]: Module[Name] extends (...args: infer Args) => infer Result
    ? FunctionReference<Args, Result>
    : Module[Name] extends {
          /**
           * Creates an instance.
           *
           * @param args the constructor's arguments
           */
          new (...args: infer Args): infer Instance;
        }
      ? FunctionReference<
          Args,
          Instance extends {
            /**
             * What a process does.
             *
             * @returns its result
             */
            run(): infer Result;
          }
            ? Result
            : Instance
        >
      : never;
};

/**
 * Refers to the functions that a module exports, for workers that load it; this agent does not load it.
 *
 * With a URL it can be any module, which must be present when the program runs: bundlers do not bundle modules named in
 * this way. With a function that creates a worker, the module is that worker's own and passes its functions to `serve`;
 * bundlers recognize the expression and bundle the module.
 *
 * @param where the module's URL, or a function that creates a worker from it
 * @returns an object with a reference for each name, always the same one
 * @throws TypeError when it is neither
 *
 * @example
 * ```ts
 * import { fromModule, Thread } from 'atomics-sync-free/threading';
 * // Of a module of your own: fromModule<typeof import('./work.js')>(new URL('./work.js', import.meta.url))
 * const { basename } = fromModule<typeof import('node:path')>(new URL('node:path'));
 * const thread = new Thread({ target: basename, args: ['folder/file.txt', '.txt'] });
 * thread.start();
 * thread.join();
 * console.log(thread.result); // file
 * ```
 */
export function fromModule<Module>(where: URL | string | (() => ForeignWorker)): References<Module> {
  const reference = (name: string): FunctionReference =>
    typeof where === 'function'
      ? new FunctionReference({ way: 'serve', name }, where)
      : new FunctionReference({ way: 'module', url, name });
  const url = typeof where === 'function' ? '' : urlOf(where);
  const known = new Map<string, FunctionReference>();
  const referenceTo = (name: string): FunctionReference => {
    const found = known.get(name) ?? reference(name);
    known.set(name, found);
    return found;
  };
  return new Proxy(Object.create(null) as References<Module>, {
    // Awaiting the object checks whether it is a promise.
    get: (_, name) => (typeof name === 'string' && name !== 'then' ? referenceTo(name) : undefined),
  });
}

/**
 * Makes functions callable in a worker whose module this is: call it at the end of the file that is passed to `fromModule` as
 * `() => new Worker(new URL('./work.js', import.meta.url), { type: 'module' })`. If the module is loaded in another way, it
 * does nothing.
 *
 * @typeParam Functions the functions, by name
 * @param functions the functions, by the names under which the module exports them
 * @returns the same object
 * @throws TypeError when the argument is not an object, or a value in it is not a function
 *
 * @example
 * ```ts
 * import { serve } from 'atomics-sync-free/threading';
 *
 * export const square = (x: number) => x * x;
 * export const cube = (x: number) => x * x * x;
 *
 * serve({ square, cube });
 * ```
 */
export function serve<Functions extends Readonly<Record<string, (...args: never[]) => unknown>>>(
  functions: Functions,
): Functions {
  return serveWith(functions, []);
}

/** What the modules of this worker serve, by name. */
const served = new Map<string, Function_>();
let awaitsOrder = false;

/**
 * As `serve`.
 *
 * @param own tasks of the package that the worker may be told to call as well
 */
export function serveWith<Functions extends Readonly<Record<string, Function_>>>(
  functions: Functions,
  own: readonly Function_[],
): Functions {
  checkRecord('the functions to serve', functions);
  const entries = Object.entries(functions);
  for (const [name, fn] of entries)
    if (typeof fn !== 'function') throw new TypeError(`serve takes functions, and ${name} is not one`);
  for (const [name, fn] of entries) served.set(name, fn);
  for (const fn of own) served.set(resolveTarget(fn).call.name, fn);
  // One order, however many modules serve.
  if (isMainThread || duty() !== undefined || awaitsOrder) return functions;
  awaitsOrder = true;
  awaitOrder(isOrder, take);
  return functions;
}

/** Whether it is the name of a task of the package. */
const isOwn = (name: string): boolean => name.endsWith('of atomics-sync-free');

/**
 * @returns a function that a module of this worker serves
 * @throws SyncError `ERR_FUNCTION` when there is none of this name
 */
export function servedFunction(name: string): Function_ {
  const fn = served.get(name);
  if (fn !== undefined) return fn;
  const names = [...served.keys()].filter((other) => !isOwn(other)).join(', ');
  const cure = isOwn(name) ? '; take serve from atomics-sync-free/multiprocessing there' : '';
  throw new SyncError('ERR_FUNCTION', `the worker does not serve ${name}, only ${names}${cure}`);
}

const isOrder = (message: unknown): boolean => typeof message === 'object' && message !== null && ORDER in message;

function take(message: unknown): void {
  const order = (message as { readonly [ORDER]: Order })[ORDER];
  markTaken(order.outcome);
  takeOn(order).loading = undefined;
  if (order.prints) printDirectly();
  onExit((code) => {
    const { spawner, entry, outcome } = order;
    if (hasOutcome(outcome)) return;
    spawner.postMessage({ kind: 'over', entry, exit: { cause: 'ended', code } } satisfies Request);
  });
  let fn: Function_;
  try {
    fn = servedFunction(order.call.name);
  } catch (error) {
    void runner.fail(order, '', error);
    return;
  }
  void runner.run(order, fn);
}
