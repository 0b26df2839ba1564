/** The methods of Python's own types. */
import { hashOf, isEqual, raised, repr, str, typeName } from './objects.js';
import { compare, getItem, itemsOf } from './operators.js';
import { syncMethods } from './sync-methods.js';
import {
  BoundNative,
  type Call,
  Deque,
  Dict,
  Generator,
  Instance,
  Iteration,
  List,
  Native,
  type NativeCall,
  Property,
  PyClass,
  PySet,
  Runs,
  Sync,
  Tuple,
  Unsupported,
  type Value,
} from './values.js';

type Method<T> = (self: T, args: readonly Value[], call: Call) => ReturnType<NativeCall>;
type Methods = ReadonlyMap<string, Native>;

/** @param type what the methods are of, as it is called in programs */
function methods<T extends Value>(type: string, table: Readonly<Record<string, Method<T>>>): Methods {
  return new Map(
    Object.entries(table).map(([name, method]) => [
      name,
      new Native(`${type}.${name}`, (call) => method(call.args[0] as T, call.args.slice(1), call)),
    ]),
  );
}

const integer = (value: Value | undefined, otherwise: number): number => {
  if (value === undefined) return otherwise;
  if (typeof value !== 'number') throw raised('TypeError', `an integer is required, not '${typeName(value)}'`);
  return value;
};

function popAt(items: Value[], at: number, what: string): Value {
  if (items.length === 0) throw raised('IndexError', `pop from empty ${what}`);
  const [item] = items.splice(at < 0 ? at + items.length : at, 1);
  if (item === undefined) throw raised('IndexError', 'pop index out of range');
  return item;
}

function remove(items: Value[], item: Value, what: string): null {
  const at = items.findIndex((each) => isEqual(each, item));
  if (at === -1) throw raised('ValueError', `${what}.remove(x): x not in ${what}`);
  items.splice(at, 1);
  return null;
}

/** What is iterated over as a whole; a generator has to run for it first. */
export function takeAll(of: Value, finish: (items: readonly Value[]) => Value): Value | Runs {
  if (!(of instanceof Generator)) return finish(of instanceof Iteration ? restOf(of) : itemsOf(of));
  return new Runs(of, [], 'collect', new Native('collect', ({ args }) => finish(itemsOf(args[0]))));
}

/** @returns all that an iterator has left; it has nothing then */
function restOf(iteration: Iteration): Value[] {
  const rest: Value[] = [];
  for (let item = nextOf(iteration); item !== undefined; item = nextOf(iteration)) rest.push(item);
  return rest;
}

/** @returns an iterator's next value; undefined where there is none */
export function nextOf(iteration: Iteration): Value | undefined {
  const { of, what, at, size } = iteration;
  if (iteration.at === -1) return undefined;
  if (of instanceof Dict || of instanceof PySet) {
    if (of.items.size !== size) {
      const kind = of instanceof Dict ? 'dictionary' : 'Set';
      throw raised('RuntimeError', `${kind} changed size during iteration`);
    }
  }
  const item = of instanceof Dict ? [...of.items.values()][at] : itemAt(of, at);
  iteration.at = item === undefined ? -1 : at + 1;
  if (item === undefined) return undefined;
  if (what === 'numbered') return new Tuple([at, item as Value]);
  if (!Array.isArray(item)) return item;
  return what === 'items' ? new Tuple(item) : item[what === 'values' ? 1 : 0];
}

function itemAt(of: Exclude<Iteration['of'], Dict>, at: number): Value | undefined {
  if (of instanceof PySet) return [...of.items.values()][at];
  if (typeof of === 'string') return [...of][at];
  if (of instanceof List || of instanceof Tuple || of instanceof Deque) return of.items[at];
  const value = of.start + at * of.step;
  return of.step > 0 === value < of.stop && value !== of.stop ? value : undefined;
}

const listMethods = methods<List>('list', {
  append: ({ items }, [item]) => {
    items.push(item);
    return null;
  },
  pop: ({ items }, [at]) => popAt(items, integer(at, -1), 'list'),
  insert: ({ items }, [at, item]) => {
    items.splice(integer(at, 0), 0, item);
    return null;
  },
  extend: ({ items }, [more]) =>
    takeAll(more, (others) => {
      items.push(...others);
      return null;
    }),
  remove: ({ items }, [item]) => remove(items, item, 'list'),
  clear: ({ items }) => {
    items.length = 0;
    return null;
  },
  copy: ({ items }) => new List([...items]),
  count: ({ items }, [item]) => items.filter((each) => isEqual(each, item)).length,
  index: ({ items }, [item]) => {
    const at = items.findIndex((each) => isEqual(each, item));
    if (at === -1) throw raised('ValueError', `${repr(item)} is not in list`);
    return at;
  },
  reverse: ({ items }) => {
    items.reverse();
    return null;
  },
  sort: ({ items }, args, { keywords }) => {
    if (args.length > 0 || keywords.size > 0) throw new Unsupported('list.sort with arguments');
    items.sort((a, b) => (compare('<', a, b) ? -1 : Number(compare('>', a, b))));
    return null;
  },
});

const push = ({ items, most }: Deque, item: Value, left: boolean): null => {
  if (left) items.unshift(item);
  else items.push(item);
  if (most !== null && items.length > most) items.splice(left ? most : 0, 1);
  return null;
};

