/** Instructions that make and fill containers, and unpack them. */
import { peek, pop, popMany } from '../context.js';
import { formatted } from '../formatting.js';
import { itemsOf } from '../iterating.js';
import { dictOf, hashOf, ownMethod, raised, repr, str } from '../objects.js';
import { setItem } from '../operators.js';
import { Dict, List, PySet, Tuple } from '../values/containers.js';
import type { Frame } from '../values/frames.js';
import { Unsupported } from '../values/unsupported.js';
import type { Value } from '../values/value.js';
import { type Handler, plain, type Table } from './handler.js';

const pairs = (values: readonly Value[]): [Value, Value][] =>
  Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);

/** Turns a value into text; a class of the program may do it itself. */
const toText =
  (hasSpec: (argument: number) => boolean, isQuoted: (argument: number) => boolean): Handler =>
  (machine, frame, { argument }) => {
    const spec = hasSpec(argument) ? str(pop(frame)) : '';
    const value = pop(frame);
    const quoted = isQuoted(argument);
    const method = (quoted ? undefined : ownMethod(value, '__str__')) ?? ownMethod(value, '__repr__');
    if (method !== undefined && spec !== '') throw new Unsupported('an object with a format');
    if (method !== undefined) return machine.call(method, [], undefined, 'push');
    frame.stack.push(formatted(quoted ? repr(value) : value, spec));
    return undefined;
  };
const never = (): boolean => false;

export const texts: Table = {
  FORMAT_VALUE: toText(
    (argument) => (argument & 4) !== 0,
    (argument) => (argument & 3) === 2,
  ),
  FORMAT_SIMPLE: toText(never, never),
  FORMAT_WITH_SPEC: toText(() => true, never),
  CONVERT_VALUE: toText(never, (argument) => argument === 2),
};

export const containers = plain({
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
    (peek(frame, argument) as List).extend(more);
  },
  SET_UPDATE: (frame, { argument }) => {
    for (const item of itemsOf(pop(frame))) (peek(frame, argument) as PySet).items.set(hashOf(item), item);
  },
  DICT_UPDATE: (frame, { argument }) => merge(frame, argument),
  DICT_MERGE: (frame, { argument }) => merge(frame, argument),
  LIST_TO_TUPLE: (frame) => frame.stack.push(new Tuple(itemsOf(pop(frame)))),
  UNPACK_EX: (frame, { argument }) => {
    const items = itemsOf(pop(frame));
    const [before, after] = [argument & 255, argument >> 8];
    if (items.length < before + after) {
      throw raised(
        'ValueError',
        `not enough values to unpack (expected at least ${before + after}, got ${items.length})`,
      );
    }
    const rest = new List(items.slice(before, items.length - after));
    frame.stack.push(...[...items.slice(0, before), rest, ...items.slice(items.length - after)].reverse());
  },
  UNPACK_SEQUENCE: (frame, { argument }) => {
    const items = itemsOf(pop(frame));
    if (items.length < argument) {
      throw raised('ValueError', `not enough values to unpack (expected ${argument}, got ${items.length})`);
    }
    if (items.length > argument) throw raised('ValueError', `too many values to unpack (expected ${argument})`);
    frame.stack.push(...[...items].reverse());
  },
});

function merge(frame: Frame, depth: number): void {
  const other = pop(frame);
  if (!(other instanceof Dict)) throw new Unsupported('** of anything but a dict');
  for (const [key, value] of other.items.values()) setItem(peek(frame, depth), key, value);
}
