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
 * The count is decremented by an agent that closes the end, and by one that retires an agent that had it open
 * (core/memory/records.ts). SHARED is set when the end is on its way to another agent, ARRIVED when it has reached one;
 * in between it is open although perhaps nobody has it. WAY numbers the ways, and wraps around, so that the end of one
 * way changes nothing of the next.
 */
const SHARED = 1 << 0;
export const ARRIVED = 1 << 1;
const ONE_WAY = 1 << 2;
export const ONCE = 1 << 14;
const WAY = ONCE - ONE_WAY;

/** The bits that say on which way it is. */
export const ON_WAY = SHARED | ARRIVED | WAY;

export const isUnderWay = (word: number): boolean => (word & (SHARED | ARRIVED)) === SHARED;

export const isOpen = (word: number): boolean => word >>> 0 >= ONCE || isUnderWay(word);

/** The word of an end that is sent; it may already be under way in something else. */
export const leaving = (word: number): number =>
  isUnderWay(word) ? word : (word & -ONCE) | ((word + ONE_WAY) & WAY) | SHARED;
