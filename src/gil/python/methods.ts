/** The methods of Python's own types. */
import { withArticle } from '../../core/article.js';
import { formatted, templated } from './formatting.js';
import { forEach, itemsOf, takeAll } from './iterating.js';
import { hashOf, isEqual, isException, isTrue, raised, repr, str, typeName } from './objects.js';
import { compare } from './operators.js';
import { syncMethods } from './sync-methods.js';
import { Instance, Property, PyClass } from './values/classes.js';
import { Deque, Dict, List, PySet, Tuple } from './values/containers.js';
import { Generator } from './values/frames.js';
import { View } from './values/iterators.js';
import { BoundNative, type Call, Native, type NativeCall, Runs } from './values/natives.js';
import { Sync } from './values/sync.js';
import { Unsupported } from './values/unsupported.js';
import type { Value } from './values/value.js';

type Method<T> = (self: T, args: readonly Value[], call: Call) => ReturnType<NativeCall>;
type Methods = ReadonlyMap<string, Native>;

/** @param type the methods' type, by its name in programs */
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

/** Sorts, by `key` and `reverse` if given; equal items keep their order, even in reverse. */
export function inOrder(
  items: readonly Value[],
  keywords: ReadonlyMap<string, Value>,
  finish: (ordered: readonly Value[], kept: readonly Value[]) => Value,
  kept: readonly Value[] = [],
): Value | Runs {
  const sign = isTrue(keywords.get('reverse') ?? false) ? -1 : 1;
  const sort = (keys: readonly Value[], [tuple, ...rest]: readonly Value[]): Value => {
    const all = itemsOf(tuple);
    const order = (a: number, b: number): number =>
      compare('<', keys[a], keys[b]) ? -sign : sign * Number(compare('>', keys[a], keys[b]));
    return finish(
      [...all.keys()].sort(order).map((at) => all[at]),
      rest,
    );
  };
  const key = keywords.get('key') ?? null;
  const all = [new Tuple([...items]), ...kept];
  return key === null ? sort(items, all) : forEach(key, items, sort, all);
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
  extend: (self, [more]) =>
    takeAll(
      more,
      (others, [list]) => {
        (list as List).extend(others);
        return null;
      },
      [self],
    ),
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
  // While it sorts, the list is empty.
  sort: (self, _, { keywords }) =>
    inOrder(
      self.items.splice(0),
      keywords,
      (ordered, [list]) => {
        const modified = (list as List).items.length > 0;
        (list as List).replace(ordered);
        if (modified) throw raised('ValueError', 'list modified during sort');
        return null;
      },
      [self],
    ),
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
  extend: (self, [more]) =>
    takeAll(
      more,
      (items, [deque]) => {
        for (const item of items) push(deque as Deque, item, false);
        return null;
      },
      [self],
    ),
  rotate: ({ items }, [by]) => {
    const length = Math.max(1, items.length);
    const at = (((-integer(by, 1) % length) + length) % length) as number;
    for (const item of items.splice(0, at)) items.push(item);
    return null;
  },
  count: ({ items }, [item]) => items.filter((each) => isEqual(each, item)).length,
  copy: ({ items, most }) => new Deque([...items], most),
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

/** @returns the keys and values of a dict, of pairs, or of nothing */
export function pairsOf(value: Value | undefined): (readonly [Value, Value])[] {
  if (value === undefined) return [];
  if (value instanceof Dict) return [...value.items.values()];
  return itemsOf(value).map((pair) => {
    const [key, each, ...more] = itemsOf(pair);
    if (each === undefined || more.length > 0) {
      throw raised('ValueError', 'dictionary update sequence elements must have length 2');
    }
    return [key, each] as const;
  });
}

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
    for (const [key, value] of pairsOf(other)) set(self, key, value);
    for (const [key, value] of keywords) set(self, key, value);
    return null;
  },
  keys: (self) => new View(self, 'keys'),
  values: (self) => new View(self, 'values'),
  items: (self) => new View(self, 'items'),
  clear: ({ items }) => {
    items.clear();
    return null;
  },
  copy: ({ items, factory }) => new Dict(new Map([...items].map(([hash, [k, v]]) => [hash, [k, v]])), factory),
});

export const setOf = (items: readonly Value[]): PySet => new PySet(new Map(items.map((item) => [hashOf(item), item])));

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
  union: ({ items }, others) => setOf([...items.values(), ...others.flatMap(itemsOf)]),
  intersection: ({ items }, [other]) => {
    const hashes = new Set(itemsOf(other).map(hashOf));
    return new PySet(new Map([...items].filter(([hash]) => hashes.has(hash))));
  },
  difference: ({ items }, [other]) => {
    const hashes = new Set(itemsOf(other).map(hashOf));
    return new PySet(new Map([...items].filter(([hash]) => !hashes.has(hash))));
  },
  issubset: ({ items }, [other]) => {
    const hashes = new Set(itemsOf(other).map(hashOf));
    return [...items.keys()].every((hash) => hashes.has(hash));
  },
});

