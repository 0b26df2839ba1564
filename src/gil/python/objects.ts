/** What applies to values of all kinds: type, truth, equality, hash, repr, and Python's exceptions. */
import { withArticle } from '../../core/article.js';
import { Instance, Module, PyClass, Raised, Super } from './values/classes.js';
import { Deque, Dict, Float, type Hash, List, PySet, Range, Tuple } from './values/containers.js';
import { Bound, Func, Generator } from './values/frames.js';
import { Count, Mapped, View } from './values/iterators.js';
import { BoundNative, Native } from './values/natives.js';
import { Sync } from './values/sync.js';
import { refuseUnpredictable, Unpredictable } from './values/unpredictable.js';
import { Unsupported } from './values/unsupported.js';
import { Constant, type Value } from './values/value.js';

const builtinClass = (name: string, ...bases: PyClass[]): PyClass => new PyClass(name, bases, new Map(), true);

export const objectClass = builtinClass('object');
const base = builtinClass('BaseException', objectClass);
const exception = builtinClass('Exception', base);
const lookup = builtinClass('LookupError', exception);
const arithmetic = builtinClass('ArithmeticError', exception);
const runtime = builtinClass('RuntimeError', exception);
const warning = builtinClass('Warning', exception);
const os = builtinClass('OSError', exception);
const named = (parent: PyClass, ...names: string[]): PyClass[] => names.map((name) => builtinClass(name, parent));

/** The built-in exceptions. */
export const EXCEPTIONS: ReadonlyMap<string, PyClass> = new Map(
  [
    base,
    exception,
    lookup,
    arithmetic,
    runtime,
    warning,
    os,
    ...named(lookup, 'KeyError', 'IndexError'),
    ...named(arithmetic, 'ZeroDivisionError', 'OverflowError', 'FloatingPointError'),
    ...named(runtime, 'NotImplementedError', 'RecursionError', 'BrokenBarrierError'),
    ...named(exception, 'ValueError', 'TypeError', 'AttributeError', 'AssertionError', 'StopIteration', 'NameError'),
    ...named(exception, 'EOFError', 'ImportError', 'MemoryError', 'BufferError', 'Empty', 'Full'),
    ...named(os, 'TimeoutError', 'ConnectionError', 'FileNotFoundError', 'FileExistsError', 'PermissionError'),
    ...named(os, 'InterruptedError', 'BlockingIOError'),
    ...named(warning, 'UserWarning', 'RuntimeWarning', 'DeprecationWarning'),
    ...named(base, 'KeyboardInterrupt', 'SystemExit', 'GeneratorExit'),
  ].map((each) => [each.name, each]),
);

export const newException = (type: PyClass, args: readonly Value[]): Instance =>
  new Instance(type, new Map([['args', new Tuple(args)]]));

/** @returns what is thrown for one of Python's own exceptions */
export function raised(name: string, ...args: Value[]): Raised {
  const type = EXCEPTIONS.get(name);
  if (type === undefined) throw new Error(`no exception ${name}`);
  return new Raised(newException(type, args));
}

export const isExceptionClass = (type: PyClass): boolean => type.isA(base);
export const isException = (value: unknown): value is Instance =>
  value instanceof Instance && isExceptionClass(value.type);

/** @returns a method that an object's class defines in the program, bound to it */
export function ownMethod(self: Value, name: string): Bound | undefined {
  if (!(self instanceof Instance)) return undefined;
  const method = self.type.find(name);
  return method instanceof Func ? new Bound(method, self) : undefined;
}

/** The types that have a name in programs, and can be passed to isinstance. */
export const TYPES: ReadonlyMap<string, PyClass> = new Map(
  ['int', 'bool', 'str', 'float', 'list', 'dict', 'set', 'frozenset', 'tuple', 'range', 'deque', 'defaultdict', 'type']
    .concat('NoneType', 'function', 'generator', 'module', 'builtin_function_or_method', 'enumerate')
    .concat('Lock', 'RLock', 'Condition', 'Event', 'Semaphore', 'BoundedSemaphore', 'Barrier', 'Thread', 'count')
    .concat(
      'Queue',
      'LifoQueue',
      'SimpleQueue',
      'local',
      'map',
      'zip',
      'super',
      'dict_keys',
      'dict_values',
      'dict_items',
    )
    .map((name) => [name, builtinClass(name, objectClass)]),
);

