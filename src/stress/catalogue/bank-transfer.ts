/*
 * Bank transfer.
 *
 * Money goes from one account to another while another worker adds both up. Each booking is atomic, none is ever lost,
 * and yet the sum can be wrong: the invariant is about two accounts, and between the two bookings it does not hold.
 * Making single steps atomic does not repair that, not even with a Lock for each account; a lock around the transfer,
 * which the adding worker takes as well, does. With an RLock the transfer may call functions that take the lock too;
 * with an RWLock many may add up at once.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     atomics    balanced 82,363 · too little 200 · too much 13 · money lost 0
 *     lock       balanced 63,440 · too little 0 · too much 0 · money lost 0
 *     lock-each  balanced 46,834 · too little 4 · too much 1 · money lost 0
 *     rlock      balanced 39,296 · too little 0 · too much 0 · money lost 0
 *     rwlock     balanced 36,623 · too little 0 · too much 0 · money lost 0
 */
import { type Arena, Lock, RLock, RWLock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting, mustSee } from './outcomes.js';

const words = { from: 100, to: 100, sum: 0 };
const arbiter = ({ memory, from, to, sum }: Cell<keyof typeof words, object>): string => {
  if (memory[from] + memory[to] !== 200) return 'money lost';
  if (memory[sum] === 200) return 'balanced';
  return memory[sum] < 200 ? 'too little' : 'too much';
};
const balanced = acceptable('balanced', 'The sum is right.');
const lost = forbidden('money lost', 'The accounts do not add up even after the transfer.');
const LITTLE = 'The sum was taken between the two bookings.';
const MUCH = 'The whole transfer fell between the two looks.';

type Account = 'from' | 'to';
type Bank = Cell<keyof typeof words, object>;

const lockEach = (arena: Arena) => ({ fromLock: new Lock({ arena }), toLock: new Lock({ arena }) });

/** Books on one account, or reads it, under that account's lock. */
function bookAlone(cell: Bank & ReturnType<typeof lockEach>, account: Account, amount: number): number {
  const lock = cell[`${account}Lock`];
  lock.acquire();
  cell.memory[cell[account]] += amount;
  const balance = cell.memory[cell[account]];
  lock.release();
  return balance;
}

/** Books on one account, or reads it; called with or without the lock. */
function bookAgain(cell: Bank & { readonly lock: RLock }, account: Account, amount: number): number {
  cell.lock.acquire();
  cell.memory[cell[account]] += amount;
  const balance = cell.memory[cell[account]];
  cell.lock.release();
  return balance;
}

export const bankTransfer = [
  defineStressTest({
    module: import.meta.url,
    name: 'bank-transfer/atomics',
    subject: 'Atomics',
    description: 'Every booking and every look is atomic.',
    words,
    actors: [
      ({ memory, from, to }) => {
        Atomics.sub(memory, from, 10);
        Atomics.add(memory, to, 10);
      },
      ({ memory, from, to, sum }) => {
        memory[sum] = Atomics.load(memory, from) + Atomics.load(memory, to);
      },
    ],
    arbiter,
    outcomes: [balanced, mustSee('too little', LITTLE), interesting('too much', MUCH), lost],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'bank-transfer/lock',
    subject: 'Lock',
    description: 'The transfer is made under a Lock, and so is the sum.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: [
      ({ memory, from, to, lock }) => {
        lock.acquire();
        memory[from] -= 10;
        memory[to] += 10;
        lock.release();
      },
      ({ memory, from, to, sum, lock }) => {
        lock.acquire();
        memory[sum] = memory[from] + memory[to];
        lock.release();
      },
    ],
    arbiter,
    outcomes: [balanced, forbidden('too little', LITTLE), forbidden('too much', MUCH), lost],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'bank-transfer/lock-each',
    subject: 'Lock',
    description: 'Each account has a Lock of its own.',
    words,
    primitives: lockEach,
    actors: [
      (cell) => {
        bookAlone(cell, 'from', -10);
        bookAlone(cell, 'to', 10);
      },
      (cell) => {
        cell.memory[cell.sum] = bookAlone(cell, 'from', 0) + bookAlone(cell, 'to', 0);
      },
    ],
    arbiter,
    outcomes: [balanced, mustSee('too little', LITTLE), interesting('too much', MUCH), lost],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'bank-transfer/rlock',
    subject: 'RLock',
    description: 'The transfer is made under an RLock, by functions that take it too, and so is the sum.',
    words,
    primitives: (arena) => ({ lock: new RLock({ arena }) }),
    actors: [
      (cell) => {
        cell.lock.acquire();
        bookAgain(cell, 'from', -10);
        bookAgain(cell, 'to', 10);
        cell.lock.release();
      },
      (cell) => {
        cell.lock.acquire();
        cell.memory[cell.sum] = bookAgain(cell, 'from', 0) + bookAgain(cell, 'to', 0);
        cell.lock.release();
      },
    ],
    arbiter,
    outcomes: [balanced, forbidden('too little', LITTLE), forbidden('too much', MUCH), lost],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'bank-transfer/rwlock',
    subject: 'RWLock',
    description: 'The transfer is made under the writing side of an RWLock, the sum under its reading side.',
    words,
    primitives: (arena) => ({ lock: new RWLock({ arena }) }),
    actors: [
      ({ memory, from, to, lock }) => {
        lock.acquireWrite();
        memory[from] -= 10;
        memory[to] += 10;
        lock.releaseWrite();
      },
      ({ memory, from, to, sum, lock }) => {
        lock.acquireRead();
        memory[sum] = memory[from] + memory[to];
        lock.releaseRead();
      },
    ],
    arbiter,
    outcomes: [balanced, forbidden('too little', LITTLE), forbidden('too much', MUCH), lost],
  }),
];
