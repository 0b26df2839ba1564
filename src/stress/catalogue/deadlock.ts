/*
 * Deadlock by lock ordering.
 *
 * Two workers need the same two locks. If each takes them in its own order, each can hold one and wait for the other
 * forever: both locks work as they should, no single step is wrong, and no lock can prevent it. A common order prevents
 * it; so does trying and releasing again instead of waiting while holding a lock.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     opposite-order  done 113 · lost 0 · hang 3
 *     same-order      done 2,704,430 · lost 0 · hang 0
 *     back-off        done 174,169 · lost 0 · hang 0
 */
import { type Arena, Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const twoLocks = (arena: Arena) => ({ left: new Lock({ arena }), right: new Lock({ arena }) });
type Locks = ReturnType<typeof twoLocks>;
type Side = keyof Locks;

const words = { balance: 0 };
const arbiter = ({ memory, balance }: Cell<'balance', object>): string => (memory[balance] === 2 ? 'done' : 'lost');
const done = acceptable('done', 'Both workers had both locks, one after the other.');
const lost = forbidden('lost', 'The locks did not exclude.');
const HANG = 'Each held one lock and waited for the other.';

const inTurn = (first: Side, second: Side) => (cell: Cell<'balance', Locks>) => {
  cell[first].acquire();
  cell[second].acquire();
  cell.memory[cell.balance] += 1;
  cell[second].release();
  cell[first].release();
};

const backingOff = (first: Side, second: Side) => (cell: Cell<'balance', Locks>) => {
  for (;;) {
    cell[first].acquire();
    if (cell[second].tryAcquire()) break;
    cell[first].release();
  }
  cell.memory[cell.balance] += 1;
  cell[second].release();
  cell[first].release();
};

export const deadlock = [
  defineStressTest({
    module: import.meta.url,
    name: 'deadlock/opposite-order',
    subject: 'Lock',
    description: 'One worker takes left then right, the other right then left.',
    words,
    primitives: twoLocks,
    actors: [inTurn('left', 'right'), inTurn('right', 'left')],
    arbiter,
    outcomes: [done, lost, mustSee('hang', HANG)],
    timeLimit: 250,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'deadlock/same-order',
    subject: 'Lock',
    description: 'Both workers take left then right.',
    words,
    primitives: twoLocks,
    actors: [inTurn('left', 'right'), inTurn('left', 'right')],
    arbiter,
    outcomes: [done, lost, forbidden('hang', HANG)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'deadlock/back-off',
    subject: 'Lock',
    description: 'Opposite orders, but a worker that cannot get the second lock gives the first one back.',
    words,
    primitives: twoLocks,
    actors: [backingOff('left', 'right'), backingOff('right', 'left')],
    arbiter,
    outcomes: [done, lost, forbidden('hang', HANG)],
  }),
];
