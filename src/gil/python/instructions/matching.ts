/** The instructions of `match`, introduced in 3.10. Up to 3.10 they also push whether it matches. */
import { getAttribute } from '../attributes.js';
import { peek, pop } from '../context.js';
import { itemsOf } from '../iterating.js';
import { hashOf, lengthOf, typeOf } from '../objects.js';
import { PyClass, Raised } from '../values/classes.js';
import { Deque, Dict, List, Range, Tuple } from '../values/containers.js';
import { Unsupported } from '../values/unsupported.js';
import type { Value } from '../values/value.js';
import { isOld, plain } from './handler.js';

/** Types that `int(x)` and the like match as a whole. */
const WHOLE = ['bool', 'dict', 'float', 'frozenset', 'int', 'list', 'set', 'str', 'tuple'];

/** @returns what a class pattern extracts from a value; undefined if it does not match */
function partsOf(value: Value, type: Value, count: number, names: readonly string[]): Value[] | undefined {
  if (!(type instanceof PyClass)) throw new Unsupported('a class pattern of what is not a class');
  if (!typeOf(value).isA(type) && !(typeof value === 'boolean' && type.name === 'int')) return undefined;
  const isWhole = type.builtin && WHOLE.includes(type.name);
  const places = count > 0 && !isWhole ? type.find('__match_args__') : undefined;
  if (count > 0 && !isWhole && !(places instanceof Tuple)) throw new Unsupported('places in a pattern of this class');
  const first = places instanceof Tuple ? places.items.slice(0, count).map(String) : [];
  try {
    return [...(isWhole && count > 0 ? [value] : []), ...[...first, ...names].map((name) => getAttribute(value, name))];
  } catch (error) {
    if (error instanceof Raised) return undefined;
    throw error;
  }
}

export const matching = plain({
  GET_LEN: (frame) => frame.stack.push(lengthOf(peek(frame)) ?? 0),
  MATCH_SEQUENCE: (frame) => {
    const value = peek(frame);
    frame.stack.push([List, Tuple, Deque, Range].some((kind) => value instanceof kind));
  },
  MATCH_MAPPING: (frame) => frame.stack.push(peek(frame) instanceof Dict),
  MATCH_KEYS: (frame, _, machine) => {
    const keys = itemsOf(peek(frame));
    const { items } = peek(frame, 2) as Dict;
    const found = keys.map((key) => items.get(hashOf(key)));
    const matches = found.every((entry) => entry !== undefined);
    frame.stack.push(matches ? new Tuple(found.map(([, value]) => value)) : null);
    if (isOld(machine)) frame.stack.push(matches);
  },
  MATCH_CLASS: (frame, { argument }, machine) => {
    const names = itemsOf(pop(frame)).map(String);
    const type = pop(frame);
    const value = pop(frame);
    const parts = partsOf(value, type, argument, names);
    frame.stack.push(parts === undefined ? null : new Tuple(parts));
    if (isOld(machine)) frame.stack.push(parts !== undefined);
  },
});