const dequeMethods = methods<Deque>('deque', {
  append: (self, [item]) => push(self, item, false),
  appendleft: (self, [item]) => push(self, item, true),
  pop: ({ items }) => {
    if (items.length === 0) throw raised('IndexError', 'pop from an empty deque');
    return items.pop() as Value;
  },
  popleft: ({ items }) => {
    if (items.length === 0) throw raised('IndexError', 'pop from an empty deque');
    return items.shift() as Value;
  },
  extend: (self, [more]) => {
    for (const item of itemsOf(more)) push(self, item, false);
    return null;
  },
  remove: ({ items }, [item]) => remove(items, item, 'deque'),
  clear: ({ items }) => {
    items.length = 0;
    return null;
  },
});

const set = ({ items }: Dict, key: Value, value: Value): void => {
  const hash = hashOf(key);
  items.set(hash, [items.get(hash)?.[0] ?? key, value]);
};

const dictMethods = methods<Dict>('dict', {
  get: ({ items }, [key, otherwise = null]) => {
    const known = items.get(hashOf(key));
    return known === undefined ? otherwise : known[1];
  },
  setdefault: (self, [key, otherwise = null]) => {
    const known = self.items.get(hashOf(key));
    if (known !== undefined) return known[1];
    set(self, key, otherwise);
    return otherwise;
  },
  pop: ({ items }, [key, otherwise]) => {
    const hash = hashOf(key);
    const known = items.get(hash);
    items.delete(hash);
    if (known !== undefined) return known[1];
    if (otherwise === undefined) throw raised('KeyError', key);
    return otherwise;
  },
  popitem: ({ items }) => {
    const last = [...items].at(-1);
    if (last === undefined) throw raised('KeyError', 'popitem(): dictionary is empty');
    items.delete(last[0]);
    return new Tuple(last[1]);
  },
  update: (self, [other], { keywords }) => {
    if (other instanceof Dict) for (const [key, value] of other.items.values()) set(self, key, value);
    else if (other !== undefined) throw new Unsupported('dict.update with anything but a dict');
    for (const [key, value] of keywords) set(self, key, value);
    return null;
  },
  keys: (self) => new Iteration(self, 'keys'),
  values: (self) => new Iteration(self, 'values'),
  items: (self) => new Iteration(self, 'items'),
  clear: ({ items }) => {
    items.clear();
    return null;
  },
  copy: ({ items, factory }) => new Dict(new Map([...items].map(([hash, [k, v]]) => [hash, [k, v]])), factory),
});

const setMethods = methods<PySet>('set', {
  add: ({ items }, [item]) => {
    const hash = hashOf(item);
    if (!items.has(hash)) items.set(hash, item);
    return null;
  },
  discard: ({ items }, [item]) => {
    items.delete(hashOf(item));
    return null;
  },
  remove: ({ items }, [item]) => {
    if (!items.delete(hashOf(item))) throw raised('KeyError', item);
    return null;
  },
  pop: ({ items }) => {
    const [first] = items;
    if (first === undefined) throw raised('KeyError', 'pop from an empty set');
    items.delete(first[0]);
    return first[1];
  },
  update: ({ items }, [more]) => {
    for (const item of itemsOf(more)) items.set(hashOf(item), item);
    return null;
  },
  clear: ({ items }) => {
    items.clear();
    return null;
  },
  copy: ({ items }) => new PySet(new Map(items)),
});

const tupleMethods = methods<Tuple>('tuple', {
  count: ({ items }, [item]) => items.filter((each) => isEqual(each, item)).length,
});

const stringMethods = methods<string>('str', {
  upper: (self) => self.toUpperCase(),
  lower: (self) => self.toLowerCase(),
  strip: (self) => self.trim(),
  startswith: (self, [prefix]) => self.startsWith(str(prefix)),
  endswith: (self, [suffix]) => self.endsWith(str(suffix)),
  join: (self, [parts]) => takeAll(parts, (items) => items.map(str).join(self)),
  replace: (self, [from, to]) => self.replaceAll(str(from), str(to)),
  split: (self, [separator]) =>
    new List(separator === undefined ? self.split(/\s+/).filter((part) => part !== '') : self.split(str(separator))),
  format: (self, args) => self.replaceAll(/\{(\d*)\}/g, hole(args)),
});

/** @returns what replaces each {} in turn, or each {n} */
function hole(args: readonly Value[]): (match: string, index: string) => string {
  let next = 0;
  return (_, index) => str(getItem(new Tuple(args), index === '' ? next++ : Number(index)));
}

const propertyMethods = methods<Property>('property', {
  setter: ({ get }, [setter]) => new Property(get, setter),
  getter: ({ set }, [getter]) => new Property(getter, set),
});

const classMethods = methods<PyClass>('type', {});
const exceptionMethods = methods<Instance>('BaseException', { with_traceback: (self) => self });

function methodsOf(self: Value): Methods | undefined {
  if (self instanceof List) return listMethods;
  if (self instanceof Dict) return dictMethods;
  if (self instanceof PySet) return setMethods;
  if (self instanceof Deque) return dequeMethods;
  if (self instanceof Tuple) return tupleMethods;
  if (typeof self === 'string') return stringMethods;
  if (self instanceof Property) return propertyMethods;
  if (self instanceof PyClass) return classMethods;
  if (self instanceof Instance) return exceptionMethods;
  return self instanceof Sync ? syncMethods(self) : undefined;
}

/** @returns a method of one of Python's own types, bound; undefined where there is none of that name that is known */
export function methodOf(self: Value, name: string): BoundNative | undefined {
  const method = methodsOf(self)?.get(name);
  return method === undefined ? undefined : new BoundNative(method, self);
}
