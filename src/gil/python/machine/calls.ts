/** Calls: of bytecode, of natives, of classes, and of callable objects. */
import { bind, keywordsOf, needsBinding } from '../binding.js';
import { constructorOf } from '../builtins.js';
import { atEntry } from '../checks.js';
import { Flag } from '../code.js';
import type { Context, Looked } from '../context.js';
import { dictOf, EXCEPTIONS, newException, ownMethod, raised, typeName } from '../objects.js';
import { setItem } from '../operators.js';
import { Instance, PyClass, Wrapped } from '../values/classes.js';
import { Tuple } from '../values/containers.js';
import { Bound, Func, type Generator, Partial, type Purpose } from '../values/frames.js';
import { BoundNative, Continuation, Native, type Pending, Runs, Waits } from '../values/natives.js';
import { Unsupported } from '../values/unsupported.js';
import type { Slot, Value } from '../values/value.js';
import { each } from './each.js';
import { close, giveGenerator, resume } from './generators.js';
import { over } from './results.js';
import { wait } from './waiting.js';

const NESTED_CALLS = 200;

type Keywords = ReadonlyMap<string, Value>;

/** Calls something, for the instruction that the thread's innermost frame is at. */
export function call(
  machine: Context,
  callee: Value,
  args: readonly Value[],
  keywords: Keywords,
  purpose: Purpose,
  payload: Slot,
): Looked {
  if (callee instanceof Func) return enter(machine, callee, args, keywords, purpose, payload);
  if (callee instanceof Bound) {
    return enter(machine, callee.func, [callee.self, ...args], keywords, purpose, payload);
  }
  if (callee instanceof PyClass && purpose === 'missing') return callMissing(machine, callee, payload as Tuple);
  if (callee instanceof Continuation) {
    const { run, kept } = callee;
    return goOn(machine, run(kept, { args, keywords, thread: machine.index, machine }), 'collect', undefined);
  }
  if (purpose === 'pass' && (callee instanceof Native || callee instanceof BoundNative)) {
    const all = callee instanceof BoundNative ? [callee.self, ...args] : args;
    const native = callee instanceof BoundNative ? callee.native : callee;
    const result = native.call({ args: all, keywords, thread: machine.index, machine });
    if (result instanceof Waits || result instanceof Runs) throw new Unsupported(`${native.name} here`);
    return machine.call(payload as Continuation, [result]);
  }
  if (callee instanceof Native) return callNative(machine, callee, args, keywords);
  if (callee instanceof BoundNative) return callNative(machine, callee.native, [callee.self, ...args], keywords);
  if (callee instanceof PyClass) return construct(machine, callee, args, keywords);
  if (callee instanceof Partial) {
    const all = new Map([...keywordsOf(callee.keywords), ...keywords]);
    return call(machine, callee.func, [...callee.args, ...args], all, purpose, payload);
  }
  const method = ownMethod(callee, '__call__');
  if (method !== undefined) return call(machine, method, args, keywords, purpose, payload);
  throw raised('TypeError', `'${typeName(callee)}' object is not callable`);
}

function enter(
  machine: Context,
  func: Func,
  args: readonly Value[],
  keywords: Keywords,
  purpose: Purpose,
  payload: Slot,
): Looked {
  const { rules } = machine;
  const { frames } = machine.thread;
  if (frames.length >= NESTED_CALLS) throw raised('RecursionError', 'maximum recursion depth exceeded');
  const { flags } = func.code;
  const frame = bind(func, args, keywords, purpose, payload);
  if ((flags & Flag.generator) !== 0 && needsBinding(rules)) return giveGenerator(machine, frame);
  frames.push(frame);
  return { look: rules.freeThreaded ? 'no GIL' : atEntry(rules) };
}

function callNative(machine: Context, native: Native, args: readonly Value[], keywords: Keywords): Looked {
  return goOn(machine, native.call({ args, keywords, thread: machine.index, machine }), native.name, native);
}

/** Continues with what a native returned: its result, or what must come before it. */
function goOn(machine: Context, result: Value | Pending, name: string, native: Native | undefined): Looked {
  if (result instanceof Waits) return wait(machine, result, native, false);
  if (!(result instanceof Runs)) return over(machine, result, { native: name });
  const { what, args: given, purpose, payload } = result;
  const { frames } = machine.thread;
  const frame = frames[frames.length - 1];
  switch (purpose) {
    case 'each':
      frame.collected = [];
      return each(machine, what, given[0] as Tuple, payload as Continuation);
    case 'close':
      return close(machine, what as Generator);
    case 'next':
    case 'collect':
      frame.collected = [];
      return resume(machine, what, purpose, payload, given[0] ?? null);
    default:
      return machine.call(what, given, undefined, purpose, payload);
  }
}

/** Makes a defaultdict's new value, of one of Python's own types. */
function callMissing(machine: Context, type: PyClass, { items: [dict, key] }: Tuple): Looked {
  const make = type.builtin ? constructorOf(type) : undefined;
  const value = make?.call({ args: [], keywords: new Map(), thread: machine.index, machine });
  if (value === undefined || value instanceof Waits || value instanceof Runs) {
    throw new Unsupported(`a defaultdict of ${type.name}`);
  }
  setItem(dict, key, value);
  return over(machine, value, { native: 'class' });
}

/** Makes an object of a class. */
function construct(machine: Context, type: PyClass, args: readonly Value[], keywords: Keywords): Looked {
  if (type.builtin) {
    const make = constructorOf(type);
    if (make !== undefined) return callNative(machine, make, args, keywords);
  }
  const maker = type.find('__new__');
  const make = maker instanceof Wrapped ? maker.func : maker;
  if (make instanceof Func) {
    const named = dictOf([...keywords]);
    return enter(machine, make, [type, ...args], keywords, 'new', new Tuple([type, new Tuple(args), named]));
  }
  const init = type.find('__init__');
  const isException = type.isA(EXCEPTIONS.get('BaseException') as PyClass);
  const self = isException ? newException(type, args) : new Instance(type, new Map());
  if (init instanceof Func) return enter(machine, init, [self, ...args], keywords, 'init', self);
  if (init instanceof Native) {
    init.call({ args: [self, ...args], keywords, thread: machine.index, machine });
    return over(machine, self, { native: type.name });
  }
  if (!isException && args.length + keywords.size > 0) throw raised('TypeError', `${type.name}() takes no arguments`);
  return over(machine, self, { native: type.name });
}
