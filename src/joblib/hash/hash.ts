/**
 * joblib's `hash`: the hash of a value's canonical bytes, which are the same for equal values in any process and on any
 * runtime, and cannot be read back. A value is written as a tag and its content; everything that varies in length
 * states how long it is, so no two values have the same bytes. Parts that have no order are written in the order of
 * their bytes: keys of an object, entries of a Map, members of a Set. A long object that is met again is not gone
 * through again.
 */

import { sha256Hex } from '#files';
import { withArticle } from '../../core/article.js';
import { SyncError } from '../../core/errors.js';
import { kindOf, primitiveOf, tagOf } from '../../tasks/codec/kinds.js';
import { Refused, refusal } from '../../tasks/codec/refusal.js';
import { CanonicalBytes, TAG } from './canonical-bytes.js';

/** What is nested deeper contains itself, or might as well. */
const DEPTH = 1000;
/** The most bytes that are kept for the next value. */
const KEPT = 65_536;

/** Undefined while it is at work: a getter may hash something, too. */
let idle: Canonical | undefined;

/**
 * Hashes a value by its content: equal values have equal hashes, in any process, on any runtime. A Memory files its
 * results by it.
 *
 * The order of an object's keys, of a Map's entries and of a Set's members does not count. 0 and −0 are two values, as
 * are 1, `1n` and `true`; all NaNs are one. The class of a typed array counts, and a Buffer is a class of its own.
 * Large typed arrays are hashed in place, without a copy. Of an array the items count, and, if it is the result of a
 * match, its other properties.
 *
 * @param value anything made of plain objects, arrays, Maps, Sets, primitives, dates, regular expressions, errors (without
 *   their stacks), buffers and their views
 * @returns the sha-256 of a canonical encoding: 64 hexadecimal digits
 * @throws SyncError `ERR_NOT_HASHABLE` for functions, symbols, promises and the like, objects of classes (subclasses of
 *   Map, Array and such, too), and values that contain themselves or are nested deeper than 1,000 levels; the message begins with the path to it
 *
 * @example
 * ```ts
 * import { hash } from 'atomics-sync-free/joblib';
 * console.log(hash({ a: 1, b: [2] }) === hash({ b: [2], a: 1 })); // true
 * ```
 */
export const hash = (value: unknown): string => {
  const canonical = idle ?? new Canonical();
  idle = undefined;
  try {
    return sha256Hex(canonical.of(value));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new SyncError('ERR_NOT_HASHABLE', refusal(error, value, 'value').message);
  } finally {
    canonical.forget();
    if (canonical.capacity <= KEPT) idle = canonical;
  }
};

class Canonical {
  readonly #bytes = new CanonicalBytes();
  #depth = 0;
  /** The digests of objects that were long. */
  readonly #digests = new Map<object, Uint8Array>();

  of(value: unknown): Uint8Array {
    this.#value(value);
    return this.#bytes.since(0);
  }

  get capacity(): number {
    return this.#bytes.capacity;
  }

  /** Makes it ready for another value, and keeps nothing of this one. */
  forget(): void {
    this.#bytes.rewind(0);
    this.#depth = 0;
    if (this.#digests.size > 0) this.#digests.clear();
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        this.#bytes.tag(TAG.undefined);
        break;
      case 'boolean':
        this.#bytes.tag(value ? TAG.true : TAG.false);
        break;
      case 'number':
        this.#bytes.tag(TAG.number);
        this.#bytes.double(value);
        break;
      case 'bigint':
        this.#bytes.tag(TAG.bigint);
        this.#bytes.string(value.toString(16));
        break;
      case 'string':
        this.#bytes.string(value);
        break;
      case 'object':
        if (value === null) this.#bytes.tag(TAG.null);
        else this.#object(value);
        break;
      default:
        throw new Refused(value, `is ${withArticle(typeof value)}, which has no value that could be hashed`);
    }
  }

  #object(object: object): void {
    const known = this.#digests.get(object);
    if (known !== undefined) {
      this.#bytes.digest(known);
      return;
    }
    if (++this.#depth > DEPTH) throw new Refused({}, `contains itself, or is nested deeper than ${DEPTH} levels`);
    const start = this.#bytes.at;
    this.#contents(object);
    this.#depth--;
    const digest = this.#bytes.shorten(start);
    if (digest !== undefined) this.#digests.set(object, digest);
  }

