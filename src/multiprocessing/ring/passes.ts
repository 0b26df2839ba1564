/** Waiting at a ring: the passes (core/wait/pass.ts) of producers, of consumers, and of waiters that only look. */

import { BLOCKED, BLOCKED_WAITER, ownerOf, STARVING, waiterKind } from '../../core/memory/owner.js';
import { BELL } from '../../core/memory/region.js';
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
import { FOR_BYTES, FOR_ITEM, FOR_ROOM, LATCH_WORD, RING, STATE, TOGETHER } from './sides.js';
import { hasNone, hasRoom, holderOf, isDropped, isEnded, isReady, isShut, roomMade } from './states.js';
import { leaveGet, leavePut, RESERVED, type Waker } from './wakes.js';

// --- what a wait begins with -------------------------------------------------------------------------------------
/** Wait for the latch, but not for an item or for room: without one, the answer is GOT and the latch is not taken. */
export const AT_ONCE = 1 << OWN_SHIFT;
/** The part of a count that fits into the state of a wait. */
const COUNT_MASK = 2 ** (31 - OWN_SHIFT) - 1;
/** Wait until more than `made` items have made room. */
export const oncePast = (made: number): number => (made & COUNT_MASK) << OWN_SHIFT;

/** What a pass knows of its member: the tasks of its own agent are told by the gate, like all others. */
const inPass = (words: Int32Array): Waker => ({ words, queues: new Map() });

/**
 * One pass of a producer: takes the put side's latch if there is room. GOT without the latch means that the ring is
 * shut.
 */
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

/** One pass of a consumer: takes the get side's latch if there is an item. GOT without the latch means that all is over. */
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
 * One pass of waiting for an item, or for the end, without taking it. A waiter that has slept until GOT may have had
 * the wake of one that would have taken the item, and wakes that one: see `wakeNext`.
 */
export function lookPass(words: Int32Array, side: number, me: number, state: number): number {
  const ring = words[side + RING];
  const status = Atomics.load(words, ring + STATE);
  if (isReady(words, ring, status)) return GOT;
  return missing(words, ring, status, FOR_ITEM, me, state);
}

/**
 * The same for a waiter that also waits for other rings of the arena, and sleeps on the arena's BELL. All that do are
 * woken, so none owes a wake to another.
 */
export function togetherPass(words: Int32Array, ring: number, _me: number, state: number): number {
  const status = Atomics.load(words, ring + STATE);
  if (isReady(words, ring, status)) return GOT;
  if ((state & LOOK) !== 0) return BUSY;
  // An agent that cleans up after the dead rings it only if somebody has ever listened.
  if (Atomics.load(words, BELL) === 0) {
    Atomics.compareExchange(words, BELL, 0, 1);
    return AGAIN;
  }
  if ((status & TOGETHER) !== 0) return SLEEP;
  leaveEvidence(words, ring + STATE, status, TOGETHER);
  return AGAIN;
}

/**
 * One pass of waiting until more items have made room in the memory than the state says; or until shut.
 */
export function bytesPass(words: Int32Array, ring: number, me: number, state: number): number {
  const status = Atomics.load(words, ring + STATE);
  const made = roomMade(words, ring);
  if (isShut(words, ring, status) || (made & COUNT_MASK) !== state >>> OWN_SHIFT) return GOT;
  return missing(words, ring, status, FOR_BYTES, me, state & LOOK);
}

/** What is waited for is not there: sleeps if the bit was seen in STATE before that was found. */
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
    // The reservation is used up. If it has lapsed, its claimant may be gone; if not, it will ask again.
    const used = (state & LAPSED) === 0 ? STARVING << kind : RESERVED;
    // Agents are woken one at a time, so the one that was woken answers for those that still sleep. Tasks are all
    // woken.
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
  // A waiter whose time is up will not sleep again, so it takes the latch, reserved or not.
  if ((word & RESERVED) === 0 || (state & (LAPSED | LAST)) !== 0) return true;
  return (word & (STARVING << kind)) !== 0 && (state & SLEPT) !== 0;
}
