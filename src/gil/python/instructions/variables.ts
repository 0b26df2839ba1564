/** Instructions that load and store variables of all kinds. */
import { BUILTINS } from '../builtins.js';
import { type Context, pop } from '../context.js';
import { raised } from '../objects.js';
import { type Instruction, UnknownConstant } from '../values/code.js';
import { Cell, type Frame } from '../values/frames.js';
import { Unsupported } from '../values/unsupported.js';
import type { Value } from '../values/value.js';
import { nothing, plain } from './handler.js';

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

export function loadGlobal(name: string, { state }: Context): Value {
  const { globals } = state;
  const value = globals.has(name) ? globals.get(name) : BUILTINS.get(name);
  if (value !== undefined) return value;
  if (NOT_KNOWN.has(name)) throw new Unsupported(`the builtin ${name}`);
  throw raised('NameError', `name '${name}' is not defined`);
}

/** Python has them, the machine does not. */
const NOT_KNOWN = new Set(
  (
    'open input eval exec compile vars dir id hash bytes bytearray complex memoryview slice globals locals aiter anext ascii ' +
    'bin breakpoint delattr exit hex oct quit help issubclass object NotImplemented Ellipsis ExceptionGroup ' +
    'BaseExceptionGroup StopAsyncIteration UnicodeError SyntaxError SystemError ReferenceError ChildProcessError ' +
    'BrokenPipeError IsADirectoryError NotADirectoryError ProcessLookupError __file__ __doc__ __import__ __builtins__'
  ).split(' '),
);

export const variables = plain({
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
  DELETE_DEREF: (frame, instruction) => {
    cellOf(frame, instruction).value = undefined;
  },
  STORE_DEREF: (frame, instruction) => {
    cellOf(frame, instruction).value = pop(frame);
  },
});
