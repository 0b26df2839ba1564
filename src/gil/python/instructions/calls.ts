/** The instructions that call, and those that begin a `with` statement. */
import { getAttribute } from '../attributes.js';
import { keywordsOf } from '../binding.js';
import { type Context, type Looked, pop, popMany } from '../context.js';
import { itemsOf } from '../iterating.js';
import { ownMethod, raised, typeName } from '../objects.js';

import { Tuple } from '../values/containers.js';
import { type Frame, Func } from '../values/frames.js';
import { BoundNative, Native } from '../values/natives.js';
import { Sync } from '../values/sync.js';
import { Unsupported } from '../values/unsupported.js';
import type { Value } from '../values/value.js';
import { type Handler, isOld, type Table } from './handler.js';

/**
 * Calls the value below `count` arguments. A function that is Python code in CPython, but native in this machine, has
 * an entry of its own, where others may come in: its instruction is run twice.
 */
function call(machine: Context, frame: Frame, count: number, names: readonly string[]): Looked {
  const { stack } = frame;
  const base = stack.length - count - (isOld(machine) ? 1 : 2);
  const [first, second] = stack.slice(base, base + 2);
  const under = isOld(machine) ? [first] : machine.rules.version === '3.13' ? [first, second] : [first ?? second];
  const self = isOld(machine) || (machine.rules.version !== '3.13' && first === undefined) ? undefined : second;
  const [callee] = under;
  if (callee === undefined) throw new Error('nothing to call');
  if (entersPython(callee, frame)) return { look: 'a function begins' };
  const values = popMany(frame, count);
  stack.length = base;
  const all = self === undefined ? values : [self, ...values];
  const positional = all.slice(0, all.length - names.length);
  const keywords = new Map(names.map((name, at) => [name, all[positional.length + at]]));
  frame.keywords = [];
  if (callee === BUILD_CLASS && names.length > 0) throw new Unsupported('a class with a metaclass or other arguments');
  if (callee === BUILD_CLASS) return buildClass(machine, positional);
  return machine.call(callee, positional, keywords);
}

/** @returns whether this was only the entry */
function entersPython(callee: Value, frame: Frame): boolean {
  const native = callee instanceof BoundNative ? callee.native : callee;
  if (!(native instanceof Native) || !native.python) return false;
  frame.entered = !frame.entered;
  if (frame.entered) frame.next -= 1;
  return frame.entered;
}

/** The result of LOAD_BUILD_CLASS; calls recognize it. */
const BUILD_CLASS = new Native('__build_class__', () => null);

function buildClass(machine: Context, [body, name, ...bases]: readonly Value[]): Looked {
  if (!(body instanceof Func)) throw new Error('a class without a body');
  const looked = machine.call(body, [], undefined, 'class', new Tuple([name, ...bases]));
  const frame = machine.thread.frames.at(-1);
  if (frame !== undefined) frame.names = new Map();
  return looked;
}

/** Begins a `with` statement: pushes what ends it, and calls what begins it. */
const beforeWith: Handler = (machine, frame) => {
  const manager = frame.stack[frame.stack.length - 1] as Value;
  if (manager instanceof Sync) {
    const enter = getAttribute(manager, '__enter__') as BoundNative;
    if (entersPython(enter, frame)) return { look: 'a function begins' };
    frame.stack.pop();
    frame.stack.push(getAttribute(manager, '__exit__'));
    return machine.enter(manager);
  }
  const [enter, exit] = ['__enter__', '__exit__'].map((name) => ownMethod(manager, name));
  if (enter === undefined || exit === undefined) {
    throw raised('TypeError', `'${typeName(manager)}' object does not support the context manager protocol`);
  }
  frame.stack.pop();
  frame.stack.push(exit);
  return machine.call(enter, [], undefined, 'enter');
};

export const CALLS: Table = {
  CALL_FUNCTION: (machine, frame, { argument }) => call(machine, frame, argument, []),
  CALL_FUNCTION_KW: (machine, frame, { argument }) => {
    const names = itemsOf(frame.stack[frame.stack.length - 1] as Value).map(String);
    const tuple = pop(frame);
    const looked = call(machine, frame, argument, names);
    if (frame.entered) frame.stack.push(tuple);
    return looked;
  },
  CALL_METHOD: (machine, frame, { argument }) => {
    // LOAD_METHOD has pushed NULL and the bound method.
    const at = frame.stack.length - argument - 2;
    const looked = call(machine, frame, argument, []);
    if (!frame.entered) frame.stack.splice(at, 1);
    return looked;
  },
  CALL: (machine, frame, { argument }) => call(machine, frame, argument, frame.keywords),
  CALL_KW: (machine, frame, { argument }) => {
    const tuple = pop(frame);
    const looked = call(machine, frame, argument, itemsOf(tuple).map(String));
    if (frame.entered) frame.stack.push(tuple);
    return looked;
  },
  CALL_FUNCTION_EX: (machine, frame, { argument }) => {
    const named = (argument & 1) === 1 ? pop(frame) : undefined;
    const args = itemsOf(pop(frame));
    const keywords = keywordsOf(named ?? null);
    const callee = machine.rules.version === '3.13' ? popMany(frame, 2)[0] : pop(frame);
    if (!isOld(machine) && machine.rules.version !== '3.13') frame.stack.pop();
    return machine.call(callee, args, keywords);
  },
  LOAD_BUILD_CLASS: (_, frame) => {
    frame.stack.push(BUILD_CLASS);
    return undefined;
  },
  SETUP_WITH: beforeWith,
  BEFORE_WITH: beforeWith,
};
