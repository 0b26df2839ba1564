/**
 * The items that one live object has taken and is not done with, if items stay until they are done. One step, in its
 * second word, makes an item done; if its agent dies before that, the item goes back.
 */
import type { Member } from '../../core/memory/member.js';
import { ownerOf } from '../../core/memory/owner.js';
import { ENTITLED, setState, takeRecord } from '../../core/memory/records.js';
import { remains } from '../../core/memory/slots.js';
import { Failure } from './outcome.js';
import { behind, DONE_ITEM, type Segments, TAKER } from './segments.js';
import { DEATHS, FREED, FREED_AT, GET_SIDE, PUT_SIDE, SEEN } from './sides.js';

export class Taken {
  readonly #member: Member;
  readonly #words: Int32Array;
  readonly #ring: number;
  readonly #segments: Segments;
  /** Where they are, oldest first. */
  readonly #places: number[] = [];
  /** The record by which others learn that this agent has ended. */
  #record: number | undefined;

  /** @param ring the index of the ring's cell */
  constructor(member: Member, ring: number, segments: Segments) {
    this.#member = member;
    this.#words = member.words;
    this.#ring = ring;
    this.#segments = segments;
  }

  get isEmpty(): boolean {
    return this.#places.length === 0;
  }

  /** Makes sure that others learn of the end of this agent. */
  enlist(): Failure | undefined {
    if (this.#record !== undefined) return undefined;
    try {
      this.#record = takeRecord(this.#member, this.#ring + DEATHS);
      setState(this.#words, this.#record, ENTITLED);
      return undefined;
    } catch (error) {
      return new Failure(error, true);
    }
  }

  /** Makes an item this agent's; with the get side's latch held. */
  add(at: number): void {
    Atomics.store(this.#segments.words, at + TAKER, ownerOf(this.#member.ownerWord));
    this.#places.push(at);
  }

  /**
   * Reports that the first of them is done: producers have its room.
   *
   * @returns false when it went back, because this agent was taken for dead
   */
  finish(): boolean {
    const at = this.#places.shift();
    if (at === undefined) return false;
    const me = ownerOf(this.#member.ownerWord);
    return Atomics.compareExchange(this.#segments.words, at + TAKER, me, DONE_ITEM) === me;
  }

  /**
   * Looks for an item whose taker has ended; with the get side's latch held.
   *
   * @param count how many items were taken
   * @returns its place, or 0
   */
  takeBack(count: number): number {
    const words = this.#words;
    const seen = words[this.#ring + GET_SIDE] + SEEN;
    const deaths = Atomics.load(words, this.#ring + DEATHS);
    if (deaths === Atomics.load(words, seen)) return 0;
    const isLeft = (taker: number): boolean => taker > 0 && !remains(words, taker);
    const item = findItem(words, this.#ring, this.#segments, () => count, isLeft);
    if (item === 0) Atomics.store(words, seen, deaths);
    return item;
  }
}

/**
 * Walks the items from the first that is not known to be done. Producers reuse the memory of items that are done, so
 * what was read of an item counts only if it is still after what they have freed.
 *
 * @param end returns the number of the item at which to end; called again whenever that is reached
 * @param isIt called for each item, with its second word and how many come before it; for one item perhaps more than
 *   once
 * @returns the place of the first for which it is true, or 0
 */
export function findItem(
  words: Int32Array,
  ring: number,
  segments: Segments,
  end: () => number,
  isIt: (taker: number, before: number) => boolean,
): number {
  const side = words[ring + PUT_SIDE];
  let number = Atomics.load(words, side + FREED);
  let at = Atomics.load(words, side + FREED_AT + (number & 1));
  let last = end();
  for (;;) {
    // The first time, and whenever those before are no longer there.
    const freed = Atomics.load(words, side + FREED);
    if (((number - freed) | 0) < 0) {
      number = freed;
      at = Atomics.load(words, side + FREED_AT + (freed & 1));
      continue;
    }
    if (((last - number) | 0) <= 0) {
      last = end();
      if (((last - number) | 0) <= 0) return 0;
    }
    const item = segments.itemAt(at);
    const isThere = (): boolean => ((number - Atomics.load(words, side + FREED)) | 0) >= 0;
    if (!isThere()) continue;
    const taker = Atomics.load(segments.words, item + TAKER);
    const next = behind(item, segments.words[item]);
    if (!isThere()) continue;
    if (isIt(taker, number)) return item;
    number = (number + 1) | 0;
    at = next;
  }
}

/** @returns how many items from the first on are done, of those that were taken */
export function doneUpTo(words: Int32Array, ring: number, segments: Segments, taken: number): number {
  let done = taken;
  const isLeft = (taker: number, before: number): boolean => {
    if (taker === DONE_ITEM) return false;
    done = before;
    return true;
  };
  findItem(words, ring, segments, () => taken, isLeft);
  return done;
}
