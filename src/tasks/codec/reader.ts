/**
 * Reading of words, numbers and texts in the form defined by format.ts. Each count is checked against the number of words
 * left before it is used.
 */
import { damaged, orDamaged } from './damage.js';
import { aligned, LONG, SHORT, wordsOf } from './format.js';
import { type Memory, NO_MEMORY } from './memory.js';
import { ShortStrings } from './names.js';

const bigWords = new BigUint64Array(1);
const bigHalves = new Int32Array(bigWords.buffer);

/** The base of a decoder: reads one word after another. */
export class Reader {
  protected i32: Int32Array = NO_MEMORY.i32;
  #memory: Memory = NO_MEMORY;
  /** The next word. */
  #at = 0;
  /** The index after the last word of the message. */
  #end = 0;
  readonly #strings = new ShortStrings();
  /** Reads this many bytes from `at` on. */
  protected readonly makeAscii = (at: number, length: number): string => this.#memory.text.readAscii(at, length);

  /** Sets where to read: from the word `at` on, before `end`. */
  protected use(memory: Memory, at: number, end: number): void {
    this.#memory = memory;
    this.i32 = memory.i32;
    this.#at = at;
    this.#end = end;
  }

  /** Drops all references to the message. */
  protected leave(): void {
    this.use(NO_MEMORY, 0, 0);
  }

  /** @throws SyncError when there is more than was read */
  protected finish(): void {
    if (aligned(this.#at) !== this.#end) throw damaged('it is longer than its value');
  }

  /** How many words are left. */
  protected get left(): number {
    return this.#end - this.#at;
  }

  protected word(): number {
    const at = this.#at;
    if (at >= this.#end) throw damaged('it ends early');
    this.#at = at + 1;
    return this.i32[at];
  }

  /** The argument in the upper bits of a head, or after it. */
  protected argument(head: number): number {
    const argument = head >>> 8;
    return argument === LONG ? this.word() >>> 0 : argument;
  }

  /** @returns the index of the first of this many words, which count as read */
  protected take(count: number): number {
    const at = this.#at;
    if (count > this.#end - at) throw damaged('it ends early');
    this.#at = at + count;
    return at;
  }

  /** @returns the count, if that many items fit into the words that are left */
  protected atLeast(count: number, words: number): number {
    if (count * words > this.#end - this.#at) throw damaged('it ends early');
    return count;
  }

  protected align(): void {
    this.#at = aligned(this.#at);
  }

  protected double(): number {
    this.align();
    return this.#memory.f64[this.take(2) / 2];
  }

  /** A count of bytes, or an offset. */
  protected size(): number {
    const size = this.double();
    if (!Number.isSafeInteger(size) || size < 0) throw damaged('a size is not a whole number');
    return size;
  }

  protected ascii(length: number): string {
    if (length === 0) return '';
    const from = this.take(wordsOf(length));
    if (length > SHORT) return this.makeAscii(from * 4, length);
    return this.#strings.get(this.i32, from, length, this.makeAscii);
  }

  protected latin1(length: number): string {
    return this.#memory.text.readLatin1(this.take(wordsOf(length)) * 4, length);
  }

  protected utf16(length: number): string {
    return this.#memory.text.readUtf16(this.take(wordsOf(length * 2)) * 4, length * 2);
  }

  /** @param argument the number of words, and the sign */
  protected bigint(argument: number): bigint {
    const negative = argument % 2 === 1;
    const count = Math.floor(argument / 2);
    const from = this.take(count);
    const magnitude = count <= 2 ? this.#shortMagnitude(from, count) : this.#longMagnitude(from, count);
    return negative ? -magnitude : magnitude;
  }

  #shortMagnitude(from: number, count: number): bigint {
    bigHalves[0] = count > 0 ? this.i32[from] : 0;
    bigHalves[1] = count > 1 ? this.i32[from + 1] : 0;
    return bigWords[0];
  }

  #longMagnitude(from: number, count: number): bigint {
    const digits: string[] = [];
    for (let i = from + count - 1; i >= from; i--) digits.push((this.i32[i] >>> 0).toString(16).padStart(8, '0'));
    return orDamaged(() => BigInt(`0x${digits.join('')}`));
  }

  protected integers(length: number): number[] {
    return listOf(this.i32, this.take(length), length);
  }

  protected doubles(length: number): number[] {
    this.align();
    return listOf(this.#memory.f64, this.take(length * 2) / 2, length);
  }

  /** @returns a view of the bytes in the message's memory */
  protected bytes(length: number): Uint8Array {
    const from = this.take(wordsOf(length)) * 4;
    return this.#memory.u8.subarray(from, from + length);
  }
}

function listOf(numbers: Int32Array | Float64Array, from: number, length: number): number[] {
  const list = new Array<number>(length);
  let i = 0;
  let at = from;
  // Four per iteration: the overhead of one iteration equals the time for one number.
  for (; i + 3 < length; i += 4, at += 4) {
    list[i] = numbers[at];
    list[i + 1] = numbers[at + 1];
    list[i + 2] = numbers[at + 2];
    list[i + 3] = numbers[at + 3];
  }
  while (i < length) list[i++] = numbers[at++];
  return list;
}
