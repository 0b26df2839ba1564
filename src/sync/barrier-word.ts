/**
 * The state of a barrier, in one word, and how it may change: the four states of Python's barrier.
 *
 * ```text
 *  31 30 29    18 17    4 3     2     1        0
 * +-----+--------+-------+-------+-------+---------+
 * |  0  | epoch  | count | phase | ASYNC | BLOCKED |
 * +-----+--------+-------+-------+-------+---------+
 * ```
 *
 * | phase | means | count | left when |
 * |---|---|---|---|
 * | FILLING | parties arrive | have arrived | the last has run its action: DRAINING |
 * | DRAINING | parties leave | have not left | the last leaves: FILLING |
 * | RESETTING | they leave with an error | have not left | the last leaves: FILLING |
 * | BROKEN | they leave with an error | have not left | reset: RESETTING, or FILLING if all have left |
 *
 * A transition is a pure function of the word: it gives the next word, or undefined when there is nothing to change.
 * Transitions that change the phase clear the waiter bits, and the agent that makes one wakes everybody.
 *
 * The epoch counts deaths, up to 2¹¹ and then from 1 again: a party would have to sleep through exactly that many to be misled.
 */
import { ASYNC, BLOCKED } from '../core/memory/owner.js';

export const EVIDENCE = BLOCKED | ASYNC;
const PHASE = 3 << 2;
export const FILLING = 0 << 2;
export const DRAINING = 1 << 2;
export const RESETTING = 2 << 2;
export const BROKEN = 3 << 2;
const ONE = 1 << 4;
const COUNT_SHIFT = 4;
export const MAX_PARTIES = 2 ** 14 - 1;
const COUNT = MAX_PARTIES << COUNT_SHIFT;
const EPOCH_SHIFT = 18;
/** What a party's death does to the word: nobody knows whether it was counted, so a new epoch begins, broken and empty. */
export const DEATH_KEEPS = (2 ** 11 - 1) << EPOCH_SHIFT;
export const DEATH_SETS = BROKEN;
export const DEATH_ADDS = 1 << EPOCH_SHIFT;

export const phaseOf = (word: number): number => word & PHASE;
export const countOf = (word: number): number => (word & COUNT) >> COUNT_SHIFT;
export const epochOf = (word: number): number => word >> EPOCH_SHIFT;

export type Transition = (word: number) => number | undefined;

const inPhase = (word: number, phase: number): number => (word & ~(PHASE | EVIDENCE)) | phase;
/** Whether a wait counted in this epoch is still waiting for others. */
export const isFilling = (word: number, epoch: number): boolean => epochOf(word) === epoch && phaseOf(word) === FILLING;

/** Whether a party may be counted, once the barrier is not broken. */
export const isOpen = (word: number, parties: number): boolean => phaseOf(word) === FILLING && countOf(word) < parties;

/** Counts one more party. */
export const arrive =
  (parties: number): Transition =>
  (word) =>
    isOpen(word, parties) ? word + ONE : undefined;

/** Ends the wait of the parties counted in this epoch. */
export const endFilling =
  (epoch: number, phase: number): Transition =>
  (word) =>
    isFilling(word, epoch) ? inPhase(word, phase) : undefined;

/** Breaks the barrier for a party that gives up; not once all have arrived, when the last one's action ends the wait. */
export const giveUp =
  (epoch: number, parties: number): Transition =>
  (word) =>
    isFilling(word, epoch) && countOf(word) < parties ? inPhase(word, BROKEN) : undefined;

/** Counts down one party of this epoch; the last one makes room for the next round. */
export const leave =
  (epoch: number): Transition =>
  (word) => {
    if (epochOf(word) !== epoch) return undefined;
    const last = countOf(word) === 1 && phaseOf(word) !== BROKEN;
    return last ? inPhase(word - ONE, FILLING) : word - ONE;
  };

/** Breaks it, for all. */
export const abort: Transition = (word) => (phaseOf(word) === BROKEN ? undefined : inPhase(word, BROKEN));

/** Makes it whole and empty. Parties that are leaving, or about to leave, do so as if the call had come a moment later. */
export const reset =
  (parties: number): Transition =>
  (word) => {
    const phase = phaseOf(word);
    const count = countOf(word);
    if (phase === DRAINING || phase === RESETTING || (phase === FILLING && count % parties === 0)) return undefined;
    return inPhase(word, count === 0 ? FILLING : RESETTING);
  };
