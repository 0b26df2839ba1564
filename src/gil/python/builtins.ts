/** The names that programs can use without defining them. */
import { withArticle } from '../../core/article.js';
import { getAttribute, setAttribute } from './attributes.js';
import { formatted } from './formatting.js';
import { forEach, itemsOf, iterate, nextOf, plainIterator, takeAll, textsOf } from './iterating.js';
import { inOrder, pairsOf, setOf } from './methods.js';
import {
  dictOf,
  EXCEPTIONS,
  isTrue,
  lengthOf,
  numberOf,
  objectClass,
  ownMethod,
  raised,
  repr,
  str,
  TYPES,
  truthMethod,
  typeName,
  typeOf,
} from './objects.js';
import { binary, compare, exact } from './operators.js';
import { defineThreadClass } from './thread-class.js';
import { Instance, Property, PyClass, Raised, Super, Wrapped } from './values/classes.js';
import { Deque, Dict, Float, List, Range, Tuple } from './values/containers.js';
import { Bound, Func, Generator } from './values/frames.js';
import { Count, Iteration, Mapped } from './values/iterators.js';
import { BoundNative, type Call, Native, type NativeCall, Runs } from './values/natives.js';
import { Sync } from './values/sync.js';
import { refuseUnpredictable, Unpredictable } from './values/unpredictable.js';
import { Unsupported } from './values/unsupported.js';
import type { Value } from './values/value.js';

export type Builtin = (args: readonly Value[], call: Call) => ReturnType<NativeCall>;

export const integer = (value: Value | undefined): number => {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return value;
  refuseUnpredictable(value ?? null);
  throw raised('TypeError', `'${typeName(value ?? null)}' object cannot be interpreted as an integer`);
};

function next([iterator, otherwise]: readonly Value[]): Value | Runs {
  const method = ownMethod(iterator, '__next__');
  if (method !== undefined && otherwise !== undefined) throw new Unsupported('next, with a default, of an object');
  if (method !== undefined) return new Runs(method, [], 'call');
  if (iterator instanceof Mapped && !iterator.keeps && iterator.of instanceof Iteration) {
    const value = nextOf(iterator.of);
    if (value !== undefined) return new Runs(iterator.func, [value], 'call');
    if (otherwise === undefined) throw raised('StopIteration');
    return otherwise;
  }
  if (iterator instanceof Mapped) throw new Unsupported('next of this map or filter');
  if (iterator instanceof Generator) return new Runs(iterator, [], 'next', otherwise);
  if (iterator instanceof Count) {
    const value = iterator.next;
    iterator.next = exact(value + iterator.step);
    return value;
  }
  if (!(iterator instanceof Iteration)) throw raised('TypeError', `'${typeName(iterator)}' object is not an iterator`);
  const value = nextOf(iterator);
  if (value !== undefined) return value;
  if (otherwise === undefined) throw raised('StopIteration');
  return otherwise;
}

function toInteger([value = 0]: readonly Value[]): Value {
  if (value instanceof Unpredictable) return value;
  const number = numberOf(value);
  if (number !== undefined) return exact(Math.trunc(number));
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return exact(Number(value));
  throw raised('ValueError', `invalid literal for int() with base 10: ${repr(value)}`);
}

const extreme =
  (operator: '<' | '>'): Builtin =>
  (args, { keywords }) => {
    const best = (keys: readonly Value[], [items, ...otherwise]: readonly Value[]): Value => {
      if (keys.length === 0 && otherwise.length > 0) return otherwise[0];
      if (keys.length === 0) throw raised('ValueError', EMPTY);
      const least = [...keys.keys()].reduce((best, at) => (compare(operator, keys[at], keys[best]) ? at : best));
      return itemsOf(items)[least];
    };
    const choose = (items: readonly Value[], [key, ...otherwise]: readonly Value[]): Value | Runs => {
      const all = [new Tuple([...items]), ...otherwise];
      return key === null ? best(items, all) : forEach(key, items, best, all);
    };
    const otherwise = keywords.get('default');
    const kept = [keywords.get('key') ?? null, ...(otherwise === undefined ? [] : [otherwise])];
    return args.length === 1 ? takeAll(args[0], choose, kept) : choose(args, kept);
  };
const EMPTY = 'iterable argument is empty';

/** Rounds halves to even. */
function round([value, digits = null]: readonly Value[]): Value {
  if (value instanceof Unpredictable) return value;
  const number = numberOf(value);
  if (number === undefined) throw raised('TypeError', `type ${typeName(value)} doesn't define __round__ method`);
  if (digits !== null) throw new Unsupported('round to digits');
  const floor = Math.floor(number);
  const up = number - floor > 0.5 || (number - floor === 0.5 && floor % 2 !== 0);
  return exact(up ? floor + 1 : floor);
}

