/** What is owed to the waiters at a ring: how a latch is freed, and who is woken. */
import { GATE } from '../../core/memory/cells.js';
import type { Member } from '../../core/memory/member.js';
import {
  ASYNC,
  BLOCKED,
  BLOCKED_WAITER,
  STARVING,
  STARVING_TASK,
  TASK_WAITER,
  WAITER_BITS,
} from '../../core/memory/owner.js';
import { BELL } from '../../core/memory/region.js';
import { wake, wakeBlocked } from '../../core/wait/wake.js';
import {
  BYTES_GATE,
  FOR_BYTES,
  FOR_ITEM,
  FOR_ROOM,
  GET_SIDE,
  LATCH_WORD,
  PUT_SIDE,
  RING,
  SLEEPERS,
  STATE,
  TOGETHER,
} from './sides.js';
import { hasNone, hasRoom, holderOf, isShut } from './states.js';

/** What wakes need of a member. */
export type Waker = Pick<Member, 'words' | 'queues'>;
/** For whom a latch may be reserved. */
export const RESERVED = STARVING | STARVING_TASK;

/**
 * Ends the work of a producer, which may have put an item: frees the latch, and wakes waiters for an item, or for the
 * end.
 *
 * @param owing whether blocked agents sleep on if nobody else waits: the caller owes them `wakeForItem`
 */
export function leavePut(waker: Waker, side: number, me: number, owing = false): void {
  const { words } = waker;
  const ring = words[side + RING];
  if (!freeAtOnce(words, side, me)) freeSlowly(waker, side, FOR_ROOM, () => hasRoom(words, ring));
  wakeForItem(waker, ring, owing ? ASYNC : SLEEPERS);
}

/**
 * Wakes waiters for an item, or for the end.
 *
 * @param kinds of which one must be waiting for any waiter to be woken
 */
export function wakeForItem(waker: Waker, ring: number, kinds = SLEEPERS): void {
  const { words } = waker;
  const status = Atomics.load(words, ring + STATE);
  if ((status & ((kinds << FOR_ITEM) | TOGETHER)) === 0) return;
  if ((status & TOGETHER) !== 0) ringBell(words, ring);
  if ((status & (SLEEPERS << FOR_ITEM)) !== 0)
    wakeFor(waker, ring, words[ring + GET_SIDE] + GATE, FOR_ITEM, wakesOf(words, ring));
}

/**
 * Ends the work of a consumer, which may have taken an item: frees the latch, and wakes waiters for room.
 *
 * @returns what STATE was after that
 */
export function leaveGet(waker: Waker, side: number, me: number): number {
  const { words } = waker;
  const ring = words[side + RING];
  if (!freeAtOnce(words, side, me)) freeSlowly(waker, side, FOR_ITEM, () => !hasNone(words, ring));
  return wakeForRoom(waker, ring);
}

/** Wakes waiters for room. @returns what STATE was */
export function wakeForRoom(waker: Waker, ring: number): number {
  const { words } = waker;
  const status = Atomics.load(words, ring + STATE);
  if ((status & (SLEEPERS << FOR_ROOM)) !== 0)
    wakeFor(waker, ring, words[ring + PUT_SIDE] + GATE, FOR_ROOM, wakesOf(words, ring));
  if ((status & (SLEEPERS << FOR_BYTES)) !== 0) wakeFor(waker, ring, ring + BYTES_GATE, FOR_BYTES, Infinity);
  return status;
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
    // The starving one has given up, since nobody was asleep. Others may have begun to wait because of its reservation,
    // and it would take them LAPSE_MS to notice.
    wake(waker, side + GATE, Atomics.and(words, side + LATCH_WORD, ~(RESERVED | SLEEPERS)), wakesOf(words, ring));
    return;
  }
  // Agents sleep on, and the other side must wake them; tasks look again, since all of them are woken in any case.
  if ((seen & BLOCKED) !== 0) Atomics.or(words, ring + STATE, BLOCKED << shift);
  const bits = Atomics.and(words, side + LATCH_WORD, ~SLEEPERS);
  // For those that saw the bit in the latch's word, and do not sleep yet.
  Atomics.add(words, side + GATE, 1);
  wake(waker, side + GATE, bits & ASYNC, 0);
  if (isShut(words, ring) || goesOn()) wakeFor(waker, ring, side + GATE, shift, wakesOf(words, ring));
}

/** How many to wake: one, which answers for the next; but all if each of them only finds that it is over. */
const wakesOf = (words: Int32Array, ring: number): number => (isShut(words, ring) ? Infinity : 1);

/**
 * Wakes those that STATE shows to be waiting.
 *
 * @param gate where the agents wait; the tasks' is the next word
 * @param agents how many agents to wake
 */
export function wakeFor(waker: Waker, ring: number, gate: number, shift: number, agents: number): void {
  wake(waker, gate, Atomics.and(waker.words, ring + STATE, ~(SLEEPERS << shift)) >> shift, agents);
}

/** Wakes those that wait for this ring and others. */
function ringBell(words: Int32Array, ring: number): void {
  if ((Atomics.and(words, ring + STATE, ~TOGETHER) & TOGETHER) !== 0) wakeBlocked(words, BELL, Infinity);
}

/** Passes on the wake of a waiter that took nothing. */
export function wakeNext(waker: Waker, side: number): void {
  wake(waker, side + GATE, SLEEPERS, 1);
}

/** Makes all that wait for something of a ring look again. */
export function wakeAll(waker: Waker, ring: number): void {
  const { words } = waker;
  for (const gate of pairsOf(words, ring)) wake(waker, gate, SLEEPERS, Infinity);
  ringBell(words, ring);
}

/** The gates of all that wait for something of a ring, or of this one among others. */
export const gatesOf = (words: Int32Array, ring: number): number[] => [
  ...pairsOf(words, ring).flatMap((gate) => [gate + BLOCKED_WAITER, gate + TASK_WAITER]),
  BELL,
];

/** The first of each pair of gates of a ring: that of agents; the tasks' is the next word. */
const pairsOf = (words: Int32Array, ring: number): number[] => [
  ...[ring, words[ring + PUT_SIDE], words[ring + GET_SIDE]].map((cell) => cell + GATE),
  ring + BYTES_GATE,
];

/**
 * Shuts a ring.
 *
 * @param bits SHUT, or SHUT and DROPPED
 */
export function shut(waker: Waker, ring: number, bits: number): void {
  Atomics.or(waker.words, ring + STATE, bits);
  wakeAll(waker, ring);
}
