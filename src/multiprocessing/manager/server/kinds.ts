/** What the objects of a manager can do: a table of methods for each type, and no others are ever called. */
import { checkInteger, isThenable, shown } from '../../../core/arguments.js';
import type { Call, Function_ } from '../../../tasks/call.js';
import { callOn, callWith } from '../../../tasks/frame.js';
import { FunctionReference } from '../../../tasks/target.js';
import type { ChunkOptions } from '../../pool/options.js';
import type { Pool } from '../../pool/pool.js';
import { checkCall } from '../remote-call.js';
import { whenFound } from './functions.js';

/** A method: it is given the object, and then its arguments. */
export type Method = (target: never, ...args: never[]) => unknown;

/** A type of objects. */
export interface ObjectKind {
  /** The class of their proxies. */
  readonly type: string;
  readonly methods: ReadonlyMap<string, Method>;
  /** The methods whose results stay with the manager. */
  readonly proxied: ReadonlySet<string>;
}

const NONE: ReadonlySet<string> = new Set();
const kind = (type: string, methods: Readonly<Record<string, Method>>): ObjectKind => ({
  type,
  methods: new Map(Object.entries(methods)),
  proxied: NONE,
});

/** What `update` does, in one step, when its function has been found: nothing comes between reading a value and setting it. */
export class Update {
  /**
   * @param make returns the new value
   * @param set sets it, unless it cannot be sent to the caller
   */
  constructor(
    readonly make: () => unknown,
    readonly set: (value: unknown) => void,
  ) {}
}

/** @returns what a named function returns */
function returned(method: string, fn: Function_, args: readonly unknown[]): unknown {
  const made = callWith(fn, args);
  if (!isThenable(made)) return made;
  throw new TypeError(
    `the function of ${method}() must return its value itself, not a promise: other calls would come in between`,
  );
}

const changed = (fn: Function_, value: unknown, args: readonly unknown[]): unknown =>
  returned('update', fn, [value, ...args]);

function checkPrimitive(what: string, value: unknown): void {
  if (Object(value) === value)
    throw new TypeError(`${what} must be a primitive: an object would be a different one each time it arrives`);
}

const checkKey = (key: unknown): void => checkPrimitive('a key', key);

type Dict = Map<unknown, unknown>;

export const DICT = kind('dict', {
  get: (map: Dict, key: unknown) => map.get(key),
  set(map: Dict, key: unknown, value: unknown) {
    checkKey(key);
    map.set(key, value);
  },
  has: (map: Dict, key: unknown) => map.has(key),
  delete: (map: Dict, key: unknown) => map.delete(key),
  clear: (map: Dict) => map.clear(),
  pop(map: Dict, key: unknown, fallback?: unknown) {
    const value = map.has(key) ? map.get(key) : fallback;
    map.delete(key);
    return value;
  },
  // A Map knows no way to its last entry but past all others.
  popItem(map: Dict) {
    let last: [unknown, unknown] | undefined;
    for (const entry of map) last = entry;
    if (last !== undefined) map.delete(last[0]);
    return last;
  },
  getOrInsert(map: Dict, key: unknown, value: unknown) {
    checkKey(key);
    if (!map.has(key)) map.set(key, value);
    return map.get(key);
  },
  assign: (map: Dict, entries: [unknown, unknown][]) => assign(map, entries),
  update(map: Dict, key: unknown, text: string, ...args: unknown[]) {
    checkKey(key);
    const set = (value: unknown): void => void map.set(key, value);
    return whenFound(text, (fn) => new Update(() => changed(fn, map.get(key), args), set));
  },
  size: (map: Dict) => map.size,
  toMap: (map: Dict) => map,
  keys: (map: Dict) => [...map.keys()],
  values: (map: Dict) => [...map.values()],
  entries: (map: Dict) => [...map],
});

function assign(map: Dict, entries: readonly [unknown, unknown][]): void {
  for (const entry of entries) {
    if (!Array.isArray(entry))
      throw new TypeError(`an entry must be an array of a key and a value, not ${shown(entry)}`);
    checkKey(entry[0]);
  }
  for (const [key, value] of entries) map.set(key, value);
}

/** @returns a new dict */
export function newDict(entries: readonly [unknown, unknown][]): Dict {
  const map: Dict = new Map();
  assign(map, entries);
  return map;
}

type List = unknown[];

function indexIn({ length }: List, index: number): number {
  checkInteger('index', index, -length, length - 1);
  return index < 0 ? index + length : index;
}

export const LIST = kind('list', {
  at: (list: List, index: number) => list.at(index),
  set(list: List, index: number, value: unknown) {
    list[indexIn(list, index)] = value;
  },
  push: (list: List, ...items: unknown[]) => list.push(...items),
  pop: (list: List, index = -1) => (list.length === 0 ? undefined : list.splice(indexIn(list, index), 1)[0]),
  unshift: (list: List, ...items: unknown[]) => list.unshift(...items),
  shift: (list: List) => list.shift(),
  splice: (list: List, ...args: [number, number]) => list.splice(...args),
  slice: (list: List, start?: number, end?: number) => list.slice(start, end),
  indexOf: (list: List, ...args: [unknown, number?]) => list.indexOf(...args),
  includes: (list: List, ...args: [unknown, number?]) => list.includes(...args),
  join: (list: List, separator?: string) => list.join(separator),
  remove(list: List, value: unknown) {
    const index = list.indexOf(value);
    if (index >= 0) list.splice(index, 1);
    return index >= 0;
  },
  sort(list: List, text?: string) {
    if (text === undefined) return void list.sort();
    return whenFound(text, (compare) => {
      // A copy, because an error of the function must leave the list as it was.
      const sorted = [...list].sort((a, b) => returned('sort', compare, [a, b]) as number);
      for (const [i, item] of sorted.entries()) list[i] = item;
    });
  },
  reverse: (list: List) => void list.reverse(),
  clear(list: List) {
    list.length = 0;
  },
  toArray: (list: List) => list,
  length: (list: List) => list.length,
  update: (list: List, index: number, text: string, ...args: unknown[]) =>
    whenFound(text, (fn) => {
      const set = (value: unknown): void => {
        list[indexIn(list, index)] = value;
      };
      return new Update(() => changed(fn, list[indexIn(list, index)], args), set);
    }),
});