/** The result of a method of the program's class, if it has one; otherwise that of `otherwise`. */
const asked =
  (name: string, otherwise: Builtin): Builtin =>
  (args, call) => {
    const method = args.length === 0 ? undefined : ownMethod(args[0], name);
    return method === undefined ? otherwise(args, call) : new Runs(method, [], 'call');
  };

const text: Builtin = asked(
  '__str__',
  asked('__repr__', ([value = '']) => str(value)),
);

function isInstance([value, type]: readonly Value[]): boolean {
  const types = type instanceof Tuple ? type.items : [type];
  return types.some((each) => {
    if (!(each instanceof PyClass)) throw raised('TypeError', 'isinstance() arg 2 must be a type or a tuple of types');
    const own = typeOf(value);
    return (
      own.isA(each) ||
      (own.name === 'bool' && each.name === 'int') ||
      (own.name === 'defaultdict' && each.name === 'dict')
    );
  });
}

const FUNCTIONS: Readonly<Record<string, Builtin>> = {
  len: asked('__len__', ([value]) => {
    const length = lengthOf(value);
    if (length !== undefined) return length;
    throw raised('TypeError', `object of type '${typeName(value)}' has no len()`);
  }),
  abs: asked('__abs__', ([value]) => {
    const number = numberOf(value);
    if (number === undefined) throw raised('TypeError', `bad operand type for abs(): '${typeName(value)}'`);
    return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number);
  }),
  divmod: ([a, b]) => new Tuple([binary('//', a, b), binary('%', a, b)]),
  pow: ([base, exponent, ...more]) => {
    if (more.length > 0) throw new Unsupported('pow with three arguments');
    return binary('**', base, exponent);
  },
  round,
  callable: ([value]) =>
    value instanceof Func ||
    value instanceof Bound ||
    value instanceof Native ||
    value instanceof BoundNative ||
    value instanceof PyClass ||
    ownMethod(value, '__call__') !== undefined,
  super: ([type, self], { machine }) => (type instanceof PyClass ? new Super(type, self) : machine.superOf()),
  zip: (args, { keywords }) => {
    if (keywords.size > 0) throw new Unsupported('zip with strict');
    return new Iteration(new Tuple(args.map((each) => plainIterator(each, 'zip'))), 'zipped');
  },
  map: ([func, items, ...more]) => {
    if (more.length > 0) throw new Unsupported('map of several sequences');
    return new Mapped(func, iterate(items), false);
  },
  filter: ([func, items]) => {
    return new Mapped(func ?? (TYPES.get('bool') as PyClass), iterate(items), true);
  },
  reversed: ([items]) => {
    if (items instanceof Range) return new Iteration(new List([...itemsOf(items)].reverse()));
    if (items instanceof List || items instanceof Tuple || items instanceof Deque)
      return new Iteration(items, 'reversed');
    throw new Unsupported(`reversed of ${withArticle(typeName(items))}`);
  },
  ord: ([value]) => str(value).codePointAt(0) ?? 0,
  chr: ([value]) => String.fromCodePoint(integer(value)),
  repr: asked('__repr__', ([value]) => repr(value)),
  format: ([value, spec = '']) => formatted(value, str(spec)),
  isinstance: isInstance,
  sum: ([items, start = 0]) =>
    takeAll(items, (all, [first]) => all.reduce((total, item) => binary('+', total, item), first), [start]),
  min: extreme('<'),
  max: extreme('>'),
  any: ([items]) => takeAll(items, (all) => all.some(isTrue)),
  all: ([items]) => takeAll(items, (all) => all.every(isTrue)),
  sorted: ([items], { keywords }) =>
    takeAll(items, (all) => inOrder([...all], keywords, (ordered) => new List([...ordered]))),
  iter: asked('__iter__', ([value]) => iterate(value)),
  next: (args) => next(args),
  print: (args, { machine, keywords }) => {
    if (keywords.has('file')) throw new Unsupported('print to a file');
    const end = str(keywords.get('end') ?? '\n');
    const separator = str(keywords.get('sep') ?? ' ');
    const print = (texts: readonly string[]): null => {
      machine.print(texts.join(separator) + (end === '\n' ? '' : end));
      return null;
    };
    return textsOf(args, print, []);
  },
  getattr: ([self, name, otherwise]) => {
    try {
      const value = getAttribute(self, str(name));
      if (value instanceof Property) throw new Unsupported('getattr of a property');
      return value;
    } catch (error) {
      if (otherwise !== undefined && error instanceof Raised && error.value.type.name === 'AttributeError')
        return otherwise;
      throw error;
    }
  },
  hasattr: ([self, name]) => {
    try {
      getAttribute(self, str(name));
      return true;
    } catch (error) {
      if (error instanceof Raised && error.value.type.name === 'AttributeError') return false;
      throw error;
    }
  },
  setattr: ([self, name, value]) => {
    if (setAttribute(self, str(name), value) !== undefined) throw new Unsupported('setattr of a property');
    return null;
  },
};

