/**
 * The canonical bytes of a value, which are the same for equal values in any process and on any runtime. They are made to
 * be hashed, and cannot be read back. A value is a tag, and what the tag says; all that varies in length says how long it
 * is, so no two values have the same bytes.
 *
 * - What has no order has its parts in the order of their bytes: keys of an object, entries of a Map, members of a Set.
 * - What takes more than `LONG` bytes is replaced by its sha-256. So the bytes stay few, large data is hashed where it is,
 *   and an object that is met again is not gone through again.
 */
import { sha256 } from '#files';
import { SyncError } from '../../core/errors.js';
import { kindOf, primitiveOf, tagOf } from '../../tasks/codec/kinds.js';
import { Refused, refusal } from '../../tasks/codec/refusal.js';

/** What kind of value follows. Their numbers are part of every key that was ever made. */
const TAG = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  number: 5,
  bigint: 6,
  /** As UTF-8. */
  string: 7,
  /** As UTF-16: it has half of a surrogate pair, which UTF-8 cannot say. */
  illFormed: 8,
  array: 9,
  hole: 10,
  object: 11,
  Map: 12,
  Set: 13,
  Date: 14,
  RegExp: 15,
  Error: 16,
  bytes: 17,
  wrapper: 18,
  digest: 19,
} as const;

const LONG = 1024;
/** What is nested deeper contains itself, or might as well. */
const DEPTH = 1000;
/** The most bytes of UTF-8 that a unit of UTF-16 takes. */
const UTF8_PER_UNIT = 3;

const encoder = new TextEncoder();

/** @throws SyncError `ERR_NOT_HASHABLE` */
export function canonicalBytes(value: unknown): Uint8Array {
  try {
    return new Canonical().of(value);
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    throw new SyncError('ERR_NOT_HASHABLE', refusal(error, value, 'value').message);
  }
}

class Canonical {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;
  #depth = 0;
  /** Of the objects that were long. */
  readonly #digests = new Map<object, Uint8Array>();

  of(value: unknown): Uint8Array {
    this.#value(value);
    return this.#bytes.subarray(0, this.#at);
  }

