/** Who has what somebody waits for, according to the words of the arena. */
import { eachCell, GATE, gatesOf, OWNED, RECORD, roleAt, SHARED } from '../core/memory/cells.js';
import { agentIn, exclusiveSlotOf, HOLDERS, ownerOf } from '../core/memory/owner.js';
import { actorsOf, OWNER, partiesOf, SUBJECT } from '../core/memory/records.js';
import { holderOf } from '../core/memory/slots.js';
import { countInRecord } from '../core/memory/tally.js';
import type { NotedWait } from '../core/memory/waits.js';
import { isBarrier } from './kinds.js';

/** The index of the word that says who has the primitive in a cell; undefined for one that nobody owns. */
export function ownerWordAt(words: Int32Array, cell: number): number | undefined {
  const role = roleAt(words, cell);
  return role === OWNED || role === SHARED ? cell + GATE + gatesOf(words, cell) : undefined;
}

/** What somebody waits for. */
type Awaited = Pick<NotedWait, 'cell' | 'key'>;

/** The agents that must act before a waiter gets what it waits for. */
export function holdersFor(words: Int32Array, { cell, key }: Awaited): number[] {
  if (!isBarrier(words, cell)) return holdersOf(words, cell);
  const word = cell + GATE + gatesOf(words, cell);
  return key < 0 ? partiesOf(words, word) : actorsOf(words, word);
}

/** The phrase that says, to human readers, that an agent is one of these. */
export function relationTo(words: Int32Array, { cell, key }: Awaited): string {
  if (!isBarrier(words, cell)) return 'holds';
  return key < 0 ? 'has yet to leave' : 'runs the action of';
}

/**
 * The agents that must act before anybody else gets the primitive in a cell: its owner, its writer, or all its readers. A
 * dead agent is among them until it has been retired.
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

/** The agents whose tallies say that they hold part of what a word counts. */
function readersOf(words: Int32Array, word: number): number[] {
  const readers: number[] = [];
  eachCell(words, (record, _gates, role) => {
    if (role !== RECORD || Atomics.load(words, record + SUBJECT) !== word || countInRecord(words, record) === 0) return;
    readers.push(ownerOf(Atomics.load(words, record + OWNER)));
  });
  return readers;
}
