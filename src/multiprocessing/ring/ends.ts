/**
 * Whether somebody has an end of a ring open: one word, in the cell of the end.
 *
 * ```text
 *  31        2      1         0
 * +-----------+---------+--------+
 * | how often | ARRIVED | SHARED |
 * +-----------+---------+--------+
 * ```
 *
 * It is counted down by whoever closes it, and by whoever retires an agent that had it open (core/memory/records.ts).
 * SHARED is set when it is on its way to another agent, ARRIVED when it has come to one; in between it is open although
 * nobody may have it.
 */
export const SHARED = 1 << 0;
export const ARRIVED = 1 << 1;
export const ONCE = 1 << 2;

export const isOpen = (word: number): boolean => word >= ONCE || (word & (SHARED | ARRIVED)) === SHARED;
