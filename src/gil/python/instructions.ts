/**
 * CPython's instructions, of 3.9 to 3.13, by their names. Where a version changed what a name means, or the order of the
 * stack, the instruction asks which one it is.
 */

import { deleteAttribute, getAttribute, ownMethod, setAttribute } from './attributes.js';
import { BUILTINS, iterate, MODULES } from './builtins.js';
import { CALLS } from './calls.js';
import type { Context, Looked } from './context.js';
import { peek, pop, popMany } from './context.js';
import { EXCEPTION_INSTRUCTIONS } from './exceptions.js';
import { leaveLoop } from './leaving.js';
import { nextOf } from './methods.js';
import { EXCEPTIONS, hashOf, isTrue, raised, repr, str } from './objects.js';
import {
  binary,
  compare,
  contains,
  deleteItem,
  getItem,
  itemsOf,
  OPERATOR_METHODS,
  operatorOf,
  setItem,
  unary,
} from './operators.js';
import {
  Cell,
  Code,
  Count,
  Dict,
  type Frame,
  Func,
  Generator,
  type Instruction,
  Iteration,
  List,
  type Module,
  Property,
  type PyClass,
  PySet,
  Slice,
  Tuple,
  UnknownConstant,
  Unsupported,
  type Value,
} from './values.js';

/** @returns why there is a look, where that depends on what was called; nothing for the instruction's usual one */
export type Handler = (machine: Context, frame: Frame, instruction: Instruction) => Looked | undefined;

type Table = Readonly<Record<string, Handler>>;
/** An instruction that never decides by itself whether there is a look. */
type Plain = (frame: Frame, instruction: Instruction, machine: Context) => void;

const plain = (table: Readonly<Record<string, Plain>>): Table =>
  Object.fromEntries(
    Object.entries(table).map(([name, run]): [string, Handler] => [
      name,
      (machine, frame, instruction) => {
        run(frame, instruction, machine);
        return undefined;
      },
    ]),
  );
const nothing: Plain = () => {};

function cellOf(frame: Frame, { text }: Instruction): Cell {
  const cell = frame.cells[frame.code.cellPlaces.get(text) ?? -1];
  if (cell === undefined) throw new Error(`no cell ${text}`);
  return cell;
}

function loadFast(frame: Frame, name: string): void {
  const place = frame.code.places.get(name);
  const value = place === undefined ? frame.cells[frame.code.cellPlaces.get(name) ?? -1] : frame.locals[place];
  if (value === undefined) throw raised('NameError', `cannot access local variable '${name}'`);
  frame.stack.push(value);
}

function storeFast(frame: Frame, name: string, value: Value | undefined): void {
  const place = frame.code.places.get(name);
  if (place === undefined) throw new Unsupported(`a comprehension's variable '${name}' that an inner function uses`);
  frame.locals[place] = value;
}

function loadGlobal(name: string, { state }: Context): Value {
  const { globals } = state;
  const value = globals.has(name) ? globals.get(name) : BUILTINS.get(name);
  if (value !== undefined) return value;
  if (NOT_KNOWN.has(name)) throw new Unsupported(`the builtin ${name}`);
  throw raised('NameError', `name '${name}' is not defined`);
}

/** Python has them, the machine has not. */
const NOT_KNOWN = new Set(
  'super open input zip map filter reversed eval exec vars dir id hash round divmod pow bytes bytearray complex memoryview slice callable format globals locals'.split(
    ' ',
  ),
);

