/**
 * How live objects travel between agents: `share` turns them into plain data that structured clone carries, and an `attach` turns
 * that back. Each class brings its own kind, so this file knows the form of a handle and how to walk containers, but no primitive.
 */
import { SyncError } from '../errors.js';
import { isCell, type Kind } from '../memory/cells.js';
import { badHandle, HANDLE, type Handle, LEAVE, MARK } from '../memory/handle.js';
import { arenaAt } from '../memory/joined-arena.js';
import { checkVersion } from '../memory/region.js';
import { checkSharedMemory } from '../memory/shared-memory.js';
import { Place } from './place.js';

declare const carried: unique symbol;

/** What `share` makes of a `T`: plain data for `postMessage` and `workerData`, to be passed to `attach`. */
export interface Shared<T> {
  /** @internal Carries the type; no value has it. */
  readonly [carried]?: T;
}

/**
 * Turns primitives and arenas into plain data that structured clone carries: the value itself, or any number of them in
 * plain objects, arrays, Maps and Sets at any depth. Everything else is passed through unchanged.
 *
 * @param value the value to send to another agent
 * @returns the same value with handles in place of live objects, for `postMessage`, `workerData` and the like
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
  const given: { [LEAVE]?: () => unknown }[] = [];
  const handleOf = (object: object): Handle | undefined => {
    const give = (object as { [HANDLE]?: () => Handle })[HANDLE];
    if (typeof give !== 'function') return undefined;
    given.push(object);
    return give.call(object);
  };
  const shared = copy(value, handleOf);
  // If a value is refused, nothing is in transit.
  for (const object of given) object[LEAVE]?.();
  return shared as Shared<T>;
}

/** A class whose objects `share` accepts and `attachWith` restores. */
export interface Shareable {
  /** @internal The layout of its cells. */
  readonly kind: Kind;
  /** @internal Creates the live object for a cell. */
  new (place: Place): object;
}

/**
 * Makes an `attach` that knows only these classes, and arenas: a bundle then contains no others. The `attach` of an entry
 * knows all classes that the entry exports.
 *
 * @param classes the classes themselves, such as `Lock` and `GIL`; a type-only import does not work, because the compiler erases it
 * @returns a function that turns data made by `share` back into live objects, as `attach` does
 * @throws TypeError when an argument is not a class of this package, or two are of one kind
 *
 * @example
 * ```ts
 * import { attachWith, Lock, Semaphore, share } from 'atomics-sync-free';
 * const attach = attachWith(Lock, Semaphore);
 * const message = structuredClone(share({ lock: new Lock() }));
 * const { lock } = attach(message);
 * console.log(lock.tryAcquire()); // true
 * ```
 */
export function attachWith(...classes: readonly Shareable[]): <T>(data: Shared<T>) => T {
  const byName = new Map<string, Shareable>();
  for (const each of classes) {
    const name = each?.kind?.name;
    if (typeof name !== 'string') throw new TypeError('attachWith() takes classes of this package, such as Lock');
    if ((byName.get(name) ?? each) !== each)
      throw new TypeError(`attachWith() was given two classes of the kind ${name}`);
    byName.set(name, each);
  }
  return <T>(data: Shared<T>) =>
    copy(data, (object) => (MARK in object ? revive(object as Handle, byName) : undefined)) as T;
}

function revive(handle: Handle, classes: ReadonlyMap<string, Shareable>): object {
  const { kind, buffer, byteOffset, byteLength, cell } = handle;
  checkVersion('handle', handle[MARK]);
  const isRegion =
    Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]' &&
    [byteOffset, byteLength].every((n) => Number.isInteger(n) && n >= 0 && n % 4 === 0) &&
    byteOffset + byteLength <= buffer.byteLength;
  if (!isRegion || typeof kind !== 'string') throw badHandle(typeof kind === 'string' ? kind : 'of no kind');
  const [name, view] = kind.split('.');
  const known = classes.get(name);
  if (known === undefined && kind !== 'Arena') throw unknownKind(name, classes);
  const arena = arenaAt(buffer, byteOffset, byteLength);
  if (arena === undefined) throw badHandle(kind);
  if (known === undefined) {
    if (cell !== 0) throw badHandle(kind);
    return arena;
  }
  const isKnown = isCell(arena.words, cell, known.kind) && (view === undefined || known.kind.views?.includes(view));
  if (!isKnown) throw badHandle(kind);
  const object = new known(new Place(arena, cell, handle));
  return view === undefined ? object : (object as Record<string, object>)[view];
}

const unknownKind = (kind: string, classes: ReadonlyMap<string, Shareable>): SyncError =>
  new SyncError(
    'ERR_HANDLE',
    `this attach knows ${['Arena', ...classes.keys()].join(', ')}, not ${JSON.stringify(kind)}; use attachWith(), or the ` +
      'attach of the entry that exports it; a function on a worker can be given one if its module imports that entry',
  );

/**
 * Copies plain containers and replaces objects on the way. An object met twice stays one object, even in cycles; a
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
      value.forEach((item, i) => {
        array[i] = walk(item);
      });
      return array;
    }
    if (isMap(value)) {
      const map = keep(value, new Map());
      Map.prototype.forEach.call(value, (item, key) => map.set(walk(key), walk(item)));
      return map;
    }
    if (isSet(value)) {
      const set = keep(value, new Set());
      Set.prototype.forEach.call(value, (item) => set.add(walk(item)));
      return set;
    }
    if (isPlain(value)) {
      // An entry stays an entry even if its key is `__proto__`.
      const object = keep(value, Object.fromEntries(Object.entries(value)));
      for (const key of Object.keys(object)) object[key] = walk(object[key]);
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

// By behaviour, not by instanceof: a container may come from another realm, such as a frame or a test's sandbox.
const isMap = (value: object): value is Map<unknown, unknown> => answers(() => Map.prototype.has.call(value, 0));
const isSet = (value: object): value is Set<unknown> => answers(() => Set.prototype.has.call(value, 0));

function answers(ask: () => unknown): boolean {
  try {
    ask();
    return true;
  } catch {
    return false;
  }
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  // A plain object of another realm has that realm's Object.prototype: one whose own prototype is null.
  return (
    prototype === null ||
    (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'isPrototypeOf'))
  );
}
