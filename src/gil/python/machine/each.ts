/** Calls one function with each of several values: for `map`, `filter`, and the keys of `sorted`, `min` and `max`. */
import { constructorOf } from '../builtins.js';
import type { Context, Looked } from '../context.js';
import { PyClass } from '../values/classes.js';
import { List, Tuple } from '../values/containers.js';
import { BoundNative, type Continuation, Native, Runs, Waits } from '../values/natives.js';
import { Unsupported } from '../values/unsupported.js';
import type { Value } from '../values/value.js';

/**
 * Calls a function with each remaining item, and passes all results to `finish`. A call of a bytecode function is only
 * started: its result comes back here.
 */
export function each(machine: Context, func: Value, items: Tuple, finish: Continuation): Looked {
  const { frames } = machine.thread;
  const frame = frames[frames.length - 1];
  if (func instanceof PyClass && !func.builtin) throw new Unsupported('a class of the program that is called for each');
  const native = func instanceof PyClass ? constructorOf(func) : func instanceof BoundNative ? func.native : func;
  while (frame.collected.length < items.items.length) {
    const item = items.items[frame.collected.length];
    if (!(native instanceof Native)) {
      return machine.call(func, [item], undefined, 'each', new Tuple([func, items, finish]));
    }
    const args = func instanceof BoundNative ? [func.self, item] : [item];
    const result = native.call({ args, keywords: new Map(), thread: machine.index, machine });
    if (result instanceof Waits || result instanceof Runs) throw new Unsupported(`${native.name} called for each`);
    frame.collected.push(result);
  }
  const results = frame.collected;
  frame.collected = [];
  return machine.call(finish, [new List(results)]);
}
