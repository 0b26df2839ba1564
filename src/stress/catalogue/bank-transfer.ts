/*
 * Bank transfer.
 *
 * Money goes from one account to another while somebody adds both up. Each booking is atomic, none is ever lost, and yet
 * the sum can be wrong: the invariant is about two accounts, and between the two bookings it does not hold. Nothing that
 * makes single steps atomic repairs that; a Lock around the transfer, taken also by who adds up, does.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     atomics  balanced 413,341 · too little 1,507 · too much 428 · money lost 0
 *     lock     balanced 334,480 · too little 0 · too much 0 · money lost 0
 */
import { Lock } from '../../index.js';
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

export const bankTransfer = [
  defineStressTest({
    module: import.meta.url,
    name: 'bank-transfer/atomics',
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
];
