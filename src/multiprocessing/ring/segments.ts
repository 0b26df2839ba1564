/**
 * The memory of a ring's items: a growable SharedArrayBuffer, cut into segments that form a circle. Items are in them
 * one after the other, never across the end of one. When a segment is full, the producer goes on in the next one that
 * is free; if the next ones are not, or are too small, it inserts a new one. So the memory grows with the most that was
 * ever waiting to be taken, nothing is moved, and a consumer follows what it reads.
 *
 * ```text
 * word 0 … 2      which memory it is: see memories.ts
 * from FIRST on   segments
 *
 * segment  0      END    the index of the word behind its items; written before the segment is linked
 *          1      NEXT   the next segment in the circle; for the holder of the put side's latch alone
 *          2 …    items
 *          END    room for a JUMP, and beyond it the next segment
 *
 * item     0      the number of its bytes, or JUMP
 *          1      after JUMP, the index of the item at which it goes on; else, if items stay until they are done, the
 *                 agent that has taken it, 0 or DONE_ITEM
 *          2 …    its bytes
 * ```
 *
 * Segments, items and their bytes begin at multiples of 8 bytes.
 *
 * **Each step leaves it consistent.** A segment is linked by one store, to the NEXT of the one before it, when it is
 * complete. Its place is found by walking round the circle, so one that was never linked is no loss. A JUMP is written
 * where the next item would begin, so nobody reads it before that item is put.
 *
 * All of it is read and written plainly: segments by the holder of the put side's latch, items by the agent that puts
 * them and, after an atomic store has put them, by the one that takes them.
 */
import type { Way } from '../../core/memory/ways.js';
import { Memory } from '../../tasks/codec/index.js';
import { discardItem, itemCodec, leastBytes } from './items.js';
import { giveIdentity } from './memories.js';

export const FIRST = 16;
const END = 0;
const NEXT = 1;
const SEGMENT_HEADER = 2;
const ITEM_HEADER = 2;
const JUMP_WORDS = 2;
const OVERHEAD = SEGMENT_HEADER + JUMP_WORDS;
/** In the place of a number of bytes. */
export const JUMP = -1;
/** Behind the number of bytes. */
export const TAKER = 1;
/** In the place of an agent. */
export const DONE_ITEM = -1;

/** The size of the first segment, in words: 32 kB. */
const FIRST_WORDS = 8192;
/** The largest segment, and so the largest item, is 1 / LARGEST_PART of the memory that there may be; see `insert`. */
const LARGEST_PART = 4;
/** The least limit. */
export const MIN_BYTES = 4 * LARGEST_PART * FIRST_WORDS;

const roundDown = (words: number): number => 2 ** (31 - Math.clz32(words));
const roundUp = (words: number): number => (words <= 1 ? 1 : 2 ** (32 - Math.clz32(words - 1)));

/**
 * A buffer that may grow; if the host has none that can, it has its full size at once, and the host fills it as it is
 * used.
 */
interface Growable {
  readonly growable?: boolean;
  readonly maxByteLength?: number;
  grow?(byteLength: number): void;
}

/**
 * Makes the memory of a new ring.
 *
 * @param limit how large the segments may become together, in bytes
 */
export function makeMemory(limit: number): SharedArrayBuffer {
  const maxByteLength = 4 * FIRST + limit - (limit % 8);
  const canGrow = 'grow' in SharedArrayBuffer.prototype;
  const bytes = canGrow ? 4 * (FIRST + FIRST_WORDS) : maxByteLength;
  const buffer = new SharedArrayBuffer(bytes, { maxByteLength });
  const words = new Int32Array(buffer, 0, FIRST + FIRST_WORDS);
  giveIdentity(buffer);
  words[FIRST + END] = FIRST + FIRST_WORDS - JUMP_WORDS;
  words[FIRST + NEXT] = FIRST;
  return buffer;
}

const limitOf = (buffer: SharedArrayBuffer): number => {
  const { growable, maxByteLength } = buffer as Growable;
  return (growable && maxByteLength !== undefined ? maxByteLength : buffer.byteLength) >>> 2;
};

/** Where the first item of a segment begins. */
export const firstItem = (segment: number): number => segment + SEGMENT_HEADER;
/** The offset of an item's bytes. */
export const bytesOf = (at: number): number => 4 * (at + ITEM_HEADER);
/** Where the item behind one begins. */
export const behind = (at: number, bytes: number): number => at + ITEM_HEADER + (((bytes + 7) >>> 3) << 1);

