/**
 * Retirement: what is done about an agent that has ended.
 *
 * It may have died asleep, having swallowed the wake of another, or between its wake-up and its next step. So everybody is
 * woken; and every gate is *changed* first, for those that are about to sleep.
 */
import { eachCell, GATE, gatesOf, LATCH, OWNED, RECORD, roleAt, SHARED } from './cells.js';
import { orphan, orphanShared, takeFromRetired } from './death.js';
import { agentIn, isExclusively, ownerOf, WAITER_BITS } from './owner.js';
import { undoRecord } from './records.js';
import { BELL } from './region.js';
import { becomeRetirer, condemn, eachUnretired, freeSlot, isLive } from './slots.js';
import { giveBackAll, holdsBy } from './tally.js';

/**
 * Ends the memberships of an agent that died, and of all whose retirement was left half done: undoes its waiting,
 * abandons what it holds, and frees its slot under the next generation.
 *
 * @param me the id of whoever does it
 * @returns false when the agent was retired before
 */
export function retireFrom(words: Int32Array, agent: number, me: number): boolean {
  if (!condemn(words, agent)) return false;
  retireAll(words, me);
  return true;
}

/** Retires the dead whose retirement was left half done, or not begun. */
export function retireAll(words: Int32Array, me: number): void {
  // What one of them has in its hands may be in the way of another.
  for (let another = true; another; ) {
    another = false;
    eachUnretired(words, me, (dead) => {
      if (!sweep(words, dead)) return false;
      freeSlot(words, dead);
      another = true;
      return true;
    });
  }
}

/**
 * Ends the membership of the calling agent, which is live until nothing is left of it: if it dies on the way, its death is
 * found like any other.
 */
export function leaveFrom(words: Int32Array, agent: number): void {
  if (!isLive(words, agent) || !becomeRetirer(words, agent, agent)) return;
  const isDone = sweep(words, agent);
  if (condemn(words, agent) && isDone) freeSlot(words, agent);
}

/** Whether an agent has anything that another may wait for. */
export function holdsAnything(words: Int32Array, agent: number): boolean {
  let holds = false;
  eachCell(words, (index, gates, role) => {
    const word = Atomics.load(words, index + GATE + gates);
    if (role === OWNED || role === LATCH) holds ||= agentIn(word) === agent;
    if (role === SHARED) holds ||= isExclusively(word, agent);
    if (role === RECORD) holds ||= holdsBy(words, index, agent);
  });
  return holds;
}

/** @returns whether nothing is left to do; if something is, in a little while */
function sweep(words: Int32Array, agent: number): boolean {
  let isDone = true;
  eachCell(words, (index, gates, role) => {
    if (role === RECORD) {
      if (giveBackAll(words, index, agent)) undoRecord(words, index, agent);
      else isDone = false;
    }
    if (role === OWNED) orphan(words, index + GATE + gates, agent);
    if (role === SHARED) orphanShared(words, index + GATE + gates, agent);
  });
  eachCell(words, (index, gates, role) => {
    if (role === LATCH) freeLatch(words, index + gates + 1, agent);
    wakeAt(words, index, gates);
  });
  if (Atomics.load(words, BELL) !== 0) wakeGate(words, BELL);
  return isDone;
}

/** Changes all gates of a cell, and wakes everybody who sleeps on them. */
function wakeAt(words: Int32Array, cell: number, gates: number): void {
  for (let gate = cell + GATE; gate < cell + GATE + gates; gate++) wakeGate(words, gate);
}

function wakeGate(words: Int32Array, gate: number): void {
  Atomics.add(words, gate, 1);
  Atomics.notify(words, gate);
}

/**
 * Sees to it that nobody waits for what an agent holds that was retired before it took it: nobody will retire it again.
 *
 * @param cell what is waited for
 * @param me the id of whoever waits
 */
export function freeFromRetired(words: Int32Array, cell: number, me: number): void {
  const role = roleAt(words, cell);
  if (role !== OWNED && role !== SHARED) return;
  const gates = gatesOf(words, cell);
  if (takeFromRetired(words, cell + GATE + gates, role, me)) wakeAt(words, cell, gates);
}

/** Frees a latch that a dead agent holds; whoever retires it a second time must not free it for its next holder. */
function freeLatch(words: Int32Array, latch: number, agent: number): void {
  for (;;) {
    const word = Atomics.load(words, latch);
    if (ownerOf(word) !== agent) return;
    if (Atomics.compareExchange(words, latch, word, word & WAITER_BITS) === word) return;
  }
}
