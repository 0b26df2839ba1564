/** Writing of words, numbers and texts in the form defined by format.ts. `at` and results are word indices. */
import { copyBytes } from './copy.js';
import * as format from './format.js';
import { LONG, word, wordsOf } from './format.js';
import { Memory, NO_MEMORY } from './memory.js';
import { isLatin1 } from './text.js';

/** Thrown when the message does not fit. */
export const FULL = Symbol('full');

/** The initial size of a writer's own memory, in bytes. */
const FIRST = 4096;
/** A writer's own memory of more than this many bytes is given away together with the message in it. */
const KEPT = 1 << 20;

/** The head of a string of this many characters, all of them ASCII. */
export const ascii = (length: number): number => (length << 8) | word(format.ASCII);
const { MINUS_ZERO_WORD, NAN_WORD } = format;
const DOUBLE_WORD = word(format.DOUBLE);

/** How many characters of a long string are examined before trying to write it as ASCII. */
const PROBED = 4;

/** The bits of the only NaN used in messages. */
const NAN_HIGH = 0x7ff8_0000;

const bigWords = new BigUint64Array(1);
const bigHalves = new Int32Array(bigWords.buffer);

/** The base of an encoder: writes into the memory of others, or into its own, which grows. */
export class Writer {
  protected i32: Int32Array = NO_MEMORY.i32;
  #f64: Float64Array = NO_MEMORY.f64;
  #memory: Memory = NO_MEMORY;
  /** The index after the last word that may be written. */
  #end = 0;
  /** Memory of the writer's own, kept for the next message. */
  #own: Memory | undefined;

  /** Sets where to write: into this memory, before `end`. */
  protected use(memory: Memory, end: number): void {
    this.#memory = memory;
    this.i32 = memory.i32;
    this.#f64 = memory.f64;
    this.#end = end;
  }