const variables = plain({
  LOAD_FAST: (frame, { text }) => loadFast(frame, text),
  LOAD_FAST_CHECK: (frame, { text }) => loadFast(frame, text),
  LOAD_FAST_LOAD_FAST: (frame, { texts }) => {
    for (const name of texts) loadFast(frame, name);
  },
  STORE_FAST: (frame, { text }) => storeFast(frame, text, frame.stack.pop()),
  STORE_FAST_LOAD_FAST: (frame, { texts: [store, load] }) => {
    storeFast(frame, store, pop(frame));
    loadFast(frame, load);
  },
  STORE_FAST_STORE_FAST: (frame, { texts }) => {
    for (const name of texts) storeFast(frame, name, frame.stack.pop());
  },
  LOAD_FAST_AND_CLEAR: (frame, { text }) => {
    frame.stack.push(frame.locals[frame.code.places.get(text) ?? -1]);
    storeFast(frame, text, undefined);
  },
  DELETE_FAST: (frame, { text }) => storeFast(frame, text, undefined),
  LOAD_CONST: (frame, { argument }) => {
    const value = frame.code.constants[argument];
    if (value instanceof UnknownConstant) throw new Unsupported(`the constant ${value.text}`);
    frame.stack.push(value);
  },
  STORE_GLOBAL: (frame, { text }, { state }) => {
    state.globals.set(text, pop(frame));
  },
  DELETE_GLOBAL: (_, { text }, { state }) => {
    if (!state.globals.delete(text)) throw raised('NameError', `name '${text}' is not defined`);
  },
  LOAD_NAME: (frame, { text }, machine) => {
    const value = frame.names?.get(text);
    frame.stack.push(value === undefined ? loadGlobal(text, machine) : value);
  },
  STORE_NAME: (frame, { text }) => {
    frame.names?.set(text, pop(frame));
  },
  DELETE_NAME: (frame, { text }) => {
    if (frame.names?.delete(text) !== true) throw raised('NameError', `name '${text}' is not defined`);
  },
  MAKE_CELL: (frame, instruction) => {
    const { places, cellPlaces } = frame.code;
    const place = places.get(instruction.text);
    const cell = new Cell(place === undefined ? undefined : frame.locals[place]);
    frame.cells[cellPlaces.get(instruction.text) ?? -1] = cell;
    if (place !== undefined) frame.locals[place] = cell;
  },
  COPY_FREE_VARS: nothing,
  LOAD_CLOSURE: (frame, instruction) => {
    frame.stack.push(cellOf(frame, instruction));
  },
  LOAD_DEREF: (frame, instruction) => {
    const { value } = cellOf(frame, instruction);
    if (value === undefined) throw raised('NameError', `cannot access free variable '${instruction.text}'`);
    frame.stack.push(value);
  },
  STORE_DEREF: (frame, instruction) => {
    cellOf(frame, instruction).value = pop(frame);
  },
});

/** What is on the stack is moved about. */
const stack = plain({
  POP_TOP: ({ stack }) => stack.pop(),
  DUP_TOP: (frame) => frame.stack.push(frame.stack.at(-1)),
  DUP_TOP_TWO: ({ stack }) => stack.push(...stack.slice(-2)),
  ROT_TWO: ({ stack }) => stack.splice(-2, 0, stack.pop()),
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
  TO_BOOL: (frame) => frame.stack.push(isTrue(pop(frame))),
});

const jump =
  (when: (value: Value) => boolean): Plain =>
  (frame, { target }) => {
    if (when(pop(frame))) frame.next = target;
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

const jumps = plain({
  JUMP_FORWARD: goTo,
  JUMP_BACKWARD: goTo,
  JUMP_BACKWARD_NO_INTERRUPT: goTo,
  JUMP_ABSOLUTE: goTo,
  JUMP_IF_FALSE_OR_POP: jumpOrPop(isFalse),
  JUMP_IF_TRUE_OR_POP: jumpOrPop(isTrue),
  ...Object.fromEntries(
    ['POP_JUMP_', 'POP_JUMP_FORWARD_', 'POP_JUMP_BACKWARD_'].flatMap((prefix) => [
      [`${prefix}IF_FALSE`, jump(isFalse)],
      [`${prefix}IF_TRUE`, jump(isTrue)],
      [`${prefix}IF_NONE`, jump(isNone)],
      [`${prefix}IF_NOT_NONE`, jump(isSome)],
    ]),
  ),
});

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
    frame.stack.push(binary(operator, left, right));
    return undefined;
  };

const operators: Table = {
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
    frame.stack.push(compare(text, left, right));
    return undefined;
  },
  ...plain({
    IS_OP: (frame, { argument }) => {
      const right = pop(frame);
      frame.stack.push((pop(frame) === right) !== (argument === 1));
    },
    CONTAINS_OP: (frame, { argument }) => {
      const container = pop(frame);
      if (ownMethod(container, '__contains__') !== undefined) throw new Unsupported('in, of a class with __contains__');
      frame.stack.push(contains(container, pop(frame)) !== (argument === 1));
    },
    ...Object.fromEntries(
      ['UNARY_NOT', 'UNARY_NEGATIVE', 'UNARY_INVERT', 'UNARY_POSITIVE'].map((name): [string, Plain] => [
        name,
        (frame) => frame.stack.push(unary(name, pop(frame))),
      ]),
    ),
    CALL_INTRINSIC_1: (frame, { argument }) => {
      if (argument === 5) frame.stack.push(unary('UNARY_POSITIVE', pop(frame)));
      else if (argument === 6) frame.stack.push(new Tuple(itemsOf(pop(frame))));
      // 3 makes a RuntimeError of a StopIteration that leaves a generator.
      else if (argument !== 3) throw new Unsupported(`CALL_INTRINSIC_1 ${argument}`);
    },
  }),
};

/** @returns the getter's call, where the attribute is a property */
function loadAttribute(machine: Context, self: Value, name: string): Value | Looked {
  const value = getAttribute(self, name);
  return value instanceof Property ? machine.call(value.get, [self], undefined, 'push') : value;
}

