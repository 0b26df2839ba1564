/**
 * Which instructions neither affect other threads nor are affected by them. A switch after only such instructions has
 * the same effect as one before them, so none is explored there.
 */
import { isImmutable } from './objects.js';
import { PyClass } from './values/classes.js';
import type { Instruction } from './values/code.js';
import { Float, Range, Tuple } from './values/containers.js';
import { type Frame, Func } from './values/frames.js';
import { Iteration } from './values/iterators.js';
import { Native } from './values/natives.js';
import type { Value } from './values/value.js';

const LOCAL = new Set(
  (
    'RESUME NOP LOAD_FAST STORE_FAST DELETE_FAST LOAD_CONST POP_TOP ROT_TWO ROT_THREE ROT_FOUR ROT_N DUP_TOP DUP_TOP_TWO ' +
    'COPY SWAP PUSH_NULL PRECALL KW_NAMES EXTENDED_ARG LOAD_ASSERTION_ERROR JUMP_FORWARD JUMP_ABSOLUTE JUMP_BACKWARD ' +
    'JUMP_BACKWARD_NO_INTERRUPT IS_OP RETURN_VALUE RETURN_CONST LOAD_FAST_LOAD_FAST STORE_FAST_LOAD_FAST ' +
    'STORE_FAST_STORE_FAST LOAD_FAST_CHECK LOAD_FAST_AND_CLEAR BUILD_TUPLE BUILD_LIST BUILD_MAP BUILD_SET END_FOR ' +
    'POP_BLOCK SETUP_FINALLY POP_EXCEPT PUSH_EXC_INFO RERAISE RAISE_VARARGS CHECK_EXC_MATCH JUMP_IF_NOT_EXC_MATCH GEN_START ' +
    'RETURN_GENERATOR YIELD_VALUE MAKE_CELL COPY_FREE_VARS LOAD_CLOSURE CACHE'
  ).split(' '),
);

/** The instructions that use only this many values on the stack. */
const OF_OPERANDS: Readonly<Record<string, number>> = {
  COMPARE_OP: 2,
  BINARY_OP: 2,
  TO_BOOL: 1,
  GET_ITER: 1,
  FORMAT_SIMPLE: 1,
};

/**
 * @param changing global names that some code stores to
 */
export function isLocal(
  { stack }: Frame,
  { name, argument, text }: Instruction,
  changing: ReadonlySet<string>,
): boolean {
  if (LOCAL.has(name)) return true;
  const top = (depth: number): Value => stack[stack.length - depth] ?? null;
  if (name === 'LOAD_GLOBAL') return !changing.has(text);
  if (name === 'FOR_ITER') {
    const iterator = top(1);
    return iterator instanceof Iteration && (iterator.of instanceof Range || iterator.of instanceof Tuple);
  }
  if (name.startsWith('BINARY_') && name !== 'BINARY_SUBSCR' && name !== 'BINARY_SLICE') return areImmutable(2, top);
  if (name.startsWith('INPLACE_') || name.startsWith('UNARY_')) return areImmutable(2, top);
  if (name.startsWith('POP_JUMP') || name.startsWith('JUMP_IF')) return isImmutable(top(1));
  if (name === 'CALL' || name === 'CALL_FUNCTION' || name === 'CALL_METHOD') {
    return [argument + 1, argument + 2].some((depth) => isPure(top(depth)));
  }
  return Object.hasOwn(OF_OPERANDS, name) && areImmutable(OF_OPERANDS[name], top);
}

const areImmutable = (count: number, top: (depth: number) => Value): boolean =>
  Array.from({ length: count }, (_, i) => top(i + 1)).every(
    (value) => typeof value !== 'object' || value === null || value instanceof Float || isImmutable(value),
  );

/** Calling bytecode does nothing yet; `range` only makes a new object. */
const isPure = (callee: Value): boolean =>
  callee instanceof Func ||
  (callee instanceof PyClass && callee.builtin && callee.name === 'range') ||
  (callee instanceof Native && callee.name === 'abs');