const checkValue = (value: unknown): void => checkPrimitive('a value of a set', value);

export const SET = kind('set', {
  add(set: Set<unknown>, value: unknown) {
    checkValue(value);
    const isNew = !set.has(value);
    set.add(value);
    return isNew;
  },
  assign: (set: Set<unknown>, values: unknown[]) => addAll(set, values),
  has: (set: Set<unknown>, value: unknown) => set.has(value),
  delete: (set: Set<unknown>, value: unknown) => set.delete(value),
  pop(set: Set<unknown>) {
    const [value] = set;
    set.delete(value);
    return value;
  },
  clear: (set: Set<unknown>) => set.clear(),
  size: (set: Set<unknown>) => set.size,
  toSet: (set: Set<unknown>) => set,
  values: (set: Set<unknown>) => set,
});

function addAll(set: Set<unknown>, values: readonly unknown[]): void {
  for (const value of values) checkValue(value);
  for (const value of values) set.add(value);
}

/** @returns a new set */
export function newSet(values: readonly unknown[]): Set<unknown> {
  const set = new Set();
  addAll(set, values);
  return set;
}

type Properties = Map<string, unknown>;

export const NAMESPACE = kind('Namespace', {
  get: (properties: Properties, name: string) => properties.get(name),
  set: (properties: Properties, name: string, value: unknown) => void properties.set(name, value),
  has: (properties: Properties, name: string) => properties.has(name),
  delete: (properties: Properties, name: string) => properties.delete(name),
  keys: (properties: Properties) => [...properties.keys()],
  toObject: (properties: Properties) => Object.fromEntries(properties),
  update: (properties: Properties, name: string, text: string, ...args: unknown[]) =>
    whenFound(text, (fn) => {
      const set = (value: unknown): void => void properties.set(name, value);
      return new Update(() => changed(fn, properties.get(name), args), set);
    }),
});

/** What holds a pool, and is distinct from it: when the holder is dropped, the pool is ended. */
export class PoolHolder {
  constructor(readonly pool: Pool) {
    ended.register(this, pool);
  }
}

const ended = new FinalizationRegistry<Pool>((pool) => pool.terminate());

function reference(call: Call): FunctionReference<never[], unknown> {
  checkCall(call);
  return new FunctionReference(call);
}

export const POOL = kind('Pool', {
  apply: ({ pool }: PoolHolder, call: Call, args: never[]) => pool.applyAsync(reference(call), args),
  map: ({ pool }: PoolHolder, call: Call, items: never[], options?: ChunkOptions) =>
    pool.mapAsync(reference(call) as FunctionReference<[never], unknown>, items, options),
  starmap: ({ pool }: PoolHolder, call: Call, items: never[][], options?: ChunkOptions) =>
    pool.starmapAsync(reference(call), items, options),
  close: ({ pool }: PoolHolder) => pool.close(),
  terminate: ({ pool }: PoolHolder) => pool.terminate(),
  join: ({ pool }: PoolHolder) => pool.joinAsync(),
});

const toMethod =
  (name: string): Method =>
  (target: object, ...args: never[]) =>
    callOn(target, name, args);

/**
 * @param exposed the methods that may be called; by default all whose names do not begin with `_`: its own, and those
 *   of its class and its superclasses
 * @param proxied the methods whose results stay with the manager; they may be called, too
 * @returns the type of an object of a registered class
 * @throws TypeError when it has no such method
 */
export function kindOfObject(
  target: object,
  exposed: readonly string[] = methodsOf(target),
  proxied: readonly string[] = [],
): ObjectKind {
  const names = [...new Set([...exposed, ...proxied])];
  for (const name of names) {
    if (typeof (target as Record<string, unknown>)[name] === 'function') continue;
    throw new TypeError(`${target.constructor?.name ?? 'the object'} has no method called ${name}`);
  }
  return { type: 'object', methods: new Map(names.map((name) => [name, toMethod(name)])), proxied: new Set(proxied) };
}

function methodsOf(target: object): string[] {
  const found = new Set<string>();
  for (let of = target; of !== null && of !== Object.prototype; of = Object.getPrototypeOf(of)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(of)))
      if (typeof value === 'function' && name !== 'constructor' && !name.startsWith('_')) found.add(name);
  }
  return [...found].sort();
}

/** @returns the type of an object that a method has returned and that stays with the manager */
export function kindOfResult(target: object): ObjectKind {
  if (target instanceof Map) return DICT;
  if (target instanceof Set) return SET;
  return Array.isArray(target) ? LIST : kindOfObject(target);
}
