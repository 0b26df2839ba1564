/** What programs find without having defined it, and the modules that they can import. */
import { getAttribute, setAttribute } from './attributes.js';
import { nextOf, takeAll } from './methods.js';
import {
  EXCEPTIONS,
  hashOf,
  isTrue,
  lengthOf,
  numberOf,
  objectClass,
  raised,
  repr,
  str,
  TYPES,
  typeName,
  typeOf,
} from './objects.js';
import { binary, compare, exact, itemsOf } from './operators.js';
import {
  type Call,
  Count,
  Deque,
  Dict,
  Float,
  Generator,
  Iteration,
  List,
  Module,
  Native,
  type NativeCall,
  Property,
  PyClass,
  PySet,
  Raised,
  Range,
  Runs,
  Sync,
  type SyncKind,
  Tuple,
  Unsupported,
  type Value,
  Waits,
  Wrapped,
} from './values.js';

type Function = (args: readonly Value[], call: Call) => ReturnType<NativeCall>;

const integer = (value: Value | undefined): number => {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value === 'number') return value;
  throw raised('TypeError', `'${typeName(value ?? null)}' object cannot be interpreted as an integer`);
};

const setOf = (items: readonly Value[]): PySet => new PySet(new Map(items.map((item) => [hashOf(item), item])));

/** @returns an iterator over a value */
export function iterate(value: Value): Value {
  if (value instanceof Iteration || value instanceof Generator || value instanceof Count) return value;
  if (
    value instanceof List ||
    value instanceof Tuple ||
    value instanceof Deque ||
    value instanceof Dict ||
    value instanceof PySet ||
    value instanceof Range ||
    typeof value === 'string'
  ) {
    return new Iteration(value);
  }
  if (value instanceof Object && 'type' in value) throw new Unsupported(`iteration over a ${typeName(value)}`);
  throw raised('TypeError', `'${typeName(value)}' object is not iterable`);
}

function next([iterator, otherwise]: readonly Value[]): Value | Runs {
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
  const number = numberOf(value);
  if (number !== undefined) return exact(Math.trunc(number));
  if (typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value)) return exact(Number(value));
  throw raised('ValueError', `invalid literal for int() with base 10: ${repr(value)}`);
}

const extreme =
  (operator: '<' | '>'): Function =>
  (args, { keywords }) => {
    if (keywords.size > 0) throw new Unsupported('min or max with key or default');
    const best = (items: readonly Value[]): Value => {
      if (items.length === 0) throw raised('ValueError', 'arg is an empty sequence');
      return items.reduce((least, item) => (compare(operator, item, least) ? item : least));
    };
    return args.length === 1 ? takeAll(args[0], best) : best(args);
  };

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

