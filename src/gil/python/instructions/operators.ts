/** Instructions of operators and comparisons; a class of the program may have methods for them. */
import { pop } from '../context.js';
import { itemsOf } from '../iterating.js';
import { isTrue, ownMethod, truthMethod } from '../objects.js';
import { binary, compare, contains, OPERATOR_METHODS, operatorOf, unary } from '../operators.js';
import type { Instruction } from '../values/code.js';
import { Tuple } from '../values/containers.js';
import { Unsupported } from '../values/unsupported.js';
import { type Handler, type Plain, plain, type Table } from './handler.js';

const withoutEquals = (operator: string): string => operator.replace(/=$/, '');

const operate =
  (operatorFor: (instruction: Instruction) => string): Handler =>
  (machine, frame, instruction) => {
    const right = pop(frame);
    const left = pop(frame);
    const operator = operatorFor(instruction);
    const name = OPERATOR_METHODS[withoutEquals(operator)];
    const inPlace = operator.endsWith('=') ? ownMethod(left, name?.replace('__', '__i')) : undefined;
    const method = inPlace ?? ownMethod(left, name);
    if (method !== undefined) return machine.call(method, [right], undefined, 'push');
    const reflected = ownMethod(right, name?.replace('__', '__r'));
    if (reflected !== undefined) return machine.call(reflected, [left], undefined, 'push');
    frame.stack.push(binary(operator, left, right));
    return undefined;
  };

/** Which comparison is equivalent with the sides exchanged. */
const MIRRORED: Readonly<Record<string, string>> = {
  '<': '>',
  '>': '<',
  '<=': '>=',
  '>=': '<=',
  '==': '==',
  '!=': '!=',
};

export const operators: Table = {
  BINARY_OP: operate(({ text }) => text),
  ...Object.fromEntries(
    ['BINARY', 'INPLACE'].flatMap((kind) =>
      'ADD SUBTRACT MULTIPLY FLOOR_DIVIDE TRUE_DIVIDE MODULO POWER LSHIFT RSHIFT AND OR XOR'
        .split(' ')
        .map((name): [string, Handler] => [`${kind}_${name}`, operate((each) => operatorOf(each.name) ?? '')]),
    ),
  ),
  COMPARE_OP: (machine, frame, { text }) => {
    const right = pop(frame);
    const left = pop(frame);
    const method = ownMethod(left, OPERATOR_METHODS[text]);
    if (method !== undefined) return machine.call(method, [right], undefined, 'push');
    const equals = text === '!=' ? ownMethod(left, '__eq__') : undefined;
    if (equals !== undefined) return machine.call(equals, [right], undefined, 'truth', true);
    const mirrored = ownMethod(right, OPERATOR_METHODS[MIRRORED[text]]);
    if (mirrored !== undefined) return machine.call(mirrored, [left], undefined, 'push');
    frame.stack.push(compare(text, left, right));
    return undefined;
  },
  CONTAINS_OP: (machine, frame, { argument }) => {
    const container = pop(frame);
    const item = pop(frame);
    const method = ownMethod(container, '__contains__');
    if (method !== undefined) return machine.call(method, [item], undefined, 'truth', argument === 1);
    frame.stack.push(contains(container, item) !== (argument === 1));
    return undefined;
  },
  UNARY_NOT: (machine, frame) => {
    const value = pop(frame);
    const method = truthMethod(value);
    if (method !== undefined) return machine.call(method, [], undefined, 'truth', true);
    frame.stack.push(unary('UNARY_NOT', value));
    return undefined;
  },
  TO_BOOL: (machine, frame) => {
    const value = pop(frame);
    const method = truthMethod(value);
    if (method !== undefined) return machine.call(method, [], undefined, 'truth', false);
    frame.stack.push(isTrue(value));
    return undefined;
  },
  ...plain({
    IS_OP: (frame, { argument }) => {
      const right = pop(frame);
      frame.stack.push((pop(frame) === right) !== (argument === 1));
    },
    ...Object.fromEntries(
      ['UNARY_NEGATIVE', 'UNARY_INVERT', 'UNARY_POSITIVE'].map((name): [string, Plain] => [
        name,
        (frame) => frame.stack.push(unary(name, pop(frame))),
      ]),
    ),
    CALL_INTRINSIC_1: (frame, { argument }) => {
      if (argument === 5) frame.stack.push(unary('UNARY_POSITIVE', pop(frame)));
      else if (argument === 6) frame.stack.push(new Tuple(itemsOf(pop(frame))));
      // 3 turns a StopIteration that leaves a generator into a RuntimeError.
      else if (argument !== 3) throw new Unsupported(`CALL_INTRINSIC_1 ${argument}`);
    },
  }),
};
