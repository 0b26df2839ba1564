/** Who has what somebody waits for, as the words of the arena say it. */
import { eachCell, GATE, gatesOf, OWNED, PLAIN, RECORD, roleAt, SHARED } from '../core/memory/cells.js';
import { agentIn, exclusiveSlotOf, HOLDERS, ownerOf } from '../core/memory/owner.js';
import { OWNER, partiesOf, SUBJECT } from '../core/memory/records.js';
import { holderOf } from '../core/memory/slots.js';
import { countInRecord } from '../core/memory/tally.js';
import type { NotedWait } from '../core/memory/waits.js';

/** The index of the word that says who has what stands in a cell; undefined where nobody owns it. */
export function ownerWordAt(words: Int32Array, cell: number): number | undefined {
  const role = roleAt(words, cell);
  return role === OWNED || role === SHARED ? cell + GATE + gatesOf(words, cell) : undefined;
}

/** What somebody waits for. */
type Awaited = Pick<NotedWait, 'cell' | 'key'>;

/** Whether it is that others leave a Barrier. */
export const isForLeavers = (words: Int32Array, { cell, key }: Awaited): boolean =>
  key < 0 && roleAt(words, cell) === PLAIN;

/** The agents without which somebody does not get what it waits for. */
export const holdersFor = (words: Int32Array, wait: Awaited): number[] =>
  isForLeavers(words, wait)
    ? partiesOf(words, wait.cell + GATE + gatesOf(words, wait.cell))
    : holdersOf(words, wait.cell);

/**
 * The agents without which nobody else gets what stands in a cell: its owner, its writer, or all that read it. One that has
 * died is among them as long as it has not been retired.
 */
export function holdersOf(words: Int32Array, cell: number): number[] {
  const at = ownerWordAt(words, cell);
  if (at === undefined) return [];
  const word = Atomics.load(words, at);
  if (roleAt(words, cell) === OWNED) return agentIn(word) === 0 ? [] : [agentIn(word)];
  const slot = exclusiveSlotOf(word);
  if (slot >= 0) return [holderOf(words, slot)];
  return (word & HOLDERS) === 0 ? [] : readersOf(words, at);
}

/** The agents whose tallies say that they have part of what a word counts. */
function readersOf(words: Int32Array, word: number): number[] {
  const readers: number[] = [];
  eachCell(words, (record, _gates, role) => {
    if (role !== RECORD || Atomics.load(words, record + SUBJECT) !== word || countInRecord(words, record) === 0) return;
    readers.push(ownerOf(Atomics.load(words, record + OWNER)));
  });
  return readers;
}