const tupleMethods = methods<Tuple>('tuple', {
  count: ({ items }, [item]) => items.filter((each) => isEqual(each, item)).length,
  index: ({ items }, [item]) => {
    const at = items.findIndex((each) => isEqual(each, item));
    if (at === -1) throw raised('ValueError', 'tuple.index(x): x not in tuple');
    return at;
  },
});

const stringMethods = methods<string>('str', {
  upper: (self) => self.toUpperCase(),
  lower: (self) => self.toLowerCase(),
  strip: (self, more) => trimmed(self.trim(), more),
  lstrip: (self, more) => trimmed(self.trimStart(), more),
  rstrip: (self, more) => trimmed(self.trimEnd(), more),
  isdigit: (self) => /^\d+$/.test(self),
  isalpha: (self) => /^\p{L}+$/u.test(self),
  title: (self) => self.toLowerCase().replace(/\p{L}+/gu, (word) => word[0].toUpperCase() + word.slice(1)),
  capitalize: (self) => self.slice(0, 1).toUpperCase() + self.slice(1).toLowerCase(),
  count: (self, [part]) => self.split(str(part)).length - 1,
  find: (self, [part]) => self.indexOf(str(part)),
  zfill: (self, [width]) => formatted(self, `0>${integer(width, 0)}`),
  ljust: (self, [width]) => formatted(self, `<${integer(width, 0)}`),
  rjust: (self, [width]) => formatted(self, `>${integer(width, 0)}`),
  startswith: (self, [prefix]) => self.startsWith(str(prefix)),
  endswith: (self, [suffix]) => self.endsWith(str(suffix)),
  join: (self, [parts]) => takeAll(parts, (items) => items.map(str).join(self)),
  replace: (self, [from, to]) => self.replaceAll(str(from), str(to)),
  split: (self, [separator]) =>
    new List(separator === undefined ? self.split(/\s+/).filter((part) => part !== '') : self.split(str(separator))),
  format: (self, args, { keywords }) => templated(self, args, keywords),
});

function trimmed(text: string, more: readonly Value[]): string {
  if (more.length > 0) throw new Unsupported('str.strip with an argument');
  return text;
}

const propertyMethods = methods<Property>('property', {
  setter: ({ get }, [setter]) => new Property(get, setter),
  getter: ({ set }, [getter]) => new Property(getter, set),
});

const generatorMethods = methods<Generator>('generator', {
  send: (self, [value]) => {
    if (!self.started && value !== null) {
      throw raised('TypeError', "can't send non-None value to a just-started generator");
    }
    return new Runs(self, [value], 'next');
  },
  close: (self) => new Runs(self, [], 'close'),
});

/** Other methods of Python's own types: using them is not the program's mistake. */
const NOT_KNOWN: Readonly<Record<string, string>> = {
  str: 'casefold center encode expandtabs format_map index isalnum isascii isdecimal isidentifier islower isnumeric isprintable isspace istitle isupper maketrans partition removeprefix removesuffix rfind rindex rpartition rsplit splitlines swapcase translate',
  dict: 'fromkeys',
  set: 'difference_update intersection_update isdisjoint issuperset symmetric_difference symmetric_difference_update',
  deque: 'extendleft index insert reverse maxlen',
  int: 'as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer numerator real to_bytes',
  bool: 'as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag is_integer numerator real to_bytes',
  float: 'as_integer_ratio conjugate fromhex hex imag is_integer real',
  generator: 'throw gi_code gi_frame gi_running gi_yieldfrom',
  range: 'count index start step stop',
  dict_keys: 'isdisjoint mapping',
  dict_items: 'isdisjoint mapping',
  BaseException: 'add_note',
  type: 'mro',
  property: 'deleter fget fset fdel',
};

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
  if (self instanceof Generator) return generatorMethods;
  if (self instanceof Instance) return isException(self) ? exceptionMethods : undefined;
  return self instanceof Sync ? syncMethods(self) : undefined;
}

/** @returns a method of one of Python's own types, bound; undefined if no method of that name is supported */
export function methodOf(self: Value, name: string): BoundNative | undefined {
  const method = methodsOf(self)?.get(name);
  const type = isException(self) ? 'BaseException' : typeName(self);
  const known = Object.hasOwn(NOT_KNOWN, type) ? NOT_KNOWN[type] : '';
  if (method === undefined && known.split(' ').includes(name)) {
    throw new Unsupported(`the attribute ${name} of ${withArticle(typeName(self))}`);
  }
  return method === undefined ? undefined : new BoundNative(method, self);
}
