/**
 * The two sides of a ring of items, after the two-lock queue of Michael and Scott: producers meet at one latch,
 * consumers at another, and the two sides share no cache line that is written for every item. The words are in cells of
 * an arena, the bytes of the items in memory of their own (segments.ts).
 *
 * ```text
 * ring   0     descriptor
 *        1, 2  gates of agents and of tasks that wait until all is done
 *        3, 4  gates of those that wait for bytes
 *        5     STATE      see below: what is rare, and who sleeps for want of something
 *        6     MAX_SIZE   the most items, or 0 for no bound; written once
 *        7, 8  PUT_SIDE, GET_SIDE: the indices of the sides' cells; written once
 *        9     MEMORY     a word of the memory's identity; written once
 *        10, 11  ENDS     the words that say whether the ends of a pipe are open (ends.ts), or 0; written once
 *        12     DEATHS    how many agents have ended that may have had items not yet done (core/memory/records.ts)
 *        13..15 undo      of DEATHS; zeros if items are done once they are taken. Written once
 *
 * side   0     descriptor
 *        1, 2  gates of blocked agents and of tasks
 *        3     LATCH_WORD an owner word (core/memory/owner.ts): who is at work here, and who sleeps until it ends
 *        4     RING       the index of the ring's cell; written once
 *        5     COUNT      how many items were put, or taken; wraps. The latch's holder writes it, and reads it plainly
 *        6     KNOWN      the other side's count as it was last seen; the latch holder's, plainly
 *        7, 8  AT         where the next item begins, for even counts and for odd ones; the latch holder's, except that
 *                         producers look where consumers are
 *        9, 10 SEGMENT    in which segment that is, likewise; of the put side only, plainly
 *        11    DONE       how many items were reported as done; of the get side only: see ledger.ts
 *        12    SEEN       of the get side: the count of DEATHS up to which it is known that no item is left;
 *                         of the put side: FREED, how many items at the start are done. The latch holder's, plainly
 *        13, 14 FREED_AT  of the put side: where the first item that is not done is, as AT
 *
 * STATE   11          10        9         8      7, 6        5, 4         3, 2       1, 0
 *  +-----------+----------+---------+------+-----------+------------+----------+----------+
 *  | DISCARDED | TOGETHER | DROPPED | SHUT | for bytes | until done | for room | for item |   each pair ASYNC, BLOCKED
 *  +-----------+----------+---------+------+-----------+------------+----------+----------+
 * ```
 *
 * **Each step leaves it consistent.** An item is put by one store, that of the put side's COUNT: its bytes, and the
 * place of the next one, are written before, the place into the AT that the count so far does not select. An agent that
 * dies before that store has put nothing, and the next producer writes over it. Likewise, an item is taken by the store
 * of the get side's COUNT; an agent that dies before it has taken nothing, and one that dies after it has taken just
 * this one. So a latch guards nothing that has to be repaired, and the death of its holder frees it.
 *
 * **No wake-up is lost.** Consumers are alike: whichever is woken may take whatever item there is. A consumer sleeps
 * only (a) after it has read its gate, and then seen the latch held and seen or set BLOCKED in LATCH_WORD by a
 * compare-and-swap of the word in which it is held; or (b) after it has read its gate, then seen its bit in STATE, and
 * then seen that there is no item. The agent that ends (a), by a release, finds the bit in the word; the one that ends
 * (b), by a store of COUNT, loads STATE after it and finds the bit there. Either clears the bit, changes the gate, and
 * notifies one waiter, which owes the bit to those behind it and leaves it in LATCH_WORD when it takes the latch. A
 * release that finds the bit, and no item for those that sleep, moves it to STATE, so that the next item wakes them.
 * The same holds for producers, with room in place of an item. Only the memory that an item takes makes producers
 * differ: one that finds too little of it waits by itself, at the ring's gates, until something is taken; then all of
 * those look again. A waiter for several rings leaves TOGETHER in each STATE, and sleeps on the one BELL of the arena.
 *
 * **A taken item may go back**, if items stay until they are done: the second word of an item records which agent has
 * taken it, or that it is done. So producers reuse the memory of the items that are done, up to the first that is not.
 * When an agent ends, DEATHS grows, and all waiters look again; then the next consumer, whose latch keeps the others
 * out, looks for items of the dead, and takes the first in their place.
 *
 * **Fairness** is a semaphore's (sync/semaphore.ts): when a waiter is passed over for STARVING_MS, the latch is
 * reserved for its kind.
 */
import { GATE, type Kind, LATCH, PLAIN } from '../../core/memory/cells.js';
import { SIDE_CODE } from '../../core/memory/codes.js';
import { ASYNC, BLOCKED } from '../../core/memory/owner.js';
import { UNDO_WORDS } from '../../core/memory/records.js';

const GATES = 2;

// --- the ring's cell --------------------------------------------------------------------------------------------
/** The gates of those that wait for bytes. */
export const BYTES_GATE = GATE + GATES;
export const STATE = BYTES_GATE + GATES;
export const MAX_SIZE = STATE + 1;
export const PUT_SIDE = MAX_SIZE + 1;
export const GET_SIDE = PUT_SIDE + 1;
export const MEMORY = GET_SIDE + 1;
export const ENDS = MEMORY + 1;
/** What the kinds of all cells that are rings have in common. */
export const DEATHS = ENDS + 2;
export const RING_CELL = { gates: 2 * GATES, role: PLAIN, words: DEATHS + 1 + UNDO_WORDS } as const;

// --- a side's cell ----------------------------------------------------------------------------------------------
export const LATCH_WORD = GATE + GATES;
export const RING = LATCH_WORD + 1;
export const COUNT = RING + 1;
export const KNOWN = COUNT + 1;
export const AT = KNOWN + 1;
export const SEGMENT = AT + 2;
export const DONE = SEGMENT + 2;
export const SEEN = DONE + 1;
export const FREED = SEEN;
export const FREED_AT = FREED + 1;
export const SIDE: Kind = { name: 'side of a ring', code: SIDE_CODE, gates: GATES, role: LATCH, words: FREED_AT + 2 };

// --- STATE ------------------------------------------------------------------------------------------------------
/** By how much the bits BLOCKED and ASYNC are shifted, by what is waited for. */
export const FOR_ITEM = 0;
export const FOR_ROOM = 2;
export const UNTIL_DONE = 4;
export const FOR_BYTES = 6;
/** Nothing is put any more. */
export const SHUT = 1 << 8;
/** Nothing is taken any more, either. */
export const DROPPED = 1 << 9;
/** Some agent sleeps until there is something to take here, or at another ring; see core/memory/region.ts, BELL. */
export const TOGETHER = 1 << 10;
/** The items that nobody takes any more have been discarded. */
export const DISCARDED = 1 << 11;
/** The two bits of a pair. */
export const SLEEPERS = BLOCKED | ASYNC;
