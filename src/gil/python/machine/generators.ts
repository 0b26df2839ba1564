/** Generators: how they are made, resumed, and ended. */
import { needsBinding } from '../binding.js';
import { atEntry } from '../checks.js';
import type { Context, Looked } from '../context.js';
import { leaveLoop } from '../leaving.js';
import { raised, typeName } from '../objects.js';
import { List } from '../values/containers.js';
import { type Frame, Generator, type Purpose } from '../values/frames.js';
import { Count, Iteration } from '../values/iterators.js';
import type { Continuation } from '../values/natives.js';
import type { Slot, Value } from '../values/value.js';
import { give, looked, over } from './results.js';

/** Up to 3.10: calling a generator function returns a generator, whose frame has not begun. */
export function giveGenerator(machine: Context, frame: Frame): Looked {
  const generator = new Generator(frame);
  frame.generator = generator;
  return give(machine, frame, generator);
}

/** RETURN_GENERATOR: the innermost frame becomes a generator, which its call returns. */
export function makeGenerator(machine: Context, frame: Frame): Looked {
  machine.thread.frames.pop();
  return giveGenerator(machine, frame);
}

/** Resumes a generator to its next value, or reports that it has none. */
export function resume(
  machine: Context,
  value: Value,
  purpose: 'iterate' | 'next' | 'collect' | 'delegate',
  payload: Slot,
  sent: Value,
): Looked {
  const { rules, thread } = machine;
  if (value instanceof Iteration || value instanceof Count) throw new Error('no generator');
  if (!(value instanceof Generator)) throw raised('TypeError', `'${typeName(value)}' object is not an iterator`);
  const { frame } = value;
  if (value.running) throw raised('ValueError', 'generator already executing');
  if (frame === undefined) return exhausted(machine, purpose, payload);
  frame.purpose = purpose;
  frame.payload = payload;
  value.running = true;
  if (value.started || rules.version !== '3.9') frame.stack.push(sent);
  value.started = true;
  thread.frames.push(frame);
  return { look: rules.freeThreaded ? 'no GIL' : atEntry(rules) };
}

/** Gives a generator's value to the frame that asked for it. */
export function yielded(machine: Context, value: Value): Looked {
  const { frames } = machine.thread;
  const frame = frames.pop() as Frame;
  const generator = frame.generator as Generator;
  generator.running = false;
  const caller = frames[frames.length - 1];
  if (frame.purpose === 'close') throw raised('RuntimeError', 'generator ignored GeneratorExit');
  if (frame.purpose === 'delegate') {
    caller.stack.push(value);
    return delegated(machine);
  }
  if (frame.purpose !== 'collect') return over(machine, value, { native: frame.purpose });
  caller.collected.push(value);
  return resume(machine, generator, 'collect', frame.payload, null);
}

/** `yield from` has a value on the stack, to be yielded now, or by the next instruction. */
export function delegated(machine: Context): Looked {
  const { frames } = machine.thread;
  const frame = frames[frames.length - 1];
  if (!needsBinding(machine.rules)) return looked(machine, frame, 'function');
  // The instruction itself yields, and runs again.
  frame.next -= 1;
  return yielded(machine, frame.stack.pop() as Value);
}

/** `yield from` is over: its result goes on the stack. */
export function delegationOver(machine: Context, result: Value): Looked {
  const { frames } = machine.thread;
  const frame = frames[frames.length - 1];
  const { name, target } = frame.code.instructions[frame.next - 1];
  if (needsBinding(machine.rules) || machine.rules.version === '3.11') frame.stack.pop();
  frame.stack.push(result);
  if (name === 'SEND') frame.next = target;
  return looked(machine, frame, 'function');
}

/**
 * A generator is exhausted.
 *
 * @param result what it returned
 */
export function exhausted(machine: Context, purpose: Purpose, payload: Slot, result: Value = null): Looked {
  const { frames } = machine.thread;
  const frame = frames[frames.length - 1];
  if (purpose === 'iterate') {
    leaveLoop(frame, machine.rules);
    return looked(machine, frame, 'function');
  }
  if (purpose === 'collect') return machine.call(payload as Continuation, [new List(frame.collected)]);
  if (purpose === 'delegate') return delegationOver(machine, result);
  if (purpose === 'close') return over(machine, null, { native: 'close' });
  if (payload === undefined) throw raised('StopIteration', ...(result === null ? [] : [result]));
  return over(machine, payload, { native: 'next' });
}

/** generator.close() */
export function close(machine: Context, generator: Generator): Looked {
  const { frame, started, running } = generator;
  if (running) throw raised('ValueError', 'generator already executing');
  if (frame === undefined || !started) {
    generator.frame = undefined;
    return over(machine, null, { native: 'close' });
  }
  frame.purpose = 'close';
  generator.running = true;
  machine.thread.frames.push(frame);
  throw raised('GeneratorExit');
}
