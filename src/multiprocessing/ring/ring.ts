/** A ring of items: how one is made, and found again by a handle. sides.ts says how it works. */
import { SyncError } from '../../core/errors.js';
import { allocate } from '../../core/memory/cells.js';
import type { Member } from '../../core/memory/member.js';
import { setUndo } from '../../core/memory/records.js';
import type { Place } from '../../core/share/place.js';
import type { Subject } from '../../core/wait/wait.js';
import { Consumer } from './consumer.js';
import { Ledger } from './ledger.js';
import { learn, memoryIn, memoryWord } from './memories.js';
import { Producer } from './producer.js';
import { FIRST, firstItem, makeMemory, type Segments } from './segments.js';
import {
  AT,
  COUNT,
  DEATHS,
  DROPPED,
  FREED_AT,
  GET_SIDE,
  MAX_SIZE,
  MEMORY,
  PUT_SIDE,
  RING,
  SEGMENT,
  SHUT,
  SIDE,
} from './sides.js';
import { hasRoom, isDropped, isEmpty, isShut } from './states.js';
import { shut } from './wakes.js';

/** How many words of an arena a ring takes besides its cell, whatever the arena's grain. */
export const SIDES_WORDS = 2 * Math.ceil(SIDE.words / 16) * 16;

/**
 * Makes a cell a ring.
 *
 * @param maxSize the most items, or 0
 * @param limit the most bytes of its memory
 * @param keeps whether items stay until they are done
 * @returns the memory
 */
export function makeRing(
  words: Int32Array,
  ring: number,
  maxSize: number,
  limit: number,
  keeps = false,
): SharedArrayBuffer {
  const memory = makeMemory(limit);
  const put = makeSide(words, ring);
  const get = makeSide(words, ring);
  Atomics.store(words, put + SEGMENT, FIRST);
  Atomics.store(words, put + FREED_AT, firstItem(FIRST));
  if (keeps) setUndo(words, ring + DEATHS, -1, 0, 1);
  Atomics.store(words, ring + MAX_SIZE, maxSize);
  Atomics.store(words, ring + PUT_SIDE, put);
  Atomics.store(words, ring + GET_SIDE, get);
  Atomics.store(words, ring + MEMORY, memoryWord(memory));
  return memory;
}

function makeSide(words: Int32Array, ring: number): number {
  const side = allocate(words, SIDE);
  if (side === 0) {
    throw new SyncError(
      'ERR_ARENA_FULL',
      'no room for both sides of a queue in this arena; make a larger one ({ byteLength: … })',
    );
  }
  Atomics.store(words, side + RING, ring);
  Atomics.store(words, side + AT, firstItem(FIRST));
  return side;
}

/** The memory that a handle has brought for a ring: the one at `index` in the handle. */
export const memoryOf = (place: Place, ring: number, index = 0): SharedArrayBuffer =>
  memoryIn(place, index, place.arena.words[ring + MEMORY], 4 * FIRST);

/** A ring as one live object has it. */
export class Ring {
  readonly producer: Producer;
  readonly consumer: Consumer;
  readonly ledger: Ledger;
  readonly memory: SharedArrayBuffer;
  readonly #member: Member;
  readonly #words: Int32Array;
  readonly #ring: number;

  /**
   * @param subject what waits are for
   * @param ring the index of its cell
   */
  constructor(subject: Subject, member: Member, ring: number, segments: Segments) {
    this.producer = new Producer(subject, member, ring, segments);
    this.consumer = new Consumer(subject, member, ring, segments);
    this.ledger = new Ledger(subject, member, ring, segments);
    this.memory = segments.buffer;
    learn(this.memory);
    this.#member = member;
    this.#words = member.words;
    this.#ring = ring;
  }

  /** The most items, or 0. */
  get maxSize(): number {
    return this.#words[this.#ring + MAX_SIZE];
  }

  /** How many items there are to take. */
  get size(): number {
    const words = this.#words;
    if (isDropped(words, this.#ring)) return 0;
    const taken = Atomics.load(words, words[this.#ring + GET_SIDE] + COUNT);
    return (Atomics.load(words, words[this.#ring + PUT_SIDE] + COUNT) - taken) | 0;
  }

  /** Whether there is nothing to take. */
  get isEmpty(): boolean {
    return isDropped(this.#words, this.#ring) || isEmpty(this.#words, this.#ring);
  }

  /** Whether no item may be put before another is taken. */
  get isFull(): boolean {
    return !isDropped(this.#words, this.#ring) && !hasRoom(this.#words, this.#ring);
  }

  /** Whether nothing is put any more. */
  get isShut(): boolean {
    return isShut(this.#words, this.#ring);
  }

  /**
   * Reports that an item is done: if items stay until they are, the first that this live object has taken.
   *
   * @returns false when there is none
   */
  finish(): boolean {
    const { consumer, ledger } = this;
    if (!(consumer.keeps ? consumer.finish() : ledger.count())) return false;
    ledger.tell();
    return true;
  }

  /**
   * Stops further puts.
   *
   * @param drop whether nothing may be taken any more, either
   */
  shut(drop: boolean): void {
    shut(this.#member, this.#ring, drop ? SHUT | DROPPED : SHUT);
    if (drop) this.consumer.discard();
  }
}
