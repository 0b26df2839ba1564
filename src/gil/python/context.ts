/** How an instruction interacts with the machine that runs it. */
import type { Reason, Rules } from './checks.js';
import type { State } from './state.js';
import type { Frame, Purpose } from './values/frames.js';
import type { Host } from './values/natives.js';
import type { Sync } from './values/sync.js';
import type { Thread } from './values/threads.js';
import type { Slot, Value } from './values/value.js';

/** Why the eval breaker is checked after an instruction that has called something: it depends on what it called. */
export interface Looked {
  readonly look: Reason | undefined;
}

export interface Context extends Host {
  readonly rules: Rules;
  readonly state: State;
  /** The names that programs can use without defining them. */
  readonly builtins: ReadonlyMap<string, Value>;
  /** The running thread, and its index. */
  readonly thread: Thread;
  readonly index: number;
  /** Calls something, for the instruction that the thread's innermost frame is at. */
  call(
    callee: Value,
    args: readonly Value[],
    keywords?: ReadonlyMap<string, Value>,
    purpose?: Purpose,
    payload?: Slot,
  ): Looked;
  /** Resumes a generator to its next value, or reports that it has none. */
  resume(generator: Value, purpose: 'iterate' | 'next' | 'collect' | 'delegate', payload?: Slot, sent?: Value): Looked;
  /** Gives an iterator's or generator's value to the frame that asked for it. */
  yielded(value: Value): Looked;
  /** `yield from` has a value on the stack, to be yielded now, or by the next instruction. */
  delegated(): Looked;
  /** `yield from` is over: its result goes on the stack. */
  delegationOver(result: Value): Looked;
  /** Turns the innermost frame into a generator, which its call returns. */
  makeGenerator(frame: Frame): Looked;
  /** Ends the innermost frame. */
  returned(value: Value): Looked;
  /** Begins a `with` statement of a lock: waits for it, or takes it at once if it is free and nobody else waits for it. */
  enter(lock: Sync): Looked;
  /** Ends the entry of a `with` statement. */
  entered(frame: Frame, value: Value): void;
}

/** @returns the value popped from the top of the stack, which is not NULL */
export function pop(frame: Frame): Value {
  const value = frame.stack.pop();
  if (value === undefined) throw new Error(`the stack of ${frame.code.name} is empty`);
  return value;
}

/** @returns the n-th value from the top */
export function peek(frame: Frame, depth = 1): Value {
  const value = frame.stack[frame.stack.length - depth];
  if (value === undefined) throw new Error(`the stack of ${frame.code.name} has fewer than ${depth} values`);
  return value;
}

/** @returns the n values on top, popped, the topmost last */
export const popMany = (frame: Frame, count: number): Value[] =>
  frame.stack.splice(frame.stack.length - count, count) as Value[];
