/** What happens to a result in the frame that asked for it. */
import { keywordsOf } from '../binding.js';
import { after, afterCall, type Callee } from '../checks.js';
import type { Context, Looked } from '../context.js';
import { isTrue } from '../objects.js';
import { setItem } from '../operators.js';
import { Instance, type PyClass } from '../values/classes.js';
import type { Tuple } from '../values/containers.js';
import { type Frame, Func } from '../values/frames.js';
import type { Continuation } from '../values/natives.js';
import type { Value } from '../values/value.js';
import { classOf } from './class-body.js';
import { each } from './each.js';
import { entered } from './waiting.js';

/** A call is over: its result goes on the stack. */
export function over(machine: Context, value: Value, callee: Callee): Looked {
  const { frames } = machine.thread;
  const frame = frames[frames.length - 1];
  frame.stack.push(value);
  return looked(machine, frame, callee);
}

/** The instruction that a frame is at has called something, and continues. */
export function looked({ rules }: Context, frame: Frame, callee: Callee): Looked {
  return { look: afterCall(rules, frame.code.instructions[frame.next - 1].name, callee) };
}

/** A frame that does not belong to a generator has a result: it goes to the frame below. */
export function give(machine: Context, { purpose, payload, names }: Frame, value: Value): Looked {
  const { frames } = machine.thread;
  const caller = frames[frames.length - 1];
  switch (purpose) {
    case 'init':
      return over(machine, payload as Value, 'class');
    case 'new': {
      const [type, args, named] = (payload as Tuple).items;
      const init = (type as PyClass).find('__init__');
      const isOwn = value instanceof Instance && value.type.isA(type as PyClass);
      if (!isOwn || !(init instanceof Func)) return over(machine, value, 'class');
      return machine.call(init, [value, ...(args as Tuple).items], keywordsOf(named), 'init', value);
    }
    case 'class':
      return over(machine, classOf(names, payload as Tuple), { native: 'class' });
    case 'enter':
      entered(caller, value);
      return looked(machine, caller, 'function');
    case 'drop':
      return looked(machine, caller, 'function');
    case 'each': {
      const [func, items, finish] = (payload as Tuple).items;
      caller.collected.push(value);
      return each(machine, func, items as Tuple, finish as Continuation);
    }
    case 'pass':
      return machine.call(payload as Continuation, [value]);
    case 'truth':
      return over(machine, isTrue(value) !== payload, 'function');
    case 'keep':
      if (isTrue(value)) return over(machine, payload as Value, 'function');
      // The loop asks for the next one.
      caller.next -= 1;
      return { look: undefined };
    case 'jump':
      return jump(machine, caller, isTrue(value) === payload);
    case 'missing': {
      const [dict, key] = (payload as Tuple).items;
      setItem(dict, key, value);
      return over(machine, value, 'function');
    }
    default:
      return over(machine, value, 'function');
  }
}

function jump({ rules }: Context, frame: Frame, jumps: boolean): Looked {
  const { name, argument, target } = frame.code.instructions[frame.next - 1];
  if (jumps) frame.next = target;
  return { look: after(rules, name, argument, jumps) };
}
