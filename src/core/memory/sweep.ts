/**
 * Retirement: what is done about an agent that has ended.
 *
 * It may have died asleep, having swallowed the wake of another, or between its wake-up and its next step. So everybody is
 * woken; and every gate is *changed* first, for those that are about to sleep.
 */
import { eachCell, RECORD } from './cells.js';
import { undoRecord } from './records.js';
import { condemn, freeSlot } from './slots.js';

/**
 * Ends an agent's membership: undoes its waiting and frees its slot under the next generation. Safe to repeat, and
 * to be left half done: the next caller does the whole of it again.
 *
 * @returns false when the agent was retired before
 */
export function retireFrom(words: Int32Array, agent: number): boolean {
  const claim = condemn(words, agent);
  if (claim === undefined) return false;
  eachCell(words, (index, _gates, role) => {
    if (role === RECORD) undoRecord(words, index, agent);
  });
  eachCell(words, (index, gates) => {
    for (let gate = index + 1; gate <= index + gates; gate++) {
      Atomics.add(words, gate, 1);
      Atomics.notify(words, gate);
    }
  });
  freeSlot(words, agent, claim);
  return true;
}