const FUNCTIONS: Readonly<Record<string, Function>> = {
  len: ([value]) => {
    const length = lengthOf(value);
    if (length !== undefined) return length;
    throw raised('TypeError', `object of type '${typeName(value)}' has no len()`);
  },
  abs: ([value]) => {
    const number = numberOf(value);
    if (number === undefined) throw raised('TypeError', `bad operand type for abs(): '${typeName(value)}'`);
    return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number);
  },
  ord: ([value]) => str(value).codePointAt(0) ?? 0,
  chr: ([value]) => String.fromCodePoint(integer(value)),
  repr: ([value]) => repr(value),
  isinstance: isInstance,
  sum: ([items, start = 0]) => takeAll(items, (all) => all.reduce((total, item) => binary('+', total, item), start)),
  min: extreme('<'),
  max: extreme('>'),
  any: ([items]) => takeAll(items, (all) => all.some(isTrue)),
  all: ([items]) => takeAll(items, (all) => all.every(isTrue)),
  sorted: ([items], { keywords }) => {
    if (keywords.size > 0) throw new Unsupported('sorted with key or reverse');
    const order = (a: Value, b: Value): number => (compare('<', a, b) ? -1 : Number(compare('>', a, b)));
    return takeAll(items, (all) => new List([...all].sort(order)));
  },
  iter: ([value]) => iterate(value),
  next: (args) => next(args),
  print: (args, { machine }) => {
    machine.print(args.map(str).join(' '));
    return null;
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

/** What a type makes, called; the types have their names from objects.ts. */
const CONSTRUCTORS: Readonly<Record<string, Function>> = {
  int: toInteger,
  bool: ([value = false]) => isTrue(value),
  str: ([value = '']) => str(value),
  float: ([value = 0]) => {
    const number = typeof value === 'string' ? Number(value) : numberOf(value);
    if (number === undefined || Number.isNaN(number)) throw raised('ValueError', 'could not convert to float');
    return new Float(number);
  },
  list: ([items]) => (items === undefined ? new List([]) : takeAll(items, (all) => new List([...all]))),
  tuple: ([items]) => (items === undefined ? new Tuple([]) : takeAll(items, (all) => new Tuple([...all]))),
  set: ([items]) => (items === undefined ? setOf([]) : takeAll(items, setOf)),
  frozenset: ([items]) => (items === undefined ? setOf([]) : takeAll(items, setOf)),
  dict: ([items], { keywords }) => {
    const dict = new Dict(new Map(items instanceof Dict ? items.items : []));
    if (items !== undefined && !(items instanceof Dict)) throw new Unsupported('dict() of anything but a dict');
    for (const [key, value] of keywords) dict.items.set(hashOf(key), [key, value]);
    return dict;
  },
  range: (args) => {
    const [start, stop] = args.length === 1 ? [0, integer(args[0])] : [integer(args[0]), integer(args[1])];
    return new Range(start, stop, args.length > 2 ? integer(args[2]) : 1);
  },
  enumerate: ([items, start]) => {
    const iterator = iterate(items);
    if (start !== undefined || !(iterator instanceof Iteration)) throw new Unsupported('enumerate of this');
    return new Iteration(iterator.of, 'numbered');
  },
  type: ([value, ...more]) => {
    if (more.length > 0) throw new Unsupported('type() with three arguments');
    return typeOf(value);
  },
  deque: ([items], { keywords }) => {
    const most = keywords.get('maxlen') ?? null;
    return new Deque(items === undefined ? [] : [...itemsOf(items)], most === null ? null : integer(most));
  },
  defaultdict: ([factory = null]) => new Dict(new Map(), factory),
  count: ([start = 0, step = 1]) => new Count(integer(start), integer(step)),
};

/** @returns what makes a value of one of Python's own types */
export const constructorOf = (type: PyClass): Native | undefined => constructors.get(type.name);
const constructors = new Map(
  Object.entries(CONSTRUCTORS).map(([name, make]) => [name, new Native(name, (call) => make(call.args, call))]),
);

/** Those that decorate, and make objects that getAttribute knows. */
const DECORATORS: Readonly<Record<string, Function>> = {
  property: ([get = null, set = null]) => new Property(get, set),
  staticmethod: ([func]) => new Wrapped('staticmethod', func),
  classmethod: ([func]) => new Wrapped('classmethod', func),
};

const natives = (table: Readonly<Record<string, Function>>, python = false): [string, Native][] =>
  Object.entries(table).map(([name, call]) => [name, new Native(name, (all) => call(all.args, all), python)]);

const type = (name: string): [string, Value] => [name, TYPES.get(name) as PyClass];

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

const sync =
  (kind: SyncKind, fill?: (made: Sync, args: readonly Value[], call: Call) => void): Function =>
  (args, call) => {
    const made = new Sync(kind);
    fill?.(made, args, call);
    return made;
  };

const permits =
  (bounded: boolean) =>
  (made: Sync, [value]: readonly Value[], { keywords }: Call): void => {
    made.count = integer(value ?? keywords.get('value') ?? 1);
    if (made.count < 0) throw raised('ValueError', 'semaphore initial value must be >= 0');
    if (bounded) made.bound = made.count;
  };

const threading = new Module(
  'threading',
  new Map<string, Value>([
    ...natives({ Lock: sync('Lock'), RLock: sync('RLock') }),
    ...natives(
      {
        Condition: sync('Condition', (made, [lock], { keywords }) => {
          const given = lock ?? keywords.get('lock') ?? null;
          made.lock = given instanceof Sync ? given : new Sync('RLock');
        }),
        Event: sync('Event'),
        Semaphore: sync('Semaphore', permits(false)),
        BoundedSemaphore: sync('BoundedSemaphore', permits(true)),
        Barrier: sync('Barrier', (made, [parties], { keywords }) => {
          made.bound = integer(parties ?? keywords.get('parties'));
        }),
        Thread: sync('Thread', (made, args, { keywords }) => {
          if (args.length > 0) throw new Unsupported('Thread with arguments that are not named');
          made.target = keywords.get('target') ?? null;
          made.args = itemsOf(keywords.get('args') ?? new Tuple([]));
          made.name = str(keywords.get('name') ?? '');
        }),
        current_thread: (_, { machine }) => machine.currentThread(),
      },
      true,
    ),
    ['BrokenBarrierError', EXCEPTIONS.get('BrokenBarrierError') as PyClass],
  ]),
);

const time = new Module(
  'time',
  new Map<string, Value>(natives({ sleep: () => new Waits('sleep', new Sync('Event'), true) })),
);

/** The modules that can be imported; each has what is known of it. */
export const MODULES: ReadonlyMap<string, Module> = new Map(
  [
    threading,
    time,
    new Module('collections', new Map([type('deque'), type('defaultdict')])),
    new Module('itertools', new Map([type('count')])),
  ].map((each) => [each.name, each]),
);
