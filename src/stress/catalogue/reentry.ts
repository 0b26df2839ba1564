/*
 * Re-entry.
 *
 * A function that has taken a lock calls another that takes it too. With a Lock the worker waits for itself, forever,
 * and all others wait for it: the second worker is not needed to see it. An RLock knows its owner and counts its depth.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     lock   exact 0 · lost 0 · hang 2
 *     rlock  exact 40,925 · lost 0 · hang 0
 */
import { type Arena, Lock, RLock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { counter: 0 };
type Counter = Cell<'counter', { readonly lock: Lock | RLock }>;

function add({ memory, counter, lock }: Counter): void {
  lock.acquire();
  memory[counter] += 1;
  lock.release();
}
function addTwice(cell: Counter): void {
  cell.lock.acquire();
  add(cell);
  add(cell);
  cell.lock.release();
}

const arbiter = ({ memory, counter, actors }: Counter): string => (memory[counter] === 2 * actors ? 'exact' : 'lost');
const exact = acceptable('exact', 'Every addition counted.');
const lost = forbidden('lost', 'The lock did not exclude.');
const HANG = 'A worker waits for what it holds itself.';

export const reentry = [
  defineStressTest({
    module: import.meta.url,
    name: 'reentry/lock',
    subject: 'Lock',
    description: 'The holder of a Lock acquires it again.',
    words,
    primitives: (arena: Arena) => ({ lock: new Lock({ arena }) }),
    actors: addTwice,
    arbiter,
    outcomes: [exact, lost, mustSee('hang', HANG)],
    timeLimit: 100,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'reentry/rlock',
    subject: 'RLock',
    description: 'The holder of an RLock acquires it again.',
    words,
    primitives: (arena: Arena) => ({ lock: new RLock({ arena }) }),
    actors: addTwice,
    arbiter,
    outcomes: [exact, lost, forbidden('hang', HANG)],
  }),
];
