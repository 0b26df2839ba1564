/**
 * The two sides of a ring of items, after the two-lock queue of Michael and Scott: producers meet at one latch,
 * consumers at another, and the two sides share no cache line that is written for every item. The words stand in cells
 * of an arena, the bytes of the items in memory of their own (segments.ts).
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
 *        12     DEATHS    how many agents have ended that may have had items which were not done (core/memory/records.ts)
 *        13..15 undo      of DEATHS; zeros where items are done once they are taken. Written once
 *
 * side   0     descriptor
 *        1, 2  gates of blocked agents and of tasks
 *        3     LATCH_WORD an owner word (core/memory/owner.ts): who is at work here, and who sleeps until it ends
 *        4     RING       the index of the ring's cell; written once
 *        5     COUNT      how many items were put, or taken; wraps. The latch's holder writes it, and reads it plainly
 *        6     KNOWN      the other side's count as it was seen some time ago; the latch's holder's, plainly
 *        7, 8  AT         where the next item begins, of even counts and of odd ones; the latch's holder's, but that
 *                         producers look where consumers are
 *        9, 10 SEGMENT    in which segment that is, likewise; of the put side only, plainly
 *        11    DONE       how many items are done; of the get side only
 *        12    SEEN       of the get side: up to how many DEATHS it is known that no item is left of;
 *                         of the put side: FREED, how many items at the start are done. The latch's holder's, plainly
 *        13, 14 FREED_AT  of the put side: where the first item is that is not done, as AT
 *        13    ROOM       of the get side: how many items that stay until they are done have made room
 *
 * STATE  9         8      7, 6        5, 4         3, 2       1, 0
 *  +---------+------+-----------+------------+----------+----------+
 *  | DROPPED | SHUT | for bytes | until done | for room | for item |   each pair ASYNC, BLOCKED
 *  +---------+------+-----------+------------+----------+----------+
 * ```
 *
 * **Each step leaves it whole.** An item is put by one store, that of the put side's COUNT: its bytes, and the place of
 * the next one, are written before, the place into that AT which the count so far does not select. Whoever dies earlier
 * has put nothing, and the next producer writes over it. An item is taken by the store of the get side's COUNT,
 * likewise; whoever dies earlier has taken nothing, and one who dies later has taken just this one. So a latch guards
 * nothing that has to be repaired, and the death of its holder frees it.
 *
 * **No wake-up is lost.** Consumers are alike: whoever is woken may take whatever item there is. One sleeps only (a)
 * after it has read its gate, and then seen the latch held and seen or set BLOCKED in LATCH_WORD by a compare-and-swap
 * of the word in which it is held; or (b) after it has read its gate, then seen its bit in STATE, and then seen that
 * there is no item. Whoever ends (a), by a release, finds the bit in the word; whoever ends (b), by a store of COUNT,
 * loads STATE after it and finds the bit there. Either takes the bit out, changes the gate, and notifies one; who is
 * notified owes the bit to those behind it, and leaves it in LATCH_WORD when it takes the latch. A release that finds
 * the bit, and no item for those that sleep, moves it to STATE, so that the next item wakes them. The same holds for
 * producers, with room in the place of an item. Only the memory that an item takes makes producers unlike: who finds
 * too little of it waits by itself, at the ring's gates, until something is taken; then all of those look again.
 *
 * **What is taken may go back**, where items stay until they are done: the second word of an item says which agent has
 * taken it, or that it is done. So producers use the memory of those items again that are done up to the first that is
 * not. When an agent ends, DEATHS grows, and everybody looks again; then the next consumer, whose latch keeps the others
 * out, looks for items of the dead, and takes the first in their place.
 *
 * **Fairness** is a semaphore's (sync/semaphore.ts): who is passed over for STARVING_MS has the latch reserved for its
 * kind.
 */
import { GATE, type Kind, LATCH, PLAIN } from '../../core/memory/cells.js';
import type { Member } from '../../core/memory/member.js';
import {
  ASYNC,
  BLOCKED,
  BLOCKED_WAITER,
  ownerOf,
  STARVING,
  STARVING_TASK,
  TASK,
  WAITER_BITS,
  waiterKind,
} from '../../core/memory/owner.js';
import { UNDO_WORDS } from '../../core/memory/records.js';
import {
  AGAIN,
  BUSY,
  GOT,
  LAPSED,
  LAST,
  LOOK,
  leaveEvidence,
  OWN_SHIFT,
  SLEEP,
  SLEEP_BRIEFLY,
  SLEPT,
  STARVED,
} from '../../core/wait/pass.js';
import { wake } from '../../core/wait/wake.js';
import { isOpen } from './ends.js';

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
/** What the kinds of all cells that are rings have alike. */
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
/** How many items have made room; of the get side only. */
export const ROOM = SEEN + 1;
export const FREED = SEEN;
export const FREED_AT = FREED + 1;
export const SIDE: Kind = { name: 'side of a ring', code: 21, gates: GATES, role: LATCH, words: FREED_AT + 2 };

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
const SLEEPERS = BLOCKED | ASYNC;

