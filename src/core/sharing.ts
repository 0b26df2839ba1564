/**
 * How live objects travel between agents: `share` turns them into plain data that structured clone carries,
 * `attach` turns that back. This file knows the form of a handle and the walk through containers, and no primitive.
 */
import { Arena, checkSharedMemory } from './arena.js';
import { SyncError } from './errors.js';
import { badHandle, HANDLE, type Handle, MARK } from './handle.js';
import { LAYOUT_VERSION } from './layout.js';

declare const carried: unique symbol;

/** What `share` made of a `T`: plain data for `postMessage` and `workerData`, to be given to `attach`. */
export interface Shared<T> {
  /** @internal Carries the type; no value has it. */
  readonly [carried]?: T;
}

/**
 * Turns primitives and arenas into plain data that structured clone carries: the value itself, or any number of
 * them in plain objects, arrays, Maps and Sets at any depth. Everything else is passed on as it is.
 *
 * @param value what another agent shall have
 * @returns the same with handles in the place of live objects, for `postMessage`, `workerData` and the like
 * @throws SyncError `ERR_NO_SHARED_MEMORY` on a page that is not cross-origin isolated
 *
 * @example
 * ```ts
 * import { attach, Lock, share } from 'atomics-sync-free';
 * const lock = new Lock();
 * const message = structuredClone(share({ lock, name: 'counter' }));
 * const received = attach(message);
 * console.log(received.lock.run(() => received.name)); // counter
 * ```
 */
export function share<T>(value: T): Shared<T> {
  checkSharedMemory();
  return copy(value, (object) => {
    const give = (object as { [HANDLE]?: () => Handle })[HANDLE];
    return typeof give === 'function' ? give.call(object) : undefined;
  }) as Shared<T>;
}

/** Makes the live object of a handle whose arena is open; `side` is the handle's, and not checked. */
export type Attacher = (arena: Arena, cell: number, side: unknown) => object;

/**
 * The walk of `attach`.
 *
 * @param attacherOf knows each kind of primitive by its name
 */
export function attachWith(data: unknown, attacherOf: (kind: string) => Attacher | undefined): unknown {
  return copy(data, (object) => (MARK in object ? revive(object as Handle, attacherOf) : undefined));
}

function revive(handle: Handle, attacherOf: (kind: string) => Attacher | undefined): object {
  const { kind, buffer, byteOffset, byteLength, cell } = handle;
  if (handle[MARK] !== LAYOUT_VERSION) {
    throw new SyncError(
      'ERR_ARENA_VERSION',
      `this handle has layout version ${handle[MARK]}, and this copy of atomics-sync-free works on ${LAYOUT_VERSION}; ` +
        'let all agents load the same version',
    );
  }
  const isRegion =
    Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]' &&
    [byteOffset, byteLength].every((n) => Number.isInteger(n) && n >= 0 && n % 4 === 0) &&
    byteOffset + byteLength <= buffer.byteLength;
  const make = typeof kind === 'string' ? attacherOf(kind) : undefined;
  const arena = isRegion ? Arena.at(buffer, byteOffset, byteLength) : undefined;
  if (make === undefined || arena === undefined) throw badHandle(typeof kind === 'string' ? kind : 'of no kind');
  return make(arena, cell, handle.side);
}

/**
 * Copies plain containers and replaces objects on the way. What is met twice stays one, also in cycles; a
 * container's copy is known before its contents are walked.
 */
function copy(root: unknown, replace: (object: object) => object | undefined): unknown {
  const copies = new Map<object, object>();

  function walk(value: unknown): unknown {
    if (typeof value !== 'object' || value === null) return value;
    const known = copies.get(value);
    if (known !== undefined) return known;
    const replaced = replace(value);
    if (replaced !== undefined) return keep(value, replaced);
    if (Array.isArray(value)) {
      const array = keep(value, new Array(value.length));
      for (const [i, item] of value.entries()) if (i in value) array[i] = walk(item);
      return array;
    }
    if (value instanceof Map) {
      const map = keep(value, new Map());
      for (const [key, item] of value) map.set(walk(key), walk(item));
      return map;
    }
    if (value instanceof Set) {
      const set = keep(value, new Set());
      for (const item of value) set.add(walk(item));
      return set;
    }
    if (isPlain(value)) {
      const object = keep(value, {} as Record<string, unknown>);
      for (const [key, item] of Object.entries(value)) set(object, key, walk(item));
      return object;
    }
    return value;
  }

  function keep<T extends object>(original: object, copied: T): T {
    copies.set(original, copied);
    return copied;
  }

  return walk(root);
}

/** Not by assignment: a key `__proto__` is data here. */
function set(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm has that realm's Object.prototype: one whose own prototype is null.
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'))
  );
}
