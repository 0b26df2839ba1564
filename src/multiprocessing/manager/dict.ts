/** Proxies of dicts: Maps that a manager has. */
import type { Target } from '../../tasks/target.js';
import type { AsyncForms } from './methods.js';
import { ClosedProxy, type Form, forms, invoke, invokeAsync, type ManagedProxy } from './proxy.js';
import { callTextOf } from './remote-call.js';
import { listOf } from './sent.js';

/** The methods of a dict, in their blocking forms; each also has a form whose name ends in `Async`. */
export interface DictMethods<K, V> {
  /**
   * The value of a key.
   *
   * @param key a primitive
   * @returns a copy of it, or a proxy if one was put; undefined if there is none
   */
  get(key: K): V | undefined;
  /**
   * Sets the value of a key: to a copy, or to what a proxy stands for.
   *
   * @param key a primitive: an object would be a different one each time it arrives
   * @param value its new value
   * @returns the proxy
   * @throws TypeError for a key that is an object
   */
  set(key: K, value: V): DictProxy<K, V>;
  /**
   * Whether there is a value for a key.
   *
   * @param key a primitive
   * @returns whether there is
   */
  has(key: K): boolean;
  /**
   * Deletes a key.
   *
   * @param key a primitive
   * @returns whether there was such a key
   */
  delete(key: K): boolean;
  /** Deletes all keys. */
  clear(): void;
  /**
   * Deletes a key.
   *
   * @param key a primitive
   * @param fallback what is returned if there is none; undefined by default
   * @returns the value that it had
   */
  pop(key: K, fallback?: V): V | undefined;
  /**
   * Takes the key that was set last, and its value: Python's `popitem`. It takes time in proportion to the number of keys.
   *
   * @returns both, or undefined if there are none
   */
  popItem(): [K, V] | undefined;
  /**
   * The value of a key, which is first set if there is none: Python's `setdefault`.
   *
   * @param key a primitive
   * @param value what it is set to
   * @returns a copy of the value, or a proxy if one was put
   * @throws TypeError for a key that is an object
   */
  getOrInsert(key: K, value: V): V;
  /**
   * Sets the values of several keys in one step: Python's `update`.
   *
   * @param entries the keys, which are primitives, and their values
   * @throws TypeError for anything that is not an entry, and for a key that is an object
   */
  assign(entries: Iterable<readonly [K, V]>): void;
  /** @returns a copy of the whole dict at this moment */
  toMap(): Map<K, V>;
  /** @returns the keys at this moment, in the order in which they were first set */
  keys(): IterableIterator<K>;
  /** @returns the values at this moment */
  values(): IterableIterator<V>;
  /** @returns keys and values at this moment */
  entries(): IterableIterator<[K, V]>;
}

/**
 * A manager's dict, as any agent has it: Python's `DictProxy`, with the methods of a Map.
 *
 * Values are copied both ways: to change what one holds, set it again, or `update` it, which is one step. A proxy that
 * is put is a proxy for the agent that gets it.
 */
export type DictProxy<K = unknown, V = unknown> = {
  /** How many keys there are. */
  readonly size: number;
  /** @returns how many keys there are */
  sizeAsync(): Promise<number>;
  /**
   * Sets a key to what a function makes of its value, in one step: no other call comes in between.
   *
   * @param key a primitive
   * @param target a task, or a reference by `fromModule`, which is called in the manager's worker. It is given the
   *   value, undefined if there is none, and returns the new one synchronously
   * @param args its further arguments
   * @returns a copy of the new value
   * @throws TypeError for a function that would have to be sent, for one that returns a promise, and for a key that is
   *   an object; and what the function throws: then the value stays
   * @throws SyncError `ERR_FUNCTION` when the manager cannot get the function; `ERR_NOT_CLONEABLE` when the new value cannot be
   *   sent: then, too, the value stays
   */
  update<Args extends unknown[]>(key: K, target: Target<[V | undefined, ...Args], V>, ...args: Args): V;
  /**
   * Like `update`, without blocking the agent.
   *
   * @param key a primitive
   * @param target as for `update`
   * @param args its further arguments
   * @returns a copy of the new value
   */
  updateAsync<Args extends unknown[]>(key: K, target: Target<[V | undefined, ...Args], V>, ...args: Args): Promise<V>;
  /**
   * Calls a function of this agent for each value at this moment.
   *
   * @param callback is given the value, and then its key
   */
  forEach(callback: (value: V, key: K) => void): void;
  /** @returns an object of all entries, as JSON has it; keys become strings */
  toJSON(): Record<string, V>;
} & ManagedProxy &
  DictMethods<K, V> &
  AsyncForms<DictMethods<K, V>> &
  Iterable<[K, V]> &
  AsyncIterable<[K, V]>;

const SAME: Form = {};

export class Dict extends ClosedProxy {
  static {
    forms(Dict.prototype, {
      get: SAME,
      set: { take: (_: never, proxy) => proxy },
      has: SAME,
      delete: SAME,
      clear: SAME,
      pop: SAME,
      popItem: SAME,
      getOrInsert: SAME,
      assign: { send: (entries: Iterable<readonly [unknown, unknown]>) => [listOf('entries', entries)] },
      update: { send: (key: unknown, target: unknown, ...args: unknown[]) => [key, callTextOf(target), ...args] },
      toMap: SAME,
      keys: { take: (keys: unknown[]) => keys.values() },
      values: { take: (values: unknown[]) => values.values() },
      entries: { take: (entries: unknown[]) => entries.values() },
    });
  }

  get size(): number {
    return invoke(this, 'size', []) as number;
  }

  sizeAsync(): Promise<number> {
    return invokeAsync(this, 'size', []) as Promise<number>;
  }

  forEach(callback: (value: unknown, key: unknown) => void): void {
    for (const [key, value] of this) callback(value, key);
  }

  [Symbol.iterator](): IterableIterator<[unknown, unknown]> {
    return (invoke(this, 'entries', []) as [unknown, unknown][]).values();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<[unknown, unknown], void, undefined> {
    yield* (await invokeAsync(this, 'entries', [])) as [unknown, unknown][];
  }

  override toJSON(): Record<string, unknown> {
    return Object.fromEntries(this);
  }
}
