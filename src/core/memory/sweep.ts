/**
 * Retirement: cleaning up after an agent that has ended.
 *
 * It may have died asleep, having swallowed a wake meant for another, or between its wake-up and its next step. So
 * everybody is woken, and every gate is *changed* first, for agents that are about to sleep.
 */
import { eachCell, GATE, gatesOf, LATCH, OWNED, RECORD, roleAt, SHARED } from './cells.js';
import { orphan, orphanShared, takeFromRetired } from './death.js';
import { agentIn, isExclusively, ownerOf, WAITER_BITS } from './owner.js';
import { undoRecord } from './records.js';
import { BELL } from './region.js';
import { becomeRetirer, condemn, eachUnretired, freeSlot, isLive } from './slots.js';
import { giveBackAll, holdsBy } from './tally.js';

/**
 * Ends the membership of an agent that died, and of all whose retirement was left half done: undoes its waiting, abandons
 * what it holds, and frees its slot under the next generation.
 *
 * @param me the id of the agent that does it
 * @returns false when the agent had already been retired
 */
export function retireFrom(words: Int32Array, agent: number, me: number): boolean {
  if (!condemn(words, agent)) return false;
  retireAll(words, me);
  return true;
}

/** Retires the dead agents whose retirement was left half done or not begun. */
export function retireAll(words: Int32Array, me: number): void {
  // Something that one of them holds may block the retirement of another.
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
 * Ends the membership of the calling agent, which stays live until nothing is left to undo: if it dies in between, its
 * death is detected like any other.
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

/** @returns whether nothing is left to do; if something is, it has to wait a little */
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

/** Changes all gates of a cell, and wakes every sleeper on them. */
function wakeAt(words: Int32Array, cell: number, gates: number): void {
  for (let gate = cell + GATE; gate < cell + GATE + gates; gate++) wakeGate(words, gate);
}

function wakeGate(words: Int32Array, gate: number): void {
  Atomics.add(words, gate, 1);
  Atomics.notify(words, gate);
}

/**
 * Ensures that nobody waits for what was acquired by an already retired agent: nobody will retire that agent again.
 *
 * @param cell what is waited for
 * @param me the id of the waiting agent
 */
export function freeFromRetired(words: Int32Array, cell: number, me: number): void {
  const role = roleAt(words, cell);
  if (role !== OWNED && role !== SHARED) return;
  const gates = gatesOf(words, cell);
  if (takeFromRetired(words, cell + GATE + gates, role, me)) wakeAt(words, cell, gates);
}

/** Frees a latch that a dead agent holds; a repeated retirement must not free it under its next holder. */
function freeLatch(words: Int32Array, latch: number, agent: number): void {
  for (;;) {
    const word = Atomics.load(words, latch);
    if (ownerOf(word) !== agent) return;
    if (Atomics.compareExchange(words, latch, word, word & WAITER_BITS) === word) return;
  }
}
