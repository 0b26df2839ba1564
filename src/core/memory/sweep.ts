/**
 * Retirement: what is done about an agent that has ended.
 *
 * It may have died asleep, having swallowed the wake of another, or between its wake-up and its next step. So everybody is
 * woken; and every gate is *changed* first, for those that are about to sleep.
 */
import { eachCell, GATE, OWNED, RECORD } from './cells.js';
import { orphan } from './death.js';
import { undoRecord } from './records.js';
import { becomeRetirer, condemn, eachUnretired, freeSlot, isLive } from './slots.js';

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
  eachUnretired(words, me, (dead) => {
    sweep(words, dead);
    freeSlot(words, dead);
  });
}

/**
 * Ends the membership of the calling agent, which is live until nothing is left of it: if it dies on the way, its death is
 * found like any other.
 */
export function leaveFrom(words: Int32Array, agent: number): void {
  if (!isLive(words, agent) || !becomeRetirer(words, agent, agent)) return;
  sweep(words, agent);
  if (condemn(words, agent)) freeSlot(words, agent);
}

function sweep(words: Int32Array, agent: number): void {
  eachCell(words, (index, gates, role) => {
    if (role === RECORD) undoRecord(words, index, agent);
    if (role === OWNED) orphan(words, index + GATE + gates, agent);
  });
  eachCell(words, (index, gates) => {
    for (let gate = index + 1; gate <= index + gates; gate++) {
      Atomics.add(words, gate, 1);
      Atomics.notify(words, gate);
    }
  });
}