const KINDS: readonly (readonly [new (...args: never[]) => unknown, string])[] = [
  [Float, 'float'],
  [Tuple, 'tuple'],
  [List, 'list'],
  [Deque, 'deque'],
  [PySet, 'set'],
  [Range, 'range'],
  [Func, 'function'],
  [Bound, 'function'],
  [PyClass, 'type'],
  [Generator, 'generator'],
  [Module, 'module'],
  [Native, 'builtin_function_or_method'],
  [BoundNative, 'builtin_function_or_method'],
  [Count, 'count'],
  [Mapped, 'map'],
  [Super, 'super'],
];

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') return 'str';
  if (value instanceof Instance) return value.type.name;
  if (value instanceof Sync) return value.kind;
  if (value instanceof View) return `dict_${value.what}`;
  if (value instanceof Dict) return value.factory === null ? 'dict' : 'defaultdict';
  return KINDS.find(([kind]) => value instanceof kind)?.[1] ?? 'object';
}

export function typeOf(value: Value): PyClass {
  if (value instanceof Instance) return value.type;
  return TYPES.get(typeName(value)) ?? objectClass;
}

/** @returns the method by which a class of the program defines whether an object is true */
export const truthMethod = (value: Value): Bound | undefined =>
  ownMethod(value, '__bool__') ?? ownMethod(value, '__len__');

export function isTrue(value: Value): boolean {
  refuseUnpredictable(value);
  if (typeof value !== 'object' || value === null) return Boolean(value);
  if (value instanceof Float) return value.value !== 0;
  if (value instanceof Instance && (value.type.find('__bool__') ?? value.type.find('__len__')) !== undefined) {
    throw new Unsupported(`the truth here of ${withArticle(value.type.name)}, whose class has __bool__ or __len__`);
  }
  return lengthOf(value) !== 0;
}

/** @returns how many items it has; undefined if it is not a container */
export function lengthOf(value: Value): number | undefined {
  if (typeof value === 'string') return [...value].length;
  if (value instanceof List || value instanceof Tuple || value instanceof Deque) return value.items.length;
  if (value instanceof Dict || value instanceof PySet) return value.items.size;
  if (value instanceof View) return value.of.items.size;
  if (value instanceof Range) return Math.max(0, Math.ceil((value.stop - value.start) / value.step));
  return undefined;
}

/** The numeric value; bools are numbers, too. */
export function numberOf(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return value instanceof Float ? value.value : undefined;
}

export function isEqual(left: Value, right: Value): boolean {
  refuseUnpredictable(left, right);
  if (left === right) return true;
  const number = numberOf(left);
  if (number !== undefined) return number === numberOf(right);
  const ordered = [List, Tuple, Deque].find((kind) => left instanceof kind && right instanceof kind);
  if (ordered !== undefined) return areEqual((left as List).items, (right as List).items);
  if (left instanceof Dict && right instanceof Dict) {
    const others = right.items;
    return (
      left.items.size === others.size &&
      [...left.items].every(([hash, [, value]]) => {
        const other = others.get(hash);
        return other !== undefined && isEqual(value, other[1]);
      })
    );
  }
  if (left instanceof PySet && right instanceof PySet) {
    return left.items.size === right.items.size && [...left.items.keys()].every((hash) => right.items.has(hash));
  }
  for (const side of [left, right]) {
    if (side instanceof Instance && side.type.find('__eq__') !== undefined) {
      throw new Unsupported(`== with ${withArticle(side.type.name)}, whose class has __eq__`);
    }
  }
  return false;
}

const areEqual = (left: readonly Value[], right: readonly Value[]): boolean =>
  left.length === right.length && left.every((item, at) => isEqual(item, right[at]));

/**
 * What a key is looked up by: text if equality is by value, the object itself if it is equal only to itself.
 *
 * @throws what Python raises for a value that cannot be a key
 */
export function hashOf(value: Value): Hash {
  refuseUnpredictable(value);
  const number = numberOf(value);
  if (number !== undefined) return `n${number}`;
  if (value === null) return 'None';
  if (typeof value === 'string') return `s${value}`;
  if (value instanceof Tuple) {
    const parts = value.items.map(hashOf);
    if (parts.some((part) => typeof part === 'object')) throw new Unsupported('a tuple of objects as a key');
    return `t${JSON.stringify(parts)}`;
  }
  if (value instanceof List || value instanceof Dict || value instanceof PySet || value instanceof Deque) {
    throw raised('TypeError', `unhashable type: '${typeName(value)}'`);
  }
  if (value instanceof Instance && value.type.find('__hash__') !== undefined) {
    throw new Unsupported(`${withArticle(value.type.name)}, whose class has __hash__, as a key`);
  }
  return value as object;
}

