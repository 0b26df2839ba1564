/** The states of a ring: whether there is something to take, whether there is room, whether it is over. */
import { ownerOf, TASK } from '../../core/memory/owner.js';
import { UNDO_WORDS } from '../../core/memory/records.js';
import { isOpen } from './ends.js';
import {
  COUNT,
  DEATHS,
  DISCARDED,
  DONE,
  DROPPED,
  ENDS,
  GET_SIDE,
  LATCH_WORD,
  MAX_SIZE,
  PUT_SIDE,
  SEEN,
  SHUT,
  STATE,
} from './sides.js';

/**
 * Whether there was, at some moment of the call, nothing to take. The count that only grows up to the other is read
 * first.
 */
export function isEmpty(words: Int32Array, ring: number): boolean {
  const taken = Atomics.load(words, words[ring + GET_SIDE] + COUNT);
  return Atomics.load(words, words[ring + PUT_SIDE] + COUNT) === taken;
}

/** Whether items stay until they are reported as done, and go back when the agent that has taken them dies. */
export const keepsTaken = (words: Int32Array, ring: number): boolean => words[ring + DEATHS + UNDO_WORDS] !== 0;

/** Whether an agent has ended since the items that the dead left were last looked for. */
const mayGoBack = (words: Int32Array, ring: number): boolean =>
  Atomics.load(words, ring + DEATHS) !== Atomics.load(words, words[ring + GET_SIDE] + SEEN);

/** Whether there is nothing to take, neither an item that nobody has taken nor perhaps one that has gone back. */
export const hasNone = (words: Int32Array, ring: number): boolean => isEmpty(words, ring) && !mayGoBack(words, ring);

/**
 * A number that grows when an item has made room in the memory: when it was taken; or, if items stay until they are
 * done, when it is done, and when an agent ends, which may not have had the time to report that.
 */
export function roomMade(words: Int32Array, ring: number): number {
  const side = words[ring + GET_SIDE];
  if (!keepsTaken(words, ring)) return Atomics.load(words, side + COUNT);
  return (Atomics.load(words, side + DONE) + Atomics.load(words, ring + DEATHS)) | 0;
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

/** Whether nothing is put any more: the ring was shut, or nobody is left at one end of a pipe. */
export function isShut(words: Int32Array, ring: number, status: number = Atomics.load(words, ring + STATE)): boolean {
  if ((status & SHUT) !== 0) return true;
  const one = words[ring + ENDS];
  return one !== 0 && !(isOpen(Atomics.load(words, one)) && isOpen(Atomics.load(words, words[ring + ENDS + 1])));
}

export const isDropped = (words: Int32Array, ring: number): boolean =>
  (Atomics.load(words, ring + STATE) & DROPPED) !== 0;

/** Whether items that are there are not taken any more. */
export const isUnread = (words: Int32Array, ring: number): boolean =>
  isDropped(words, ring) || (words[ring + ENDS] !== 0 && !isOpen(Atomics.load(words, words[ring + ENDS])));

/** Whether that is so, and they have not been discarded. */
export const isLeft = (words: Int32Array, ring: number): boolean =>
  (Atomics.load(words, ring + STATE) & DISCARDED) === 0 && isUnread(words, ring);

/**
 * Whether a consumer has something to come for: an item, or the end.
 *
 * @param status what STATE was, read before
 */
export const isReady = (words: Int32Array, ring: number, status: number): boolean =>
  isEnded(words, ring, status) || !hasNone(words, ring);

/** A latch is held during a call, in which no task of the agent gets its turn: agents and tasks hold it alike. */
export const holderOf = (me: number): number => me & ~TASK;

/** Whether the agent holds the latch. */
export const holdsLatch = (words: Int32Array, side: number, me: number): boolean =>
  ownerOf(Atomics.load(words, side + LATCH_WORD)) === ownerOf(me);