// --- what a wait begins with -------------------------------------------------------------------------------------
/** Wait for the latch, but not for an item, or for room: without it, GOT is answered and the latch not taken. */
export const AT_ONCE = 1 << OWN_SHIFT;
/** Of a count, what fits into the state of a wait. */
const COUNT_MASK = 2 ** (31 - OWN_SHIFT) - 1;
/** Wait until more items have made room than so many. */
export const oncePast = (made: number): number => (made & COUNT_MASK) << OWN_SHIFT;

const RESERVED = STARVING | STARVING_TASK;
/** What a pass knows of its member: the tasks of its own agent are told by the gate, like all others. */
const inPass = (words: Int32Array): Waker => ({ words, queues: new Map() });
type Waker = Pick<Member, 'words' | 'queues'>;

// --- what there is ------------------------------------------------------------------------------------------------

/**
 * Whether there was, at some moment of the call, nothing to take. The count that only grows up to the other is read
 * first.
 */
export function isEmpty(words: Int32Array, ring: number): boolean {
  const taken = Atomics.load(words, words[ring + GET_SIDE] + COUNT);
  return Atomics.load(words, words[ring + PUT_SIDE] + COUNT) === taken;
}

/** Whether items stay until they are said to be done, and go back when the agent dies that has taken them. */
export const keepsTaken = (words: Int32Array, ring: number): boolean => words[ring + DEATHS + UNDO_WORDS] !== 0;

/** Whether an agent has ended since somebody looked which items are left of the dead. */
export const mayGoBack = (words: Int32Array, ring: number): boolean =>
  Atomics.load(words, ring + DEATHS) !== Atomics.load(words, words[ring + GET_SIDE] + SEEN);

/** Whether there is nothing to take, neither an item that nobody has taken nor perhaps one that has gone back. */
const hasNone = (words: Int32Array, ring: number): boolean => isEmpty(words, ring) && !mayGoBack(words, ring);

/**
 * A number that grows when an item has made room in the memory: when it was taken; or, where items stay until they are done,
 * when it is, which one that dies may not have had the time to say.
 */
export function roomMade(words: Int32Array, ring: number): number {
  const side = words[ring + GET_SIDE];
  if (!keepsTaken(words, ring)) return Atomics.load(words, side + COUNT);
  return (Atomics.load(words, side + ROOM) + Atomics.load(words, ring + DEATHS)) | 0;
}

/** Whether one more may be put, as far as counts go; if not, that was so at some moment of the call. */
export function hasRoom(words: Int32Array, ring: number): boolean {
  const most = words[ring + MAX_SIZE];
  if (most === 0) return true;
  const put = Atomics.load(words, words[ring + PUT_SIDE] + COUNT);
  const taken = Atomics.load(words, words[ring + GET_SIDE] + COUNT);
  return ((put - taken) | 0) < most;
}

/**
 * Whether nothing can be taken any more. A producer that is at work may have begun before the ring was shut; one that
 * comes after that finds it so, and puts nothing.
 */
export function isEnded(words: Int32Array, ring: number, status: number = Atomics.load(words, ring + STATE)): boolean {
  if ((status & DROPPED) !== 0) return true;
  if (!isShut(words, ring, status)) return false;
  const putter = ownerOf(Atomics.load(words, words[ring + PUT_SIDE] + LATCH_WORD));
  return putter === 0 && hasNone(words, ring);
}

// --- passes -------------------------------------------------------------------------------------------------------

/** One pass of a producer: gets the put side's latch while there is room. GOT without it says that the ring is shut. */
export function putPass(words: Int32Array, side: number, me: number, state: number): number {
  const ring = words[side + RING];
  const status = Atomics.load(words, ring + STATE);
  if (isShut(words, ring, status)) return GOT;
  if (!hasRoom(words, ring)) return missing(words, ring, status, FOR_ROOM, me, state);
  const answer = takeLatch(words, side, me, state);
  if (answer !== GOT || (!isShut(words, ring) && hasRoom(words, ring))) return answer;
  leavePut(inPass(words), side, me);
  return AGAIN;
}

