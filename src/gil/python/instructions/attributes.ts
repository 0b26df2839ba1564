/** Instructions of attributes and subscripts. */
import { deleteAttribute, getAttribute, setAttribute } from '../attributes.js';
import { type Context, type Looked, pop, popMany } from '../context.js';
import { hashOf, ownMethod, raised, TYPES } from '../objects.js';
import { deleteItem, getItem, setItem } from '../operators.js';
import { Instance, Property, type PyClass, Super } from '../values/classes.js';
import { Dict, Slice, Tuple } from '../values/containers.js';
import type { Frame } from '../values/frames.js';
import { Unsupported } from '../values/unsupported.js';
import type { Value } from '../values/value.js';
import { isOld, plain, type Table } from './handler.js';
import { loadGlobal } from './variables.js';

/** @returns the getter's call, if the attribute is a property */
function loadAttribute(machine: Context, self: Value, name: string): Value | Looked {
  if (isThreadLocal(self)) {
    const own = self.attributes.get(localName(machine, name));
    if (own !== undefined) return own;
  }
  const value = getAttribute(self, name);
  const receiver = self instanceof Super ? self.self : self;
  return value instanceof Property ? machine.call(value.get, [receiver], undefined, 'push') : value;
}

/** A threading.local has separate attributes for each thread. */
const isThreadLocal = (self: Value): self is Instance => self instanceof Instance && self.type === TYPES.get('local');
const localName = ({ index }: Context, name: string): string => `${index}:${name}`;

const isLooked = (value: Value | Looked): value is Looked =>
  typeof value === 'object' && value !== null && 'look' in value;

export const attributes: Table = {
  LOAD_GLOBAL: (machine, frame, { text, argument }) => {
    const value = loadGlobal(text, machine);
    const withNull = !isOld(machine) && (argument & 1) === 1;
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
  LOAD_SUPER_ATTR: (machine, frame, { text, argument }) => {
    const [, type, self] = popMany(frame, 3);
    const value = loadAttribute(machine, new Super(type as PyClass, self), text);
    if (isLooked(value)) return value;
    pushWithNull(machine, frame, value, (argument & 1) === 1);
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
    const property = setAttribute(self, isThreadLocal(self) ? localName(machine, text) : text, value);
    if (property === undefined) return undefined;
    if (property.set === null) throw raised('AttributeError', `property '${text}' has no setter`);
    return machine.call(property.set, [self, value], undefined, 'drop');
  },
  BINARY_SUBSCR: (machine, frame) => {
    const key = pop(frame);
    const container = pop(frame);
    const method = ownMethod(container, '__getitem__');
    if (method !== undefined) return machine.call(method, [key], undefined, 'push');
    if (container instanceof Dict && container.factory !== null && !container.items.has(hashOf(key))) {
      return machine.call(container.factory, [], undefined, 'missing', new Tuple([container, key]));
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
      frame.stack.push(sliceOf(popMany(frame, argument)));
    },
    BINARY_SLICE: (frame) => {
      const slice = sliceOf(popMany(frame, 2));
      frame.stack.push(getItem(pop(frame), slice));
    },
    STORE_SLICE: (frame) => {
      const slice = sliceOf(popMany(frame, 2));
      const container = pop(frame);
      setItem(container, slice, pop(frame));
    },
  }),
};

function sliceOf([start, stop, step = null]: readonly Value[]): Slice {
  const place = (value: Value): number | null => {
    if (value === null || typeof value === 'number') return value;
    throw raised('TypeError', 'slice indices must be integers or None or have an __index__ method');
  };
  return new Slice(place(start), place(stop), place(step) ?? 1);
}

/** 3.13 has the NULL above the callable, earlier versions below it. */
function pushWithNull({ rules }: Context, { stack }: Frame, value: Value, withNull: boolean): void {
  if (!withNull) stack.push(value);
  else if (rules.version === '3.13') stack.push(value, undefined);
  else stack.push(undefined, value);
}
