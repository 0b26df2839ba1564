/** The instructions of exceptions: with blocks, up to 3.10, and with exception tables, later. */
import { peek, pop } from '../context.js';
import { isException, newException, raised } from '../objects.js';
import { Instance, PyClass, Raised } from '../values/classes.js';
import { Tuple } from '../values/containers.js';
import { Func } from '../values/frames.js';
import { Unsupported } from '../values/unsupported.js';
import type { Value } from '../values/value.js';
import { isOld, type Table } from './handler.js';

function matches(value: Value, type: Value): boolean {
  const types = type instanceof Tuple ? type.items : [type];
  const own = value instanceof PyClass ? value : (value as Instance).type;
  return types.some((each) => {
    if (!(each instanceof PyClass))
      throw raised('TypeError', 'catching classes that do not inherit from BaseException');
    return own.isA(each);
  });
}

/** @returns the exception that `raise` raises */
function exceptionOf(value: Value): Instance {
  if (isException(value)) return value;
  if (!(value instanceof PyClass)) throw raised('TypeError', 'exceptions must derive from BaseException');
  if (value.find('__init__') instanceof Func)
    throw new Unsupported('raise of a class with __init__, not of its object');
  return newException(value, []);
}

export const EXCEPTION_INSTRUCTIONS: Table = {
  RAISE_VARARGS: ({ thread }, frame, { argument }) => {
    if (argument === 2) pop(frame);
    if (argument > 0) throw new Raised(exceptionOf(pop(frame)));
    if (thread.handled === null) throw raised('RuntimeError', 'No active exception to reraise');
    throw new Raised(thread.handled);
  },
  RERAISE: (machine, frame) => {
    // Up to 3.10 its type is above it.
    if (isOld(machine)) pop(frame);
    throw new Raised(pop(frame) as Instance);
  },
  SETUP_FINALLY: (_, { blocks, stack }, { target }) => {
    blocks.push({ kind: 'setup', handler: target, level: stack.length });
    return undefined;
  },
  POP_BLOCK: (_, { blocks }) => {
    blocks.pop();
    return undefined;
  },
  POP_EXCEPT: (machine, frame) => {
    if (isOld(machine)) {
      frame.blocks.pop();
      // What is below these three may have been moved there to be kept.
      pop(frame);
      const before = pop(frame);
      pop(frame);
      machine.thread.handled = before instanceof Instance ? before : null;
      return undefined;
    }
    const handled = pop(frame);
    machine.thread.handled = handled instanceof Instance ? handled : null;
    return undefined;
  },
  PUSH_EXC_INFO: ({ thread }, frame) => {
    const value = pop(frame);
    frame.stack.push(thread.handled, value);
    thread.handled = value as Instance;
    return undefined;
  },
  CHECK_EXC_MATCH: (_, frame) => {
    const type = pop(frame);
    frame.stack.push(matches(peek(frame), type));
    return undefined;
  },
  JUMP_IF_NOT_EXC_MATCH: (_, frame, { target }) => {
    const type = pop(frame);
    if (!matches(pop(frame), type)) frame.next = target;
    return undefined;
  },
  WITH_EXCEPT_START: (machine, frame) => {
    const value = (isOld(machine) ? peek(frame, 2) : peek(frame)) as Instance;
    const exit = peek(frame, isOld(machine) ? 7 : 4);
    return machine.call(exit, [value.type, value, null], undefined, 'push');
  },
};