/** One pass of a consumer: gets the get side's latch while there is an item. GOT without it says that all is over. */
export function getPass(words: Int32Array, side: number, me: number, state: number): number {
  const ring = words[side + RING];
  const status = Atomics.load(words, ring + STATE);
  if (isEnded(words, ring, status)) return GOT;
  if (hasNone(words, ring)) return missing(words, ring, status, FOR_ITEM, me, state);
  const answer = takeLatch(words, side, me, state);
  if (answer !== GOT || (!isDropped(words, ring) && !hasNone(words, ring))) return answer;
  leaveGet(inPass(words), side, me);
  return AGAIN;
}

/**
 * One pass of waiting for an item, or for the end, without taking it. Whoever has slept until GOT has perhaps had
 * the wake of one who would have taken it, and wakes that one: see `wakeNext`.
 */
export function lookPass(words: Int32Array, side: number, me: number, state: number): number {
  const ring = words[side + RING];
  const status = Atomics.load(words, ring + STATE);
  if (isEnded(words, ring, status) || !hasNone(words, ring)) return GOT;
  return missing(words, ring, status, FOR_ITEM, me, state);
}

/**
 * One pass of waiting until more items have made room in the memory than the state says; or until shut.
 */
export function bytesPass(words: Int32Array, ring: number, me: number, state: number): number {
  const status = Atomics.load(words, ring + STATE);
  const made = roomMade(words, ring);
  if (isShut(words, ring, status) || (made & COUNT_MASK) !== state >>> OWN_SHIFT) return GOT;
  return missing(words, ring, status, FOR_BYTES, me, state & (LOOK | LAST));
}

/** Whether nothing is put any more: somebody has said so, or nobody is left at one end of a pipe. */
export function isShut(words: Int32Array, ring: number, status: number = Atomics.load(words, ring + STATE)): boolean {
  if ((status & SHUT) !== 0) return true;
  const one = words[ring + ENDS];
  return one !== 0 && !(isOpen(Atomics.load(words, one)) && isOpen(Atomics.load(words, words[ring + ENDS + 1])));
}

export const isDropped = (words: Int32Array, ring: number): boolean =>
  (Atomics.load(words, ring + STATE) & DROPPED) !== 0;

/** There is not what is waited for: sleeps once the bit was seen in STATE before that was found. */
function missing(words: Int32Array, ring: number, status: number, shift: number, me: number, state: number): number {
  const atOnce = (state & AT_ONCE) !== 0;
  if ((state & LOOK) !== 0) return atOnce ? GOT : BUSY;
  const bit = BLOCKED << (shift + waiterKind(me));
  if ((status & bit) === 0) {
    leaveEvidence(words, ring + STATE, status, bit);
    return AGAIN;
  }
  return atOnce ? GOT : SLEEP;
}

function takeLatch(words: Int32Array, side: number, me: number, state: number): number {
  const word = Atomics.load(words, side + LATCH_WORD);
  const kind = waiterKind(me);
  if (ownerOf(word) === 0 && mayTake(word, kind, state)) {
    // The reservation is used up. Where it has lapsed, its claimant may be gone; if not, it will ask again.
    const used = (state & LAPSED) === 0 ? STARVING << kind : RESERVED;
    // Agents are woken one at a time, so the one that was answers for those that still sleep. Tasks are all woken.
    const owed = kind === BLOCKED_WAITER && (state & SLEPT) !== 0 ? BLOCKED : 0;
    const next = holderOf(me) | (word & ~used) | owed;
    return Atomics.compareExchange(words, side + LATCH_WORD, word, next) === word ? GOT : AGAIN;
  }
  if ((state & LOOK) !== 0) return ownerOf(word) !== 0 ? BUSY : SLEEP;
  const evidence = (BLOCKED << kind) | ((state & STARVED) === 0 ? 0 : STARVING << kind);
  if (!leaveEvidence(words, side + LATCH_WORD, word, evidence)) return AGAIN;
  return ownerOf(word) === 0 ? SLEEP_BRIEFLY : SLEEP;
}

/** Whether a waiter may take the latch, which nobody holds. */
function mayTake(word: number, kind: number, state: number): boolean {
  // One whose time is up gives nobody the chance to sleep on it, so it takes what is there.
  if ((word & RESERVED) === 0 || (state & (LAPSED | LAST)) !== 0) return true;
  return (word & (STARVING << kind)) !== 0 && (state & SLEPT) !== 0;
}

/** A latch is held for a call, in which no task of the agent has its turn: agents and tasks hold it alike. */
const holderOf = (me: number): number => me & ~TASK;

/** Whether the agent holds the latch. */
export const holdsLatch = (words: Int32Array, side: number, me: number): boolean =>
  ownerOf(Atomics.load(words, side + LATCH_WORD)) === ownerOf(me);

