/**
 * Whether somebody has an end of a ring open: one word, in the cell of the end.
 *
 * ```text
 *  31      14  13    2      1         0
 * +-----------+-------+---------+--------+
 * | how often |  WAY  | ARRIVED | SHARED |
 * +-----------+-------+---------+--------+
 * ```
 *
 * It is counted down by whoever closes it, and by whoever retires an agent that had it open (core/memory/records.ts).
 * SHARED is set when it is on its way to another agent, ARRIVED when it has come to one; in between it is open although
 * nobody may have it. WAY numbers the ways, round and round: whoever knows that one has ended changes nothing of the next.
 */
const SHARED = 1 << 0;
export const ARRIVED = 1 << 1;
const ONE_WAY = 1 << 2;
export const ONCE = 1 << 14;
const WAY = ONCE - ONE_WAY;

/** What says on which way it is. */
export const ON_WAY = SHARED | ARRIVED | WAY;

export const isUnderWay = (word: number): boolean => (word & (SHARED | ARRIVED)) === SHARED;

export const isOpen = (word: number): boolean => word >>> 0 >= ONCE || isUnderWay(word);

/** The word of one that is sent; it may be under way already, by something else. */
export const leaving = (word: number): number =>
  isUnderWay(word) ? word : (word & -ONCE) | ((word + ONE_WAY) & WAY) | SHARED;
