/** Instructions that rearrange the stack, and those that jump. */
import { peek, pop } from '../context.js';
import { isTrue, truthMethod } from '../objects.js';
import type { Value } from '../values/value.js';
import { type Handler, nothing, type Plain, plain, type Table } from './handler.js';

/** Rearranges the stack. */
export const stack = plain({
  POP_TOP: ({ stack }) => stack.pop(),
  DUP_TOP: (frame) => frame.stack.push(frame.stack.at(-1)),
  DUP_TOP_TWO: ({ stack }) => stack.push(...stack.slice(-2)),
  ROT_TWO: ({ stack }) => stack.splice(-1, 0, stack.pop()),
  ROT_THREE: ({ stack }) => stack.splice(-2, 0, stack.pop()),
  ROT_FOUR: ({ stack }) => stack.splice(-3, 0, stack.pop()),
  ROT_N: ({ stack }, { argument }) => stack.splice(-argument + 1, 0, stack.pop()),
  COPY: ({ stack }, { argument }) => stack.push(stack[stack.length - argument]),
  SWAP: ({ stack }, { argument }) => {
    const at = stack.length - argument;
    [stack[at], stack[stack.length - 1]] = [stack[stack.length - 1], stack[at]];
  },
  PUSH_NULL: ({ stack }) => stack.push(undefined),
  NOP: nothing,
  EXTENDED_ARG: nothing,
  RESUME: nothing,
  PRECALL: nothing,
  GEN_START: ({ stack }) => stack.pop(),
  END_FOR: ({ stack }) => stack.pop(),
  KW_NAMES: (frame, { texts }) => {
    frame.keywords = texts;
  },
});

const jump =
  (when: (value: Value) => boolean): Plain =>
  (frame, { target }) => {
    if (when(pop(frame))) frame.next = target;
  };
/** Jumps by the truth of a value, which a class of the program may decide. */
const jumpIf =
  (wanted: boolean): Handler =>
  (machine, frame, { target }) => {
    const value = pop(frame);
    const method = truthMethod(value);
    if (method !== undefined) return machine.call(method, [], undefined, 'jump', wanted);
    if (isTrue(value) === wanted) frame.next = target;
    return undefined;
  };
const isFalse = (value: Value): boolean => !isTrue(value);
const isNone = (value: Value): boolean => value === null;
const isSome = (value: Value): boolean => value !== null;
const goTo: Plain = (frame, { target }) => {
  frame.next = target;
};
const jumpOrPop =
  (when: (value: Value) => boolean): Plain =>
  (frame, { target }) => {
    if (when(peek(frame))) frame.next = target;
    else pop(frame);
  };

const PREFIXES = ['POP_JUMP_', 'POP_JUMP_FORWARD_', 'POP_JUMP_BACKWARD_'];

export const jumps: Table = {
  ...plain({
    JUMP_FORWARD: goTo,
    JUMP_BACKWARD: goTo,
    JUMP_BACKWARD_NO_INTERRUPT: goTo,
    JUMP_ABSOLUTE: goTo,
    JUMP_IF_FALSE_OR_POP: jumpOrPop(isFalse),
    JUMP_IF_TRUE_OR_POP: jumpOrPop(isTrue),
    ...Object.fromEntries(
      PREFIXES.flatMap((prefix) => [
        [`${prefix}IF_NONE`, jump(isNone)],
        [`${prefix}IF_NOT_NONE`, jump(isSome)],
      ]),
    ),
  }),
  ...Object.fromEntries(
    PREFIXES.flatMap((prefix) => [
      [`${prefix}IF_FALSE`, jumpIf(false)],
      [`${prefix}IF_TRUE`, jumpIf(true)],
    ]),
  ),
};
