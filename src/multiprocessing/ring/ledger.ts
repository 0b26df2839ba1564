/**
 * How many items of a ring are done. That needs no count of those that are not: it is the number that were put minus
 * the number that were reported as done, so putting costs nothing more, and no death between two counts makes them
 * differ.
 *
 * If items stay until they are done, each records in itself whether it is, and DONE is only a hint: an agent that dies
 * before it has counted leaves it too low by one. So DONE shows that all are done, or that more are not than the dead
 * can have left uncounted; in between, the items themselves are checked.
 */
import { GATE } from '../../core/memory/cells.js';
import type { Member } from '../../core/memory/member.js';
import { BLOCKED, waiterKind } from '../../core/memory/owner.js';
import { remains } from '../../core/memory/slots.js';
import { AGAIN, BUSY, GOT, LOOK, leaveEvidence, type Pass, SLEEP } from '../../core/wait/pass.js';
import type { Subject } from '../../core/wait/wait.js';
import { Waiting } from '../../core/wait/waiting.js';
import { DONE_ITEM, type Segments } from './segments.js';
import { COUNT, DEATHS, DONE, GET_SIDE, PUT_SIDE, STATE, UNTIL_DONE } from './sides.js';
import { isDropped, keepsTaken } from './states.js';
import { findItem } from './taken.js';
import { wakeFor } from './wakes.js';

export class Ledger {
  readonly #member: Member;
  readonly #words: Int32Array;
  readonly #ring: number;
  readonly #done: number;
  readonly #segments: Segments;
  readonly #keeps: boolean;
  /** The wait until all is done. */
  readonly joining: Waiting;

  /**
   * @param subject what waits are for
   * @param ring the index of the ring's cell
   */
  constructor(subject: Subject, member: Member, ring: number, segments: Segments) {
    const { words } = member;
    this.#member = member;
    this.#words = words;
    this.#ring = ring;
    this.#done = words[ring + GET_SIDE] + DONE;
    this.#segments = segments;
    this.#keeps = keepsTaken(words, ring);
    const joinPass: Pass = (...of) => this.#pass(...of);
    this.joining = new Waiting(subject, member, joinPass, ring, ring + GATE);
  }

  /** How many items are not done; in a ring that was dropped, how many of those that had been taken. */
  get unfinished(): number {
    let left = 0;
    if (!this.#isHint) return this.#counted;
    this.#find(() => {
      left++;
      return false;
    });
    return left;
  }

  /** Whether there is none. */
  get isAllDone(): boolean {
    const counted = this.#counted;
    if (counted === 0 || !this.#isHint) return counted === 0;
    const isCertain = counted > this.#deaths && !isDropped(this.#words, this.#ring);
    return !isCertain && !this.#find(() => true);
  }

  /** Counts one more as done, if items do not stay until they are. @returns false when all were */
  count(): boolean {
    for (;;) {
      const done = Atomics.load(this.#words, this.#done);
      if (this.#counted === 0) return false;
      if (Atomics.compareExchange(this.#words, this.#done, done, (done + 1) | 0) === done) return true;
    }
  }

  /** Wakes the waiters for all to be done, if all are. */
  tell(): void {
    if (this.isAllDone) wakeFor(this.#member, this.#ring, this.#ring + GATE, UNTIL_DONE, Infinity);
  }

  /** One pass; see core/wait/pass.ts. The bit is read first, then whether it is worth sleeping. */
  #pass(words: Int32Array, ring: number, me: number, state: number): number {
    const status = Atomics.load(words, ring + STATE);
    if (this.isAllDone) return GOT;
    if ((state & LOOK) !== 0) return BUSY;
    const bit = BLOCKED << (UNTIL_DONE + waiterKind(me));
    if ((status & bit) !== 0) return SLEEP;
    leaveEvidence(words, ring + STATE, status, bit);
    return AGAIN;
  }

  /** The number of the first item that does not count. */
  #end(): number {
    const side = isDropped(this.#words, this.#ring) ? GET_SIDE : PUT_SIDE;
    return Atomics.load(this.#words, this.#words[this.#ring + side] + COUNT);
  }

  get #counted(): number {
    const done = Atomics.load(this.#words, this.#done);
    return Math.max(0, (this.#end() - done) | 0);
  }

  get #deaths(): number {
    return Atomics.load(this.#words, this.#ring + DEATHS) >>> 0;
  }

  get #isHint(): boolean {
    return this.#keeps && this.#deaths > 0;
  }

  /** @returns whether there is an item that is not done and for which `isIt` returns true */
  #find(isIt: () => boolean): boolean {
    // Nobody takes what the dead leave in a ring that was dropped.
    const isOver = (taker: number): boolean =>
      taker === DONE_ITEM || (isDropped(this.#words, this.#ring) && taker > 0 && !remains(this.#words, taker));
    const isLeft = (taker: number): boolean => !isOver(taker) && isIt();
    const item = findItem(this.#words, this.#ring, this.#segments, () => this.#end(), isLeft);
    return item !== 0;
  }
}