// --- releases and wakes ---------------------------------------------------------------------------------------------

/**
 * Ends the work of a producer, which may have put an item: frees the latch, and wakes who waits for an item, or the
 * end.
 */
export function leavePut(waker: Waker, side: number, me: number): void {
  const { words } = waker;
  const ring = words[side + RING];
  if (!freeAtOnce(words, side, me)) freeSlowly(waker, side, FOR_ROOM, () => hasRoom(words, ring));
  if ((Atomics.load(words, ring + STATE) & (SLEEPERS << FOR_ITEM)) !== 0)
    wakeFor(waker, ring, words[ring + GET_SIDE] + GATE, FOR_ITEM, wakesOf(words, ring));
}

/** Ends the work of a consumer, which may have taken an item: frees the latch, and wakes who waits for room. */
export function leaveGet(waker: Waker, side: number, me: number): void {
  const { words } = waker;
  const ring = words[side + RING];
  if (!freeAtOnce(words, side, me)) freeSlowly(waker, side, FOR_ITEM, () => !hasNone(words, ring));
  const status = Atomics.load(words, ring + STATE);
  if ((status & (SLEEPERS << FOR_ROOM)) !== 0)
    wakeFor(waker, ring, words[ring + PUT_SIDE] + GATE, FOR_ROOM, wakesOf(words, ring));
  if ((status & (SLEEPERS << FOR_BYTES)) !== 0) wakeFor(waker, ring, ring + BYTES_GATE, FOR_BYTES, Infinity);
}

const freeAtOnce = (words: Int32Array, side: number, me: number): boolean =>
  Atomics.compareExchange(words, side + LATCH_WORD, holderOf(me), 0) === holderOf(me);

/** @param goesOn whether there is something for those that sleep */
function freeSlowly(waker: Waker, side: number, shift: number, goesOn: () => boolean): void {
  const { words } = waker;
  const ring = words[side + RING];
  const seen = Atomics.and(words, side + LATCH_WORD, WAITER_BITS);
  if (isShut(words, ring) || goesOn()) {
    const bits = Atomics.and(words, side + LATCH_WORD, ~SLEEPERS);
    const woken = wake(waker, side + GATE, bits, wakesOf(words, ring));
    if (woken > 0 || (bits & RESERVED) === 0) return;
    // The starving one has given up, as nobody was asleep. Others may have begun to wait because of its reservation,
    // and it would take them LAPSE_MS to notice.
    wake(waker, side + GATE, Atomics.and(words, side + LATCH_WORD, ~(RESERVED | SLEEPERS)), wakesOf(words, ring));
    return;
  }
  // Agents sleep on, and the other side is to wake them; tasks look again, since all of them are woken in any case.
  if ((seen & BLOCKED) !== 0) Atomics.or(words, ring + STATE, BLOCKED << shift);
  const bits = Atomics.and(words, side + LATCH_WORD, ~SLEEPERS);
  // For those that saw the bit in the latch's word, and do not sleep yet.
  Atomics.add(words, side + GATE, 1);
  wake(waker, side + GATE, bits & ASYNC, 0);
  if (isShut(words, ring) || goesOn()) wakeFor(waker, ring, side + GATE, shift, wakesOf(words, ring));
}

/** How many are to be woken: one, who answers for the next; but all where each of them only finds that it is over. */
const wakesOf = (words: Int32Array, ring: number): number => (isShut(words, ring) ? Infinity : 1);

/**
 * Wakes those of whom STATE says that they wait.
 *
 * @param gate where the agents do; the tasks' is the next word
 * @param agents how many agents to wake
 */
export function wakeFor(waker: Waker, ring: number, gate: number, shift: number, agents: number): void {
  wake(waker, gate, Atomics.and(waker.words, ring + STATE, ~(SLEEPERS << shift)) >> shift, agents);
}

/** Passes on the wake that one has had who took nothing. */
export function wakeNext(waker: Waker, side: number): void {
  wake(waker, side + GATE, SLEEPERS, 1);
}

/** Has everybody look who waits for something of a ring. */
export function wakeAll(waker: Waker, ring: number): void {
  const { words } = waker;
  const cells = [ring, words[ring + PUT_SIDE], words[ring + GET_SIDE]];
  for (const gate of [...cells.map((cell) => cell + GATE), ring + BYTES_GATE]) wake(waker, gate, SLEEPERS, Infinity);
}

/**
 * Shuts a ring.
 *
 * @param bits SHUT, or SHUT and DROPPED
 */
export function shut(waker: Waker, ring: number, bits: number): void {
  Atomics.or(waker.words, ring + STATE, bits);
  wakeAll(waker, ring);
}