const isLooked = (value: Value | Looked): value is Looked =>
  typeof value === 'object' && value !== null && 'look' in value;

const attributes: Table = {
  LOAD_GLOBAL: (machine, frame, { text, argument }) => {
    const value = loadGlobal(text, machine);
    const withNull = !/^3\.(9|10)$/.test(machine.rules.version) && (argument & 1) === 1;
    pushWithNull(machine, frame, value, withNull);
    return undefined;
  },
  LOAD_ATTR: (machine, frame, { text, argument }) => {
    const { version } = machine.rules;
    const value = loadAttribute(machine, pop(frame), text);
    if (isLooked(value)) return value;
    pushWithNull(machine, frame, value, (version === '3.12' || version === '3.13') && (argument & 1) === 1);
    return undefined;
  },
  LOAD_METHOD: (machine, frame, { text }) => {
    const value = loadAttribute(machine, pop(frame), text);
    if (isLooked(value)) throw new Unsupported('a property whose value is called');
    pushWithNull(machine, frame, value, true);
    return undefined;
  },
  STORE_ATTR: (machine, frame, { text }) => {
    const self = pop(frame);
    const value = pop(frame);
    const property = setAttribute(self, text, value);
    if (property === undefined) return undefined;
    if (property.set === null) throw raised('AttributeError', `property '${text}' has no setter`);
    return machine.call(property.set, [self, value], undefined, 'drop');
  },
  BINARY_SUBSCR: (machine, frame) => {
    const key = pop(frame);
    const container = pop(frame);
    const method = ownMethod(container, '__getitem__');
    if (method !== undefined) return machine.call(method, [key], undefined, 'push');
    const missing = container instanceof Dict && container.factory !== null && !container.items.has(hashOf(key));
    if (missing) {
      if (container.factory instanceof Func) throw new Unsupported('a defaultdict of a function of the program');
      throw new Unsupported('a missing key of a defaultdict');
    }
    frame.stack.push(getItem(container, key));
    return undefined;
  },
  STORE_SUBSCR: (machine, frame) => {
    const key = pop(frame);
    const container = pop(frame);
    const value = pop(frame);
    const method = ownMethod(container, '__setitem__');
    if (method !== undefined) return machine.call(method, [key, value], undefined, 'drop');
    setItem(container, key, value);
    return undefined;
  },
  ...plain({
    DELETE_SUBSCR: (frame) => {
      const key = pop(frame);
      deleteItem(pop(frame), key);
    },
    DELETE_ATTR: (frame, { text }) => deleteAttribute(pop(frame), text),
    BUILD_SLICE: (frame, { argument }) => {
      if (argument === 3) throw new Unsupported('a slice with a step');
      const [start, stop] = popMany(frame, 2);
      frame.stack.push(new Slice(start as number | null, stop as number | null));
    },
    BINARY_SLICE: (frame) => {
      const [start, stop] = popMany(frame, 2);
      frame.stack.push(getItem(pop(frame), new Slice(start as number | null, stop as number | null)));
    },
  }),
};

/** 3.13 has the NULL above what is called, the versions before below it. */
function pushWithNull({ rules }: Context, { stack }: Frame, value: Value, withNull: boolean): void {
  if (!withNull) stack.push(value);
  else if (rules.version === '3.13') stack.push(value, undefined);
  else stack.push(undefined, value);
}

const pairs = (values: readonly Value[]): [Value, Value][] =>
  Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);
const dictOf = (entries: readonly [Value, Value][]): Dict =>
  new Dict(new Map(entries.map(([key, value]) => [hashOf(key), [key, value]])));