/**
 * The memory as one live object sees it: by views of fixed length, since those that follow a growing buffer cost many
 * times as much.
 */
export class Segments {
  readonly buffer: SharedArrayBuffer;
  words!: Int32Array;
  protected memory!: Memory;
  /** The most words that there may be. */
  readonly #limit: number;
  /** The most words that a segment may have. */
  readonly #largest: number;

  /**
   * @param limit the most words that there may be
   * @param largest the most words that a segment may have
   */
  constructor(
    buffer: SharedArrayBuffer,
    limit: number = limitOf(buffer),
    largest: number = roundDown(Math.floor((limit - FIRST) / LARGEST_PART)),
  ) {
    this.buffer = buffer;
    this.#limit = limit;
    this.#largest = largest;
    this.look();
  }

  /** What to do about an item that takes more bytes than it may. */
  get cure(): string {
    return 'make it with a larger byteLimit, or put a SharedArrayBuffer';
  }

  /** The most bytes that an item may take. */
  get largestItem(): number {
    return 4 * (this.#largest - OVERHEAD - ITEM_HEADER);
  }

  /** Makes views of what has been added since. */
  protected look(): void {
    this.memory = new Memory(this.buffer);
    this.words = this.memory.i32;
  }

  /** Makes sure that a place that another agent may have added is seen. */
  reach(at: number): void {
    if (at >= this.words.length) this.look();
  }

  /** The item that comes at a place: there, or where a JUMP leads. */
  itemAt(at: number): number {
    this.reach(at);
    if (this.words[at] !== JUMP) return at;
    const item = this.words[at + 1];
    this.reach(item);
    return item;
  }

  /**
   * Writes the bytes of an item.
   *
   * @param start where they begin, as an offset
   * @param end where they must end at the latest
   * @returns where they end, or a negative number when they do not fit in
   */
  encode(item: unknown, start: number, end: number): number {
    return itemCodec().encode(item, this.memory, start, end);
  }

  /** Called with what is on its way in an item that was put. */
  sends(_item: unknown, _ways: readonly Way[]): void {}

  /** The least number of bytes that an item takes. */
  leastBytes(item: unknown): number {
    return leastBytes(item);
  }

  /** The item whose bytes are there. */
  decode(start: number, end: number): unknown {
    return itemCodec().decode(this.memory, start, end);
  }

  /** Receives the item whose bytes are there, in nobody's name: it throws nothing. */
  discard(start: number, end: number): void {
    discardItem(this.memory, start, end);
  }

  /** The word behind the items of a segment. */
  endOf(segment: number): number {
    this.reach(segment);
    return this.words[segment + END];
  }

  /**
   * Finds the segment in which to go on: the next one that is free and large enough, or a new one.
   *
   * @param segment the one that is left
   * @param taken up to where items were taken
   * @param need how many bytes the next item may take
   * @returns a segment, or 0 when there is none before more is taken
   */
  after(segment: number, taken: number, need: number): number {
    const words = Math.min(Math.ceil(need / 4) + ITEM_HEADER, this.#largest - OVERHEAD);
    let used = this.endOf(segment) + JUMP_WORDS;
    let free = true;
    for (let at = this.#next(segment); at !== segment; at = this.#next(at)) {
      const end = this.endOf(at);
      // The segments from that in which the next item is taken up to this one are in use.
      if (taken > at && taken <= end) free = false;
      if (free && end - firstItem(at) >= words) return at;
      used = Math.max(used, end + JUMP_WORDS);
    }
    return this.#insert(segment, used, words);
  }

  #next(segment: number): number {
    return this.words[segment + NEXT];
  }

  /**
   * Inserts a new segment after one. It is as large as all before it, so that there are few, but never larger than the
   * largest: sizes are powers of two, and those below the largest add up to at most one and a half times its size. So
   * if another of the largest does not fit, there are two already, and at least one of them is free when all items have
   * been taken.
   */
  #insert(segment: number, used: number, need: number): number {
    const smallest = roundUp(need + OVERHEAD);
    const wanted = Math.max(smallest, Math.min(roundDown(used), this.#largest));
    const size = used + wanted <= this.#limit ? wanted : smallest;
    if (used + size > this.#limit) return 0;
    if (4 * (used + size) > this.buffer.byteLength) (this.buffer as Growable).grow?.(4 * (used + size));
    this.look();
    const { words } = this;
    words[used + END] = used + size - JUMP_WORDS;
    words[used + NEXT] = words[segment + NEXT];
    words[segment + NEXT] = used;
    return used;
  }
}
