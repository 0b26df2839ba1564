/**
 * Canonical bytes as they are written: tags and what follows them. A part of more than `LONG` bytes is replaced by its
 * sha-256, so the bytes stay few, and large data is hashed in place.
 */

import { sha256 } from '#files';
import { utf8 } from '../utf8.js';

/** What kind of value follows. Their numbers are part of every key that was ever made. */
export const TAG = {
  undefined: 1,
  null: 2,
  false: 3,
  true: 4,
  number: 5,
  bigint: 6,
  /** As UTF-8. */
  string: 7,
  /** As UTF-16: it has half of a surrogate pair, which UTF-8 cannot encode. */
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
  match: 20,
} as const;

const LONG = 1024;
/** The most bytes of UTF-8 that a unit of UTF-16 takes. */
const UTF8_PER_UNIT = 3;

export class CanonicalBytes {
  #bytes = new Uint8Array(LONG);
  #view = new DataView(this.#bytes.buffer);
  #at = 0;

  /** Where the next byte goes. */
  get at(): number {
    return this.#at;
  }

  /** How many bytes there is room for without asking for more memory. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** @returns what was written from `start` on; it is overwritten by what is written next after `rewind` */
  since(start: number): Uint8Array {
    return this.#bytes.subarray(start, this.#at);
  }

  /** Takes back what was written from `start` on. */
  rewind(start: number): void {
    this.#at = start;
  }

  tag(tag: number): void {
    this.#room(1);
    this.#bytes[this.#at++] = tag;
  }

  /** There is one NaN, and −0 is not 0. */
  double(value: number): void {
    this.#room(8);
    this.#view.setFloat64(this.#at, Number.isNaN(value) ? Number.NaN : value, true);
    this.#at += 8;
  }

  copy(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#at);
    this.#at += bytes.length;
  }

  string(text: string): void {
    const start = this.#at;
    const wellFormed = text.isWellFormed();
    this.tag(wellFormed ? TAG.string : TAG.illFormed);
    const head = this.#at;
    this.double(0);
    this.#room(text.length * UTF8_PER_UNIT);
    if (wellFormed) {
      this.#at += utf8().encoder.encodeInto(text, this.#bytes.subarray(this.#at)).written;
    } else {
      for (let i = 0; i < text.length; i++) this.#view.setUint16(this.#at + 2 * i, text.charCodeAt(i), true);
      this.#at += 2 * text.length;
    }
    this.#view.setFloat64(head, this.#at - head, true);
    this.shorten(start);
  }

  /** @param name of the class, which says what the bytes mean: a Buffer's are read differently from a Uint8Array's */
  data(name: string, bytes: Uint8Array): void {
    const start = this.#at;
    this.tag(TAG.bytes);
    this.string(name);
    this.double(bytes.length);
    if (bytes.length <= LONG) {
      this.copy(bytes);
    } else {
      const digest = sha256(this.since(start), bytes);
      this.#at = start;
      this.digest(digest);
    }
  }

  /** @returns the digest that has taken the place of what was written from `start` on, if that was long */
  shorten(start: number): Uint8Array | undefined {
    if (this.#at - start <= LONG) return undefined;
    const digest = sha256(this.since(start));
    this.#at = start;
    this.digest(digest);
    return digest;
  }

  digest(digest: Uint8Array): void {
    this.tag(TAG.digest);
    this.copy(digest);
  }

  #room(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * (this.#at + bytes));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}