const containers = plain({
  BUILD_TUPLE: (frame, { argument }) => frame.stack.push(new Tuple(popMany(frame, argument))),
  BUILD_LIST: (frame, { argument }) => frame.stack.push(new List(popMany(frame, argument))),
  BUILD_SET: (frame, { argument }) =>
    frame.stack.push(new PySet(new Map(popMany(frame, argument).map((item) => [hashOf(item), item])))),
  BUILD_MAP: (frame, { argument }) => frame.stack.push(dictOf(pairs(popMany(frame, 2 * argument)))),
  BUILD_CONST_KEY_MAP: (frame, { argument }) => {
    const keys = itemsOf(pop(frame));
    const values = popMany(frame, argument);
    frame.stack.push(dictOf(keys.map((key, at) => [key, values[at]])));
  },
  BUILD_STRING: (frame, { argument }) => frame.stack.push(popMany(frame, argument).map(str).join('')),
  FORMAT_VALUE: (frame, { argument }) => {
    if ((argument & 4) !== 0) throw new Unsupported('a format in an f-string');
    frame.stack.push((argument & 3) === 2 ? repr(pop(frame)) : str(pop(frame)));
  },
  FORMAT_SIMPLE: (frame) => frame.stack.push(str(pop(frame))),
  CONVERT_VALUE: (frame, { argument }) => frame.stack.push(argument === 2 ? repr(pop(frame)) : str(pop(frame))),
  LIST_APPEND: (frame, { argument }) => {
    const item = pop(frame);
    (peek(frame, argument) as List).items.push(item);
  },
  SET_ADD: (frame, { argument }) => {
    const item = pop(frame);
    (peek(frame, argument) as PySet).items.set(hashOf(item), item);
  },
  MAP_ADD: (frame, { argument }) => {
    const [key, value] = popMany(frame, 2);
    setItem(peek(frame, argument), key, value);
  },
  LIST_EXTEND: (frame, { argument }) => {
    const more = itemsOf(pop(frame));
    (peek(frame, argument) as List).items.push(...more);
  },
  SET_UPDATE: (frame, { argument }) => {
    for (const item of itemsOf(pop(frame))) (peek(frame, argument) as PySet).items.set(hashOf(item), item);
  },
  DICT_UPDATE: (frame, { argument }) => merge(frame, argument),
  DICT_MERGE: (frame, { argument }) => merge(frame, argument),
  LIST_TO_TUPLE: (frame) => frame.stack.push(new Tuple(itemsOf(pop(frame)))),
  UNPACK_SEQUENCE: (frame, { argument }) => {
    const items = itemsOf(pop(frame));
    if (items.length !== argument)
      throw raised('ValueError', `not enough or too many values to unpack (expected ${argument})`);
    frame.stack.push(...[...items].reverse());
  },
});

function merge(frame: Frame, depth: number): void {
  const other = pop(frame);
  if (!(other instanceof Dict)) throw new Unsupported('** of anything but a dict');
  for (const [key, value] of other.items.values()) setItem(peek(frame, depth), key, value);
}

const iteration: Table = {
  GET_ITER: (machine, frame) => {
    const value = pop(frame);
    const method = ownMethod(value, '__iter__');
    if (method !== undefined) return machine.call(method, [], undefined, 'push');
    frame.stack.push(iterate(value));
    return undefined;
  },
  FOR_ITER: (machine, frame) => {
    const iterator = peek(frame);
    if (iterator instanceof Generator) return machine.resume(iterator, 'iterate');
    if (iterator instanceof Count) {
      frame.stack.push(iterator.next);
      iterator.next += iterator.step;
      return undefined;
    }
    if (!(iterator instanceof Iteration)) throw new Unsupported('a loop over an object with __next__');
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

const definitions = plain({
  MAKE_FUNCTION: (frame, { argument }, { rules }) => {
    if (rules.version === '3.9' || rules.version === '3.10') pop(frame);
    const code = pop(frame);
    if (!(code instanceof Code)) throw new Error('no code for a function');
    const func = new Func(code, [], new Map(), []);
    for (const flag of [8, 4, 2, 1]) if ((argument & flag) !== 0) setFunction(func, flag, pop(frame));
    frame.stack.push(func);
  },
  SET_FUNCTION_ATTRIBUTE: (frame, { argument }) => {
    const func = pop(frame) as Func;
    setFunction(func, argument, pop(frame));
    frame.stack.push(func);
  },
  IMPORT_NAME: (frame, { text }) => {
    popMany(frame, 2);
    const module = MODULES.get(text);
    if (module === undefined) throw new Unsupported(`the module ${text} (known: ${[...MODULES.keys()].join(', ')})`);
    frame.stack.push(module);
  },
  IMPORT_FROM: (frame, { text }) => {
    const module = peek(frame) as Module;
    frame.stack.push(getAttribute(module, text));
  },
  LOAD_ASSERTION_ERROR: (frame) => frame.stack.push(EXCEPTIONS.get('AssertionError') as PyClass),
  SETUP_ANNOTATIONS: nothing,
});

function setFunction(func: Func, flag: number, value: Value): void {
  if (flag === 8) func.closure = itemsOf(value) as unknown as Cell[];
  else if (flag === 2 && value instanceof Dict) {
    func.keywordDefaults = new Map([...value.items.values()].map(([key, each]) => [String(key), each]));
  } else if (flag === 1) func.defaults = itemsOf(value);
}

export const INSTRUCTIONS: Table = {
  ...variables,
  ...stack,
  ...jumps,
  ...operators,
  ...attributes,
  ...containers,
  ...iteration,
  ...definitions,
  ...CALLS,
  ...EXCEPTION_INSTRUCTIONS,
};