  #value(value: unknown): void {
    switch (typeof value) {
      case 'undefined':
        this.#tag(TAG.undefined);
        break;
      case 'boolean':
        this.#tag(value ? TAG.true : TAG.false);
        break;
      case 'number':
        this.#tag(TAG.number);
        this.#double(value);
        break;
      case 'bigint':
        this.#tag(TAG.bigint);
        this.#string(value.toString(16));
        break;
      case 'string':
        this.#string(value);
        break;
      case 'object':
        if (value === null) this.#tag(TAG.null);
        else this.#object(value);
        break;
      default:
        throw new Refused(value, `is a ${typeof value}, which has no value that could be hashed`);
    }
  }

  #object(object: object): void {
    const known = this.#digests.get(object);
    if (known !== undefined) {
      this.#digest(known);
      return;
    }
    if (++this.#depth > DEPTH) throw new Refused({}, `contains itself, or is nested deeper than ${DEPTH} levels`);
    const start = this.#at;
    this.#contents(object);
    this.#depth--;
    const digest = this.#shorten(start);
    if (digest !== undefined) this.#digests.set(object, digest);
  }

  #contents(object: object): void {
    const kind = Array.isArray(object) ? 'array' : kindOf(object);
    switch (kind) {
      case 'array':
        this.#array(object as unknown[]);
        break;
      case 'plain':
        if (!isPlain(object)) throw new Refused(object, `is an object of the class ${nameOf(object)}, ${UNSEEN}`);
        this.#tag(TAG.object);
        this.#properties(object);
        break;
      case 'Map':
        this.#tag(TAG.Map);
        this.#unordered([...(object as Map<unknown, unknown>)]);
        break;
      case 'Set':
        this.#tag(TAG.Set);
        this.#unordered([...(object as Set<unknown>)].map((member) => [member]));
        break;
      case 'Date':
        this.#tag(TAG.Date);
        this.#double((object as Date).getTime());
        break;
      case 'RegExp':
        this.#tag(TAG.RegExp);
        this.#string((object as RegExp).source);
        this.#string((object as RegExp).flags);
        break;
      case 'Error':
        this.#error(object as Error);
        break;
      case 'ArrayBuffer':
      case 'SharedArrayBuffer':
        this.#data(kind, new Uint8Array(object as ArrayBufferLike));
        break;
      case 'view': {
        const { buffer, byteOffset, byteLength } = object as ArrayBufferView;
        this.#data(nameOf(object), new Uint8Array(buffer, byteOffset, byteLength));
        break;
      }
      case 'wrapper':
        this.#tag(TAG.wrapper);
        this.#value(primitiveOf(object));
        break;
      default:
        throw new Refused(object, `is a ${nameOf(object)}, which has no value that could be hashed`);
    }
  }

  #array(array: readonly unknown[]): void {
    this.#tag(TAG.array);
    this.#size(array.length);
    for (let i = 0; i < array.length; i++) {
      if (array[i] === undefined && !(i in array)) this.#tag(TAG.hole);
      else this.#value(array[i]);
    }
  }

  #properties(object: object): void {
    const keys = Object.keys(object).sort();
    this.#size(keys.length);
    for (const key of keys) {
      this.#string(key);
      this.#value((object as Record<string, unknown>)[key]);
    }
  }

  /** Without its stack, which tells where it was made. */
  #error(error: Error): void {
    this.#tag(TAG.Error);
    this.#string(String(error.name));
    this.#string(String(error.message));
    this.#value(error.cause);
    this.#value((error as { errors?: unknown }).errors);
    this.#properties(error);
  }

  /** Entries that belong together as they are, in no order. */
  #unordered(entries: readonly (readonly unknown[])[]): void {
    this.#size(entries.length);
    const start = this.#at;
    const parts = entries.map((entry) => {
      const from = this.#at;
      for (const value of entry) this.#value(value);
      return this.#bytes.slice(from, this.#at);
    });
    this.#at = start;
    for (const part of parts.sort(compare)) this.#copy(part);
  }

  /** @param name of the class that says what the bytes mean: a Buffer's are read otherwise than a Uint8Array's */
  #data(name: string, bytes: Uint8Array): void {
    const start = this.#at;
    this.#tag(TAG.bytes);
    this.#string(name);
    this.#size(bytes.length);
    if (bytes.length <= LONG) {
      this.#copy(bytes);
    } else {
      const digest = sha256(this.#bytes.subarray(start, this.#at), bytes);
      this.#at = start;
      this.#digest(digest);
    }
  }

  #string(text: string): void {
    const start = this.#at;
    const wellFormed = text.isWellFormed();
    this.#tag(wellFormed ? TAG.string : TAG.illFormed);
    const head = this.#at;
    this.#size(0);
    this.#room(text.length * UTF8_PER_UNIT);
    if (wellFormed) {
      this.#at += encoder.encodeInto(text, this.#bytes.subarray(this.#at)).written;
    } else {
      for (let i = 0; i < text.length; i++) this.#view.setUint16(this.#at + 2 * i, text.charCodeAt(i), true);
      this.#at += 2 * text.length;
    }
    this.#view.setFloat64(head, this.#at - head, true);
    this.#shorten(start);
  }

  /** @returns the digest that has taken the place of what was written from `start` on, if that was long */
  #shorten(start: number): Uint8Array | undefined {
    if (this.#at - start <= LONG) return undefined;
    const digest = sha256(this.#bytes.subarray(start, this.#at));
    this.#at = start;
    this.#digest(digest);
    return digest;
  }

  #digest(digest: Uint8Array): void {
    this.#tag(TAG.digest);
    this.#copy(digest);
  }

  #tag(tag: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = tag;
  }

  #size(size: number): void {
    this.#double(size);
  }

  /** There is one NaN, and −0 is not 0. */
  #double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, Number.isNaN(value) ? Number.NaN : value, true);
    this.#at += 8;
  }

  #copy(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#at + bytes));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

const UNSEEN = 'which may keep what cannot be seen from outside; pass the data that it is made of';

/** Whether it is an object as braces make it, here or in another realm. */
function isPlain(object: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(object);
  return prototype === null || prototype === Object.prototype || Object.getPrototypeOf(prototype) === null;
}

const nameOf = (object: object): string => object.constructor?.name || tagOf(object);

/** By their bytes; a part that is the beginning of another comes before that. */
function compare(one: Uint8Array, other: Uint8Array): number {
  const length = Math.min(one.length, other.length);
  for (let i = 0; i < length; i++) if (one[i] !== other[i]) return one[i] - other[i];
  return one.length - other.length;
}
