/** What the two sides of a ring have in common, as one live object has them. */
import type { Member } from '../../core/memory/member.js';
import type { Subject } from '../../core/wait/wait.js';
import { type Loans, loansOf } from './lending.js';
import type { Segments } from './segments.js';
import { GET_SIDE, LATCH_WORD } from './sides.js';
import { keepsTaken } from './states.js';

export abstract class RingSide {
  protected readonly words: Int32Array;
  protected readonly me: number;
  protected readonly latch: number;
  /** Whether items stay until they are done. */
  readonly keeps: boolean;
  protected readonly loans: Loans | undefined;

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
}
