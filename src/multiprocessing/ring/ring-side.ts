/** What the two sides of a ring have in common, as one live object has them. */
import type { Member } from '../../core/memory/member.js';
import { ownerOf } from '../../core/memory/owner.js';
import type { Subject } from '../../core/wait/wait.js';
import { type Loans, loansOf } from './lending.js';
import type { Segments } from './segments.js';
import { GET_SIDE, LATCH_WORD } from './sides.js';
import { holdsLatch, keepsTaken } from './states.js';
import { wakeAll } from './wakes.js';

/** Its `then` needs next to no stack. */
const SOON = Promise.resolve();

export abstract class RingSide {
  protected readonly words: Int32Array;
  protected readonly me: number;
  readonly #latch: number;
  /** Whether items stay until they are done. */
  readonly keeps: boolean;
  protected readonly loans: Loans | undefined;
  /**
   * What the latch was when an error ended the work of a call that had taken it, which then has to be repaired: the
   * caller's stack was full, and had no room for what an item needs. Then nothing was put or taken, or all of it.
   */
  #left: number | undefined;

  /**
   * @param subject what waits are for
   * @param ring the index of the ring's cell
   * @param side the index of this side's cell
   * @param other the index of the other side's
   */
  constructor(
    protected readonly subject: Subject,
    protected readonly member: Member,
    protected readonly ring: number,
    protected readonly side: number,
    protected readonly other: number,
    protected readonly segments: Segments,
  ) {
    const { words } = member;
    this.words = words;
    this.me = member.ownerWord;
    this.#latch = side + LATCH_WORD;
    this.keeps = keepsTaken(words, ring);
    this.loans = loansOf(segments, words, words[ring + GET_SIDE]);
  }

  /** What a call does with the latch held. */
  protected abstract work(item: unknown): unknown;

  /**
   * Frees the latch, and wakes the waiters for what the work has brought about.
   *
   * @param owing see `leavePut`
   */
  protected abstract leave(owing?: boolean): void;

  /**
   * Does the work of a call if the latch can be taken, and frees it.
   *
   * @param otherwise the outcome without the latch
   * @param waited whether a pass has answered, and has taken the latch if there was anything to take it for
   */
  protected once(otherwise: unknown, waited: boolean, item?: unknown, owing?: boolean): unknown {
    let has = false;
    try {
      has = waited ? holdsLatch(this.words, this.side, this.me) : this.#tryLatch();
      if (!has) return otherwise;
      const outcome = this.work(item);
      this.leave(owing);
      return outcome;
    } catch (error) {
      if (has) {
        this.#left = Atomics.load(this.words, this.#latch);
        SOON.then(this.mend);
      }
      throw error;
    }
  }

  /** Takes the side's latch if nobody has it. */
  #tryLatch(): boolean {
    return Atomics.compareExchange(this.words, this.#latch, 0, this.me) === 0;
  }

  /** Repairs what a call left behind when its stack was full. */
  protected readonly mend = (): void => {
    const left = this.#left;
    if (left === undefined) return;
    this.#left = undefined;
    if (ownerOf(left) === ownerOf(this.me)) this.leave();
    wakeAll(this.member, this.ring);
  };
}
