/*
 * Phases.
 *
 * Each of two workers makes its part, then uses both. Nothing says that the other is as far: without a barrier between
 * the phases the second phase begins too early. A flag for each worker that nobody lowers again is enough for one
 * phase; a Barrier works for any number of phases.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     unprotected  both parts 1 · too early 107,246
 *     barrier      both parts 14,581 · too early 0 · hang 0
 */
import { Barrier } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { left: 0, right: 0, sum: 0 };
type Parts = Cell<keyof typeof words, object>;

const make = (part: 'left' | 'right', cell: Parts): void => {
  Atomics.store(cell.memory, cell[part], 1);
};
const use = ({ memory, left, right, sum }: Parts): void => {
  Atomics.add(memory, sum, Atomics.load(memory, left) + Atomics.load(memory, right));
};

const arbiter = ({ memory, sum }: Cell<'sum', object>): string => (memory[sum] === 4 ? 'both parts' : 'too early');
const complete = acceptable('both parts', 'Both workers used both parts.');
const EARLY = 'A worker was in the second phase while the other was in the first.';

export const phases = [
  defineStressTest({
    module: import.meta.url,
    name: 'phases/unprotected',
    subject: 'Atomics',
    description: 'Make a part, then use both; nothing comes between.',
    words,
    actors: [
      (cell) => {
        make('left', cell);
        use(cell);
      },
      (cell) => {
        make('right', cell);
        use(cell);
      },
    ],
    arbiter,
    outcomes: [complete, mustSee('too early', EARLY)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'phases/barrier',
    subject: 'Barrier',
    description: 'Make a part, wait at a Barrier, use both.',
    words,
    primitives: (arena) => ({ barrier: new Barrier(2, { arena }) }),
    actors: [
      (cell) => {
        make('left', cell);
        cell.barrier.wait();
        use(cell);
      },
      (cell) => {
        make('right', cell);
        cell.barrier.wait();
        use(cell);
      },
    ],
    arbiter,
    outcomes: [complete, forbidden('too early', EARLY), forbidden('hang', 'A worker waits although both have come.')],
  }),
];
