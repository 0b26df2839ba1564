/*
 * Mutual exclusion by hand.
 *
 * A lock made of a check and a store admits two workers that check at the same time, even if both steps are atomic.
 * Peterson's algorithm (1981) needs only loads and stores, but they must not be reordered: with plain accesses a
 * worker's look at the other's flag can go ahead of raising its own (see store-buffering), and both enter. With Atomics
 * it holds; so do a compareExchange and the Lock. Here nobody waits: a worker that cannot enter gives up for this time.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     look-then-store   apart 237,683 · both inside 73
 *     peterson-plain    apart 1,029,891 · both inside 5,993
 *     peterson-atomics  apart 636,413 · both inside 0
 *     compare-exchange  apart 346,778 · both inside 0
 *     lock              apart 388,022 · both inside 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { inside: 0, met: 0 };

function visit({ memory, inside, met }: Cell<'inside' | 'met', object>): void {
  if (Atomics.add(memory, inside, 1) !== 0) memory[met] = 1;
  Atomics.sub(memory, inside, 1);
}

const arbiter = ({ memory, met }: Cell<'met', object>): string => (memory[met] === 0 ? 'apart' : 'both inside');
const apart = acceptable('apart', 'At no time was more than one worker inside.');
const INSIDE = 'A worker came in while another was inside.';

/** Peterson's entry for one of two workers, giving up instead of waiting. */
const petersonPlain =
  (me: 'first' | 'second', other: 'first' | 'second', otherTurn: number) =>
  (cell: Cell<'first' | 'second' | 'turn' | keyof typeof words, object>): void => {
    const { memory, turn } = cell;
    memory[cell[me]] = 1;
    memory[turn] = otherTurn;
    if (memory[cell[other]] === 0 || memory[turn] !== otherTurn) visit(cell);
    memory[cell[me]] = 0;
  };

const petersonAtomics =
  (me: 'first' | 'second', other: 'first' | 'second', otherTurn: number) =>
  (cell: Cell<'first' | 'second' | 'turn' | keyof typeof words, object>): void => {
    const { memory, turn } = cell;
    Atomics.store(memory, cell[me], 1);
    Atomics.store(memory, turn, otherTurn);
    if (Atomics.load(memory, cell[other]) === 0 || Atomics.load(memory, turn) !== otherTurn) visit(cell);
    Atomics.store(memory, cell[me], 0);
  };

export const mutualExclusion = [
  defineStressTest({
    module: import.meta.url,
    name: 'mutual-exclusion/look-then-store',
    subject: 'Atomics',
    description: 'Look whether it is free, then say that it is taken.',
    words: { ...words, taken: 0 },
    actors: (cell) => {
      const { memory, taken } = cell;
      if (Atomics.load(memory, taken) !== 0) return;
      Atomics.store(memory, taken, 1);
      visit(cell);
      Atomics.store(memory, taken, 0);
    },
    arbiter,
    outcomes: [apart, mustSee('both inside', INSIDE)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'mutual-exclusion/peterson-plain',
    subject: 'plain accesses',
    description: "Peterson's algorithm by plain accesses.",
    words: { ...words, first: 0, second: 0, turn: 0 },
    actors: [petersonPlain('first', 'second', 2), petersonPlain('second', 'first', 1)],
    arbiter,
    outcomes: [apart, mustSee('both inside', INSIDE)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'mutual-exclusion/peterson-atomics',
    subject: 'Atomics',
    description: "Peterson's algorithm by Atomics.",
    words: { ...words, first: 0, second: 0, turn: 0 },
    actors: [petersonAtomics('first', 'second', 2), petersonAtomics('second', 'first', 1)],
    arbiter,
    outcomes: [apart, forbidden('both inside', INSIDE)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'mutual-exclusion/compare-exchange',
    subject: 'Atomics',
    description: 'Look and take in one step, by compareExchange.',
    words: { ...words, taken: 0 },
    actors: (cell) => {
      const { memory, taken } = cell;
      if (Atomics.compareExchange(memory, taken, 0, 1) !== 0) return;
      visit(cell);
      Atomics.store(memory, taken, 0);
    },
    arbiter,
    outcomes: [apart, forbidden('both inside', INSIDE)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'mutual-exclusion/lock',
    subject: 'Lock',
    description: 'Enter by tryAcquire of a Lock.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: (cell) => {
      if (!cell.lock.tryAcquire()) return;
      visit(cell);
      cell.lock.release();
    },
    arbiter,
    outcomes: [apart, forbidden('both inside', INSIDE)],
  }),
];
