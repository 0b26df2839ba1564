/** Instructions of loops and generators. */
import { type Context, type Looked, peek, pop } from '../context.js';
import { iterate, nextOf } from '../iterating.js';
import { leaveLoop } from '../leaving.js';
import { isTrue, ownMethod, TYPES } from '../objects.js';
import { Bound, type Frame, Func, Generator } from '../values/frames.js';
import { Count, Iteration, Mapped } from '../values/iterators.js';
import { Unsupported } from '../values/unsupported.js';
import type { Slot } from '../values/value.js';
import type { Table } from './handler.js';

function getIterator(machine: Context, frame: Frame): Looked | undefined {
  const value = pop(frame);
  const method = ownMethod(value, '__iter__');
  if (method !== undefined) return machine.call(method, [], undefined, 'push');
  frame.stack.push(iterate(value));
  return undefined;
}

/**
 * The next value of what `yield from` iterates over: up to 3.10 the instruction yields it itself, and runs again; later
 * YIELD_VALUE follows, and a jump back.
 */
function delegate(machine: Context, frame: Frame): Looked | undefined {
  const sent = pop(frame);
  const iterator = peek(frame);
  if (iterator instanceof Generator) return machine.resume(iterator, 'delegate', undefined, sent);
  if (!(iterator instanceof Iteration) || sent !== null) throw new Unsupported('yield from, or await, of this');
  const value: Slot = nextOf(iterator);
  if (value === undefined) return machine.delegationOver(null);
  frame.stack.push(value);
  return machine.delegated();
}

/** The next value of a map or filter: its function is called. */
function mapNext(machine: Context, frame: Frame, { func, of, keeps }: Mapped): Looked | undefined {
  if (!(of instanceof Iteration)) throw new Unsupported('a loop over the map or filter of this');
  for (;;) {
    const value = nextOf(of);
    if (value === undefined) {
      leaveLoop(frame, machine.rules);
      return undefined;
    }
    if (!keeps) return machine.call(func, [value], undefined, 'push');
    if (func instanceof Func || func instanceof Bound) return machine.call(func, [value], undefined, 'keep', value);
    if (func !== TYPES.get('bool')) throw new Unsupported('a loop over a filter by this');
    if (!isTrue(value)) continue;
    frame.stack.push(value);
    return undefined;
  }
}

export const iteration: Table = {
  GET_ITER: getIterator,
  GET_YIELD_FROM_ITER: getIterator,
  YIELD_FROM: delegate,
  SEND: delegate,
  END_SEND: (_, frame) => {
    const result = pop(frame);
    pop(frame);
    frame.stack.push(result);
    return undefined;
  },
  FOR_ITER: (machine, frame) => {
    const iterator = peek(frame);
    if (iterator instanceof Generator) return machine.resume(iterator, 'iterate');
    const method = ownMethod(iterator, '__next__');
    if (method !== undefined) return machine.call(method, [], undefined, 'iterate');
    if (iterator instanceof Count) {
      frame.stack.push(iterator.next);
      iterator.next += iterator.step;
      return undefined;
    }
    if (iterator instanceof Mapped) return mapNext(machine, frame, iterator);
    if (!(iterator instanceof Iteration)) throw new Unsupported('a loop over this');
    const value = nextOf(iterator);
    if (value === undefined) leaveLoop(frame, machine.rules);
    else frame.stack.push(value);
    return undefined;
  },
  YIELD_VALUE: (machine, frame) => machine.yielded(pop(frame)),
  RETURN_GENERATOR: (machine, frame) => machine.makeGenerator(frame),
  RETURN_VALUE: (machine, frame) => machine.returned(pop(frame)),
  RETURN_CONST: (machine, frame, { argument }) => machine.returned(frame.code.constants[argument]),
};
