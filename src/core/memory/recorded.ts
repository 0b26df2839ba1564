/**
 * What the death of an agent does to what records say of it. It stands apart, so that a program of which nothing is recorded, one
 * with Locks alone, say, has nothing of it in its bundle. What an agent of such a program finds of a dead one's records it leaves
 * to those whom it concerns: whoever has a live object of what is recorded has this.
 */
import { undoRecord } from './records.js';
import { setRecorded } from './sweep.js';
import { giveBackAll, holdsBy } from './tally.js';

function giveBack(words: Int32Array, record: number, agent: number): boolean {
  if (!giveBackAll(words, record, agent)) return false;
  undoRecord(words, record, agent);
  return true;
}

/** Has the calling agent see to the records of those that die. */
export const seeToRecords = (): void => setRecorded({ giveBack, holdsBy });
