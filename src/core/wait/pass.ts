/**
 * The form in which algorithms are written, so that one text serves the blocking driver (`block.ts`), the async
 * driver (`async-queue.ts`) and the checker.
 *
 * A *pass* is one turn of a retry loop: it looks at shared memory, tries to get what is wanted, and, if that is not
 * available, leaves evidence that somebody waits. All that survives from one pass to the next is one small integer, the
 * state, and what shared memory holds. The driver reads the gate *before* the pass and sleeps on the gate at the value it
 * read; an agent that gives the waiter reason to go on changes the gate before it notifies. So a change that comes after
 * the pass keeps the driver from falling asleep, and one that comes before it is seen by the pass.
 *
 * A woken waiter owes something: it either gets what it wants, keeping its kind's evidence, or it leaves the evidence
 * again, even when its time is up. Otherwise those behind it would sleep on with nobody to wake them.
 */

/**
 * One pass of an algorithm.
 *
 * @param words the arena
 * @param cell the primitive's cell
 * @param me the caller as named in owner words: `id << OWNER_SHIFT`, and TASK when it is an async task
 * @param state what survived from previous passes: bits LOOK … LAST, and above them what the algorithm itself put
 *   there for the first pass
 * @returns GOT, AGAIN, BUSY, SLEEP, SLEEP_BRIEFLY, OWN_TASK or OWNER_DIED
 */
export type Pass = (words: Int32Array, cell: number, me: number, state: number) => number;

// --- what survives ----------------------------------------------------------------------------------------------
/** Only look: a spinning driver may come again soon, so write no evidence. */
export const LOOK = 1;
/** Has slept, or tried to, since the wait began: owes its kind's evidence to those behind it. */
export const SLEPT = 2;
/** Has waited for STARVING_MS or longer. */
export const STARVED = 4;
/** A reservation for somebody else was respected for LAPSE_MS and has lapsed. */
export const LAPSED = 8;
/** The time is up: this pass is the last, made to leave the evidence; the driver does not sleep after it. */
export const LAST = 16;
/** The first bit of a state that belongs to the algorithm itself. */
export const OWN_SHIFT = 5;

// --- what a pass answers ----------------------------------------------------------------------------------------
export const GOT = 0;
/** Another agent was faster by one access: make another pass at once. */
export const AGAIN = 1;
/** Under LOOK: it cannot be taken now, but may be soon. */
export const BUSY = 2;
/** It cannot be taken; evidence that somebody waits has been left. */
export const SLEEP = 3;
/** Nobody has it, but it is reserved: sleep for at most LAPSE_MS. */
export const SLEEP_BRIEFLY = 4;
/** An async task of the calling agent holds it, and cannot proceed while the agent blocks. */
export const OWN_TASK = 5;
/** Its holder died, and nobody gets it until it has been recovered. */
export const OWNER_DIED = 6;

/** How long a waiter is passed over before what it waits for is reserved for its kind, in ms. */
export const STARVING_MS = 1;
/** How long others respect a reservation, in ms. */
export const LAPSE_MS = 10;

/**
 * Leaves evidence in a word that somebody waits, unless it is already there.
 *
 * @param index the word
 * @param seen what the pass read there
 * @returns false when the word has changed meanwhile: the pass must answer AGAIN
 */
export const leaveEvidence = (words: Int32Array, index: number, seen: number, evidence: number): boolean =>
  (seen & evidence) === evidence || Atomics.compareExchange(words, index, seen, seen | evidence) === seen;
