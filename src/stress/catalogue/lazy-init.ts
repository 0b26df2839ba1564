/*
 * Lazy initialisation.
 *
 * The first worker that needs a thing makes it. Without protection two workers find it missing and both make it.
 * Double-checked locking checks without the lock first, to save the lock once the thing exists; then it matters when
 * the flag is raised: if before the thing is complete, the quick check hands out a half-made one. Raised last, by
 * Atomics, it is right.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     unprotected     made once 354,426 · made again 56,751 · used half-made 0
 *     flag-first      made once 488,845 · made again 0 · used half-made 97,351
 *     double-checked  made once 141,437 · made again 0 · used half-made 0
 *     lock            made once 179,946 · made again 0 · used half-made 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { ready: 0, value: 0, made: 0, unready: 0 };
type Words = keyof typeof words;

function make({ memory, value, made }: Cell<Words, object>): void {
  Atomics.add(memory, made, 1);
  Atomics.store(memory, value, 42);
}

function use({ memory, value, unready }: Cell<Words, object>): void {
  if (Atomics.load(memory, value) !== 42) Atomics.store(memory, unready, 1);
}

const arbiter = ({ memory, made, unready }: Cell<Words, object>): string => {
  if (memory[unready] === 1) return 'used half-made';
  return memory[made] === 1 ? 'made once' : 'made again';
};
const once = acceptable('made once', 'One worker made it, all used it.');
const AGAIN = 'Two workers found it missing, and both made it.';
const HALF = 'A worker saw the flag and used what was not complete.';

export const lazyInit = [
  defineStressTest({
    module: import.meta.url,
    name: 'lazy-init/unprotected',
    subject: 'Atomics',
    description: 'Make it if it is not there, without protection.',
    words,
    actors: (cell) => {
      if (Atomics.load(cell.memory, cell.ready) === 0) {
        make(cell);
        Atomics.store(cell.memory, cell.ready, 1);
      }
      use(cell);
    },
    arbiter,
    outcomes: [once, mustSee('made again', AGAIN), forbidden('used half-made', HALF)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lazy-init/flag-first',
    subject: 'Lock',
    description: 'Double-checked locking that raises the flag before the thing is complete.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: (cell) => {
      if (Atomics.load(cell.memory, cell.ready) === 0) {
        cell.lock.acquire();
        if (Atomics.load(cell.memory, cell.ready) === 0) {
          Atomics.store(cell.memory, cell.ready, 1);
          make(cell);
        }
        cell.lock.release();
      }
      use(cell);
    },
    arbiter,
    outcomes: [once, forbidden('made again', AGAIN), mustSee('used half-made', HALF)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lazy-init/double-checked',
    subject: 'Lock',
    description: 'Double-checked locking that raises the flag last.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: (cell) => {
      if (Atomics.load(cell.memory, cell.ready) === 0) {
        cell.lock.acquire();
        if (Atomics.load(cell.memory, cell.ready) === 0) {
          make(cell);
          Atomics.store(cell.memory, cell.ready, 1);
        }
        cell.lock.release();
      }
      use(cell);
    },
    arbiter,
    outcomes: [once, forbidden('made again', AGAIN), forbidden('used half-made', HALF)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lazy-init/lock',
    subject: 'Lock',
    description: 'Look and make under one Lock, every time.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: (cell) => {
      cell.lock.acquire();
      if (cell.memory[cell.ready] === 0) {
        cell.memory[cell.ready] = 1;
        make(cell);
      }
      use(cell);
      cell.lock.release();
    },
    arbiter,
    outcomes: [once, forbidden('made again', AGAIN), forbidden('used half-made', HALF)],
  }),
];