  #contents(object: object): void {
    const kind = Array.isArray(object) ? 'array' : kindOf(object);
    if (kind !== 'live' && kind !== 'none' && !isAsMade(object, kind))
      throw new Refused(object, `is an object of the class ${nameOf(object)}, ${UNSEEN}`);
    switch (kind) {
      case 'array':
        this.#array(object as unknown[]);
        break;
      case 'plain':
        this.#bytes.tag(TAG.object);
        this.#properties(object);
        break;
      case 'Map':
        this.#bytes.tag(TAG.Map);
        this.#unordered([...(object as Map<unknown, unknown>)]);
        break;
      case 'Set':
        this.#bytes.tag(TAG.Set);
        this.#unordered([...(object as Set<unknown>)].map((member) => [member]));
        break;
      case 'Date':
        this.#bytes.tag(TAG.Date);
        this.#bytes.double((object as Date).getTime());
        break;
      case 'RegExp':
        this.#bytes.tag(TAG.RegExp);
        this.#bytes.string((object as RegExp).source);
        this.#bytes.string((object as RegExp).flags);
        break;
      case 'Error':
        this.#error(object as Error);
        break;
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
        this.#bytes.data(kind, new Uint8Array(object as ArrayBufferLike));
        break;
      case 'view': {
        const { buffer, byteOffset, byteLength } = object as ArrayBufferView;
        this.#bytes.data(nameOf(object), new Uint8Array(buffer, byteOffset, byteLength));
        break;
      }
      case 'wrapper':
        this.#bytes.tag(TAG.wrapper);
        this.#value(primitiveOf(object));
        break;
      default:
        throw new Refused(object, `is ${withArticle(nameOf(object))}, which has no value that could be hashed`);
    }
  }

  #array(array: readonly unknown[]): void {
    // The result of a match has more than its items. Looking for that in all arrays takes longer than hashing them.
    const isMatch = Object.hasOwn(array, 'index');
    this.#bytes.tag(isMatch ? TAG.match : TAG.array);
    this.#bytes.double(array.length);
    if (isMatch) {
      this.#properties(array);
      return;
    }
    for (let i = 0; i < array.length; i++) {
      if (array[i] === undefined && !(i in array)) this.#bytes.tag(TAG.hole);
      else this.#value(array[i]);
    }
  }

  #properties(object: object): void {
    const keys = Object.keys(object).sort();
    this.#bytes.double(keys.length);
    for (const key of keys) {
      this.#bytes.string(key);
      this.#value((object as Record<string, unknown>)[key]);
    }
  }

  /** Without its stack, which shows where it was made. */
  #error(error: Error): void {
    this.#bytes.tag(TAG.Error);
    this.#bytes.string(String(error.name));
    this.#bytes.string(String(error.message));
    this.#value(error.cause);
    this.#value((error as { errors?: unknown }).errors);
    this.#properties(error);
  }

  /** Entries whose order does not count: they are written in the order of their bytes. */
  #unordered(entries: readonly (readonly unknown[])[]): void {
    this.#bytes.double(entries.length);
    const start = this.#bytes.at;
    const parts = entries.map((entry) => {
      const from = this.#bytes.at;
      for (const value of entry) this.#value(value);
      return this.#bytes.since(from).slice();
    });
    this.#bytes.rewind(start);
    for (const part of parts.sort(compare)) this.#bytes.copy(part);
  }
}

const UNSEEN = 'which may have state that cannot be seen from outside; pass the data that it is made of';

type Kind = ReturnType<typeof kindOf> | 'array';

/** How many prototypes an object of a kind has; most have two: that of their class, and that of all objects. */
const PROTOTYPES: Partial<Record<Kind, number>> = { plain: 1, view: 3 };

/**
 * Whether an object is not of a user's class, here or in another realm. Errors and Buffers count by the names of their
 * classes.
 */
function isAsMade(object: object, kind: Kind): boolean {
  let prototype: unknown = Object.getPrototypeOf(object);
  // The most frequent case, decided at once.
  if (prototype === (kind === 'array' ? Array.prototype : Object.prototype)) return true;
  for (let left = PROTOTYPES[kind] ?? 2; left > 0 && prototype !== null; left--)
    prototype = Object.getPrototypeOf(prototype);
  return prototype === null || kind === 'Error' || (kind === 'view' && nameOf(object) === 'Buffer');
}

const nameOf = (object: object): string => object.constructor?.name || tagOf(object);

/** By their bytes; a part that is the beginning of another comes before that. */
function compare(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let i = 0; i < length; i++) if (one[i] !== other[i]) return one[i] - other[i];
  return one.length - other.length;
}