/** What calling a type makes; the types have their names from objects.ts. */
const CONSTRUCTORS: Readonly<Record<string, Builtin>> = {
  int: toInteger,
  bool: ([value = false]) => {
    const method = truthMethod(value);
    return method === undefined ? isTrue(value) : new Runs(method, [], 'truth', false);
  },
  str: text,
  float: ([value = 0]) => {
    const number = typeof value === 'string' ? Number(value) : numberOf(value);
    if (number === undefined || Number.isNaN(number)) throw raised('ValueError', 'could not convert to float');
    return new Float(number);
  },
  list: ([items]) => (items === undefined ? new List([]) : takeAll(items, (all) => new List([...all]))),
  tuple: ([items]) => (items === undefined ? new Tuple([]) : takeAll(items, (all) => new Tuple([...all]))),
  set: ([items]) => (items === undefined ? setOf([]) : takeAll(items, setOf)),
  frozenset: ([items]) => (items === undefined ? setOf([]) : takeAll(items, setOf)),
  dict: ([items = new Tuple([])], { keywords }) => {
    const make = (pairs: Value, more: Value): Value => dictOf([...pairsOf(pairs), ...pairsOf(more)]);
    const named = dictOf([...keywords]);
    if (items instanceof Dict) return make(items, named);
    return takeAll(items, (all, [more]) => make(new List([...all]), more), [named]);
  },
  range: (args) => {
    const [start, stop] = args.length === 1 ? [0, integer(args[0])] : [integer(args[0]), integer(args[1])];
    return new Range(start, stop, args.length > 2 ? integer(args[2]) : 1);
  },
  enumerate: ([items, start], { keywords }) =>
    new Iteration(plainIterator(items, 'enumerate'), 'numbered', integer(start ?? keywords.get('start') ?? 0)),
  type: ([value, ...more]) => {
    if (more.length > 0) throw new Unsupported('type() with three arguments');
    return typeOf(value);
  },
  deque: ([items = new Tuple([]), size], { keywords }) => {
    const most = size ?? keywords.get('maxlen') ?? null;
    const limit = most === null ? null : integer(most);
    return takeAll(items, (all) => new Deque(limit === null ? [...all] : limit === 0 ? [] : all.slice(-limit), limit));
  },
  local: () => new Instance(TYPES.get('local') as PyClass, new Map()),
  Thread: (args, call) => {
    const made = new Sync('Thread');
    fillThread(made, args, call);
    return made;
  },
  defaultdict: ([factory = null]) => new Dict(new Map(), factory),
  count: ([start = 0, step = 1]) => new Count(integer(start), integer(step)),
};

/** The arguments of Thread(…). */
function fillThread(made: Sync, args: readonly Value[], { keywords }: Call): void {
  const argument = (at: number, name: string): Value => args[at] ?? keywords.get(name) ?? null;
  made.target = argument(1, 'target');
  made.args = itemsOf(argument(3, 'args') ?? new Tuple([]));
  made.keywords = argument(4, 'kwargs');
  const name = argument(2, 'name');
  if (name !== null) made.name = str(name);
}
defineThreadClass(fillThread);

/** @returns the native that makes a value of one of Python's own types */
export const constructorOf = (type: PyClass): Native | undefined => constructors.get(type.name);
const constructors = new Map(
  Object.entries(CONSTRUCTORS).map(([name, make]) => [name, new Native(name, (call) => make(call.args, call))]),
);

/** Decorators, which make objects that getAttribute knows. */
const DECORATORS: Readonly<Record<string, Builtin>> = {
  property: ([get = null, set = null]) => new Property(get, set),
  staticmethod: ([func]) => new Wrapped('staticmethod', func),
  classmethod: ([func]) => new Wrapped('classmethod', func),
};

export const natives = (table: Readonly<Record<string, Builtin>>, python = false): [string, Native][] =>
  Object.entries(table).map(([name, call]) => [name, new Native(name, (all) => call(all.args, all), python)]);

export const type = (name: string): [string, Value] => [name, TYPES.get(name) as PyClass];

/** The names that every program has. */
export const BUILTINS: ReadonlyMap<string, Value> = new Map<string, Value>([
  ...natives(FUNCTIONS),
  ...natives(DECORATORS),
  ...['int', 'bool', 'str', 'float', 'list', 'tuple', 'set', 'frozenset', 'dict', 'range', 'enumerate', 'type'].map(
    type,
  ),
  ...EXCEPTIONS,
  ['object', objectClass],
]);
