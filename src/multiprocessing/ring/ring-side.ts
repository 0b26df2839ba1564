/** What the two sides of a ring have in common, as one live object has them. */
import type { Member } from '../../core/memory/member.js';
import { ownerOf } from '../../core/memory/owner.js';
import type { Subject } from '../../core/wait/wait.js';
import { type Loans, loansOf } from './lending.js';
import type { Segments } from './segments.js';
import { GET_SIDE, LATCH_WORD } from './sides.js';
import { keepsTaken } from './states.js';
import { wakeAll } from './wakes.js';

/** Its `then` needs next to no stack. */
export const SOON = Promise.resolve();

export abstract class RingSide {
  protected readonly words: Int32Array;
  protected readonly me: number;
  protected readonly latch: number;
  /** Whether items stay until they are done. */
  readonly keeps: boolean;
  protected readonly loans: Loans | undefined;
  /**
   * What the latch was when an error ended the work of a call that had taken it, which is then to be made good: the caller's
   * stack was full, and had no room for what an item needs. Nothing was put or taken then, or all of it.
   */
  protected left: number | undefined;

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
    this.latch = side + LATCH_WORD;
    this.keeps = keepsTaken(words, ring);
    this.loans = loansOf(segments.buffer, words, words[ring + GET_SIDE]);
  }

  /** Takes the side's latch if nobody has it. */
  protected tryLatch(): boolean {
    return Atomics.compareExchange(this.words, this.latch, 0, this.me) === 0;
  }

  /** Frees the latch, as this side does when its work is done. */
  protected abstract leave(): void;

  /** Makes good what a call has left when its stack was full. */
  protected readonly mend = (): void => {
    const { left } = this;
    if (left === undefined) return;
    this.left = undefined;
    if (ownerOf(left) === ownerOf(this.me)) this.leave();
    wakeAll(this.member, this.ring);
  };
}
