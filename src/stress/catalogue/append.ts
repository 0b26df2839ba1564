/*
 * Append to a shared list.
 *
 * Appending reads the length, writes behind the last item, and writes the new length. Two workers that read the same
 * length write into the same place. Atomics.add on the length gives each a place of its own; a Lock makes the three
 * steps one.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     unprotected  both kept 440,476 · one lost 48,867
 *     atomics      both kept 260,046 · one lost 0
 *     lock         both kept 276,796 · one lost 0
 */
import { type Arena, Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { length: 0, first: 0, second: 0 };
type List = Cell<keyof typeof words, object>;
const oneLock = (arena: Arena) => ({ lock: new Lock({ arena }) });

const place = (list: List, at: number): number => (at === 0 ? list.first : list.second);

/** Appends the number of the actor, counted from 1. */
function append(list: List): void {
  const { memory, length, actor } = list;
  const at = memory[length];
  memory[place(list, at)] = actor + 1;
  memory[length] = at + 1;
}

function appendReserved(list: List): void {
  const at = Atomics.add(list.memory, list.length, 1);
  list.memory[place(list, at)] = list.actor + 1;
}

function appendLocked(list: List & ReturnType<typeof oneLock>): void {
  list.lock.acquire();
  append(list);
  list.lock.release();
}

function arbiter({ memory, length, first, second }: List): string {
  return memory[length] === 2 && memory[first] !== 0 && memory[second] !== 0 ? 'both kept' : 'one lost';
}
const kept = acceptable('both kept', 'Both items are in the list.');
const lost = 'One item overwrote the other.';

export const appending = [
  defineStressTest({
    module: import.meta.url,
    name: 'append/unprotected',
    subject: 'plain accesses',
    description: 'Two workers append to a list without protection.',
    words,
    actors: [append, append],
    arbiter,
    outcomes: [kept, mustSee('one lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'append/atomics',
    subject: 'Atomics',
    description: 'Atomics.add on the length reserves a place.',
    words,
    actors: [appendReserved, appendReserved],
    arbiter,
    outcomes: [kept, forbidden('one lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'append/lock',
    subject: 'Lock',
    description: 'Two workers append to a list under a Lock.',
    words,
    primitives: oneLock,
    actors: [appendLocked, appendLocked],
    arbiter,
    outcomes: [kept, forbidden('one lost', lost)],
  }),
];