/** @returns a dict of keys and values */
export const dictOf = (entries: readonly (readonly [Value, Value])[]): Dict =>
  new Dict(new Map(entries.map(([key, value]) => [hashOf(key), [key, value]])));

const quote = (text: string): string => {
  const mark = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return mark + (mark === "'" ? escaped.replaceAll("'", "\\'") : escaped) + mark;
};

/** @returns how Python shows a value; if it would show an address, only its kind */
export function repr(value: Value, within: readonly Value[] = []): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return quote(value);
  if (value instanceof Float) return Number.isInteger(value.value) ? `${value.value}.0` : String(value.value);
  if (value instanceof Unpredictable) return '?';
  if (within.includes(value)) return '...';
  const inner = [...within, value];
  const list = (items: Iterable<Value>): string => Array.from(items, (item) => repr(item, inner)).join(', ');
  if (value instanceof List) return `[${list(value.items)}]`;
  if (value instanceof Tuple) return value.items.length === 1 ? `(${list(value.items)},)` : `(${list(value.items)})`;
  if (value instanceof Deque)
    return `deque([${list(value.items)}]${value.most === null ? '' : `, maxlen=${value.most}`})`;
  // A set has no order, so it is shown sorted: two runs show the same if they have the same.
  if (value instanceof PySet)
    return value.items.size === 0
      ? 'set()'
      : `{${sorted(value)
          .map((item) => repr(item))
          .join(', ')}}`;
  if (value instanceof Dict) {
    const pairs = [...value.items.values()]
      .map(([key, each]) => `${repr(key, inner)}: ${repr(each, inner)}`)
      .join(', ');
    return value.factory === null ? `{${pairs}}` : `defaultdict(${repr(value.factory)}, {${pairs}})`;
  }
  if (value instanceof View) {
    const { of, what } = value;
    const parts = [...of.items.values()].map((pair) =>
      what === 'items' ? new Tuple(pair) : pair[what === 'keys' ? 0 : 1],
    );
    return `dict_${what}([${list(parts)}])`;
  }
  if (value instanceof Range) {
    return `range(${value.start}, ${value.stop}${value.step === 1 ? '' : `, ${value.step}`})`;
  }
  if (value instanceof Instance && value.type.find('__repr__') !== undefined) {
    throw new Unsupported(`the text of ${withArticle(value.type.name)}, whose class has __repr__, inside another`);
  }
  if (isException(value)) return `${value.type.name}(${list(argumentsOf(value))})`;
  if (value instanceof Func) return `<function ${value.code.name}>`;
  if (value instanceof PyClass) return `<class '${value.name}'>`;
  return `<${typeName(value)}>`;
}

const sorted = (set: PySet): Value[] =>
  [...set.items.values()].sort((a, b) =>
    typeof a === 'number' && typeof b === 'number' ? a - b : repr(a) < repr(b) ? -1 : 1,
  );

const argumentsOf = (value: Instance): readonly Value[] => {
  const args = value.attributes.get('args');
  return args instanceof Tuple ? args.items : [];
};

/** @returns the str() of a value */
export function str(value: Value): string {
  if (typeof value === 'string') return value;
  if (value instanceof Instance && value.type.find('__str__') !== undefined) {
    throw new Unsupported(`the text here of ${withArticle(value.type.name)}, whose class has __str__`);
  }
  if (!isException(value)) return repr(value);
  const args = argumentsOf(value);
  if (args.length !== 1) return args.length === 0 ? '' : repr(new Tuple(args));
  return value.type.name === 'KeyError' ? repr(args[0]) : str(args[0]);
}

/** @returns the last line of a traceback */
export function errorText(value: Instance): string {
  const text = str(value);
  return text === '' ? value.type.name : `${value.type.name}: ${text}`;
}

/** Whether no other thread can observe a change in it. */
export const isImmutable = (value: Value): boolean =>
  typeof value !== 'object' || value === null || value instanceof Constant || value instanceof Range;