  /** Sets where to write: into the writer's own memory, which grows as needed. */
  protected useOwn(): void {
    this.#own ??= new Memory(new ArrayBuffer(FIRST));
    this.use(this.#own, this.#own.byteLength / 4);
  }

  /** @returns the words before `end` of the writer's own memory, in memory that belongs to the caller */
  protected take(end: number): Uint8Array {
    const { u8, byteLength } = this.#memory;
    if (byteLength <= KEPT) return u8.slice(0, end * 4);
    this.#own = undefined;
    return u8.subarray(0, end * 4);
  }

  /** Drops all references to the message. */
  protected leave(): void {
    this.use(NO_MEMORY, 0);
    if (this.#own !== undefined && this.#own.byteLength > KEPT) this.#own = undefined;
  }

  /** Makes sure that the words before `to` may be written. */
  protected need(to: number): void {
    if (to > this.#end) this.#grow(to);
  }

  #grow(to: number): void {
    if (this.#memory !== this.#own) throw FULL;
    const larger = new Memory(new ArrayBuffer(Math.max(to * 4 + 8, this.#memory.byteLength * 2)));
    larger.u8.set(this.#memory.u8);
    this.#own = larger;
    this.use(larger, larger.byteLength / 4);
  }

  /** Fills up to a multiple of 8 bytes. */
  protected align(at: number): number {
    if (at % 2 === 0) return at;
    this.need(at + 1);
    this.i32[at] = 0;
    return at + 1;
  }

  protected head(kind: number, argument: number, at: number): number {
    if (argument < LONG) return this.word((argument << 8) | word(kind), at);
    this.need(at + 2);
    this.i32[at] = (LONG << 8) | word(kind);
    this.i32[at + 1] = argument;
    return at + 2;
  }

  protected word(bits: number, at: number): number {
    if (at >= this.#end) this.#grow(at + 1);
    this.i32[at] = bits;
    return at + 1;
  }

  protected number(value: number, at: number): number {
    const whole = value | 0;
    // A 31-bit integer stays the same when its highest bit is shifted out and back.
    if (whole === value && (whole << 1) >> 1 === whole && (whole !== 0 || 1 / value > 0))
      return this.word(whole << 1, at);
    if (value === 0) return this.word(MINUS_ZERO_WORD, at);
    if (Number.isNaN(value)) return this.word(NAN_WORD, at);
    const next = this.align(this.word(DOUBLE_WORD, at));
    return this.double(value, next);
  }

  protected double(value: number, at: number): number {
    this.need(at + 2);
    if (Number.isNaN(value)) {
      this.i32[at] = 0;
      this.i32[at + 1] = NAN_HIGH;
    } else {
      this.#f64[at / 2] = value;
    }
    return at + 2;
  }

  protected string(text: string, at: number): number {
    const { length } = text;
    if (length > format.SHORT) return this.#longString(text, at);
    const next = at + 1 + ((length + 3) >> 2);
    if (next > this.#end) this.#grow(next);
    const i32 = this.i32;
    let all = 0;
    let to = at + 1;
    let i = 0;
    for (; i + 3 < length; i += 4) {
      const a = text.charCodeAt(i);
      const b = text.charCodeAt(i + 1);
      const c = text.charCodeAt(i + 2);
      const d = text.charCodeAt(i + 3);
      all |= a | b | c | d;
      i32[to++] = a | (b << 8) | (c << 16) | (d << 24);
    }
    if (i < length) {
      let rest = 0;
      for (let shift = 0; i < length; i++, shift += 8) {
        const code = text.charCodeAt(i);
        all |= code;
        rest |= code << shift;
      }
      i32[to] = rest;
    }
    if (all > 0x7f) return this.#longString(text, at);
    i32[at] = ascii(length);
    return next;
  }

  #longString(text: string, at: number): number {
    const { length } = text;
    const from = at + (length < LONG ? 1 : 2);
    const next = from + ((length + 3) >> 2);
    this.need(next);
    if (!startsBeyondLatin1(text)) {
      if (this.#memory.text.writeAscii(text, from * 4, (this.#end - from) * 4)) {
        this.head(format.ASCII, length, at);
        return this.#padded(length, next);
      }
      if (isLatin1(text)) {
        this.#memory.text.writeLatin1(text, from * 4);
        this.head(format.LATIN1, length, at);
        return this.#padded(length, next);
      }
    }
    const behind = from + ((length + 1) >> 1);
    this.need(behind);
    this.#memory.text.writeUtf16(text, from * 4);
    this.head(format.UTF16, length, at);
    return this.#padded(length * 2, behind);
  }

  /** Zeroes the rest of the last word of this many bytes, which is the word before `next`. */
  #padded(bytes: number, next: number): number {
    const rest = bytes % 4;
    if (rest > 0) this.i32[next - 1] &= (1 << (rest * 8)) - 1;
    return next;
  }

  protected bigint(value: bigint, at: number): number {
    const negative = value < 0n;
    const magnitude = negative ? -value : value;
    if (BigInt.asUintN(64, magnitude) === magnitude) {
      bigWords[0] = magnitude;
      const count = bigHalves[1] !== 0 ? 2 : bigHalves[0] !== 0 ? 1 : 0;
      const next = this.head(format.BIGINT, (count << 1) | Number(negative), at);
      this.need(next + count);
      for (let i = 0; i < count; i++) this.i32[next + i] = bigHalves[i];
      return next + count;
    }
    const digits = magnitude.toString(16);
    const count = Math.ceil(digits.length / 8);
    const next = this.head(format.BIGINT, count * 2 + Number(negative), at);
    this.need(next + count);
    for (let i = 0, end = digits.length; i < count; i++, end -= 8)
      this.i32[next + i] = Number.parseInt(digits.slice(Math.max(0, end - 8), end), 16);
    return next + count;
  }

  /**
   * Writes the 32-bit integers at the start of an array, −0 excluded. Room is requested only if all items are: an array
   * with holes may be longer than any memory.
   *
   * @returns how many there are
   */
  protected integers(array: readonly unknown[], at: number): number {
    const { length } = array;
    const room = Math.min(length, this.#end - at);
    const count = copyIntegers(array, this.i32, at, 0, room);
    if (count < room || room === length) return count;
    const all = countOfIntegers(array, room);
    if (all < length) return all;
    this.need(at + length);
    return copyIntegers(array, this.i32, at, room, length);
  }

  protected doubles(array: readonly number[], at: number): number {
    const { length } = array;
    const next = this.align(this.head(format.DOUBLES, length, at));
    this.need(next + length * 2);
    const f64 = this.#f64;
    for (let i = 0, to = next / 2; i < length; i++, to++) {
      const item = array[i];
      if (Number.isNaN(item)) this.double(item, to * 2);
      else f64[to] = item;
    }
    return next + length * 2;
  }

  protected copy(bytes: Uint8Array, at: number): number {
    const next = at + wordsOf(bytes.length);
    this.need(next);
    copyBytes(bytes, this.#memory.u8, at * 4);
    return this.#padded(bytes.length, next);
  }
}

/** Whether one of the first characters takes two bytes, as in most texts that have such characters. */
function startsBeyondLatin1(text: string): boolean {
  for (let i = 0; i < text.length && i < PROBED; i++) if (text.charCodeAt(i) > 0xff) return true;
  return false;
}

function isInteger(item: unknown): item is number {
  if (typeof item !== 'number') return false;
  const whole = item | 0;
  return whole === item && !(whole === 0 && Object.is(item, -0));
}

/** @returns the index of the first item from `from` on, before `to`, that is not a 32-bit integer */
function copyIntegers(array: readonly unknown[], i32: Int32Array, at: number, from: number, to: number): number {
  let i = from;
  // Four per iteration: the overhead of one iteration equals the time for one item.
  for (let next = at + from; i + 3 < to; i += 4, next += 4) {
    const a = array[i];
    const b = array[i + 1];
    const c = array[i + 2];
    const d = array[i + 3];
    if (!(isInteger(a) && isInteger(b) && isInteger(c) && isInteger(d))) break;
    i32[next] = a;
    i32[next + 1] = b;
    i32[next + 2] = c;
    i32[next + 3] = d;
  }
  for (; i < to; i++) {
    const item = array[i];
    if (!isInteger(item)) break;
    i32[at + i] = item;
  }
  return i;
}

function countOfIntegers(array: readonly unknown[], from: number): number {
  let i = from;
  while (i < array.length && isInteger(array[i])) i++;
  return i;
}
