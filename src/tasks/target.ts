/** What may be passed as a function for a worker, and what the worker is told about it. */
import { checkFunction } from '../core/arguments.js';
import type { ForeignWorker } from '../host/settings.js';
import type { Call, Function_ } from './call.js';
import { sourceToSend } from './source.js';

/** The property of a function that `task` has made a task; a global symbol, so that it works across copies of the package. */
export const TASK = Symbol.for('atomics-sync-free.task');

declare const signature: unique symbol;

/**
 * An exported function of a module that this agent has not loaded: see `fromModule`.
 *
 * @example
 * ```ts
 * import { FunctionReference, fromModule } from 'atomics-sync-free/threading';
 * const { join } = fromModule<typeof import('node:path')>('node:path');
 * console.log(join instanceof FunctionReference, String(join)); // true FunctionReference (join)
 * ```
 */
export class FunctionReference<Args extends unknown[] = unknown[], Result = unknown> {
  /** @internal Carries the types; no value has it. */
  declare readonly [signature]: (...args: Args) => Result;

  /** @internal What a worker is told. */
  readonly call: Call;
  /** @internal Creates a worker whose module serves the function, if it is such a function. */
  readonly worker: (() => ForeignWorker) | undefined;

  /** @internal */
  constructor(call: Call, worker?: () => ForeignWorker) {
    this.call = call;
    this.worker = worker;
  }

  /** @returns the name of the function, for human readers */
  toString(): string {
    return `FunctionReference (${this.call.name})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** A function for a worker: a task, a `fromModule` reference, or a function whose source is sent. */
export type Target<Args extends unknown[], Result> = ((...args: Args) => Result) | FunctionReference<Args, Result>;

/** What a worker is told about a target, and how the worker is created if the package does not do that. */
export interface Resolved {
  readonly call: Call;
  readonly worker?: () => ForeignWorker;
}

/**
 * @param name the name by which the caller knows it
 * @throws TypeError when it is not a target
 */
export function resolveTarget(target: unknown, name = 'target'): Resolved {
  if (target instanceof FunctionReference) {
    const { call, worker } = target;
    return worker === undefined ? { call } : { call, worker };
  }
  checkFunction(name, target);
  const tagged = (target as { [TASK]?: Call })[TASK];
  return {
    call: tagged ?? { way: 'source', name: (target as Function_).name, text: sourceToSend(target as Function_) },
  };
}

/**
 * @param make makes what is told about a target; called once for each
 * @returns a function that returns it
 */
export function toldOnce<Told>(make: (target: unknown) => Told): (target: unknown) => Told {
  const known = new WeakMap<object, Told>();
  return (target) => {
    const before = known.get(target as object);
    if (before !== undefined) return before;
    const told = make(target);
    known.set(target as object, told);
    return told;
  };
}

/**
 * @param task one of the package's own
 * @param worker creates a worker whose own file serves functions; it serves the package's tasks, too, by their names
 */
export function resolveOwn(task: Function_, worker?: () => ForeignWorker): Resolved {
  const { call } = resolveTarget(task);
  return worker === undefined ? { call } : { call: { way: 'serve', name: call.name }, worker };
}
