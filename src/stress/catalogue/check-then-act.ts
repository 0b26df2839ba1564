/*
 * Check, then act.
 *
 * One item is left. Every worker checks whether there is one and, if so, takes it. Between check and taking, another
 * can do the same, and the item is sold twice. That each step is atomic by itself does not help: the two must be
 * indivisible together, as under a Lock, or in a compareExchange that acts only if the check still holds. Checking
 * under the reading side of an RWLock and acting under its writing side is two steps again.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     atomic-steps      sold once 82,811 · oversold 2,309
 *     compare-exchange  sold once 27,804 · oversold 0
 *     lock              sold once 111,012 · oversold 0
 *     read-then-write   sold once 62,661 · oversold 3,247
 *     check-again       sold once 186,846 · oversold 0
 */
import { type Arena, Lock, RWLock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { stock: 1, sold: 0 };
const arbiter = ({ memory, sold }: Cell<'sold', object>): string => (memory[sold] === 1 ? 'sold once' : 'oversold');
const once = acceptable('sold once', 'One worker had the item, the others found none.');
const oversold = 'More than one worker saw the item and took it.';
const oneRWLock = (arena: Arena) => ({ lock: new RWLock({ arena }) });

export const checkThenAct = [
  defineStressTest({
    module: import.meta.url,
    name: 'check-then-act/atomic-steps',
    subject: 'Atomics',
    description: 'The check is atomic and so is the act, but not the two together.',
    words,
    actors: ({ memory, stock, sold }) => {
      if (Atomics.load(memory, stock) > 0) {
        Atomics.sub(memory, stock, 1);
        Atomics.add(memory, sold, 1);
      }
    },
    arbiter,
    outcomes: [once, mustSee('oversold', oversold)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'check-then-act/compare-exchange',
    subject: 'Atomics',
    description: 'The act succeeds only if what was checked has not changed.',
    words,
    actors: ({ memory, stock, sold }) => {
      const left = Atomics.load(memory, stock);
      if (left > 0 && Atomics.compareExchange(memory, stock, left, left - 1) === left) Atomics.add(memory, sold, 1);
    },
    arbiter,
    outcomes: [once, forbidden('oversold', oversold)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'check-then-act/lock',
    subject: 'Lock',
    description: 'Check and act under one Lock.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: ({ memory, stock, sold, lock }) => {
      lock.acquire();
      if (memory[stock] > 0) {
        memory[stock] -= 1;
        memory[sold] += 1;
      }
      lock.release();
    },
    arbiter,
    outcomes: [once, forbidden('oversold', oversold)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'check-then-act/read-then-write',
    subject: 'RWLock',
    description: 'Check under the reading side of an RWLock, act under its writing side.',
    words,
    primitives: oneRWLock,
    actors: ({ memory, stock, sold, lock }) => {
      lock.acquireRead();
      const there = memory[stock] > 0;
      lock.releaseRead();
      if (!there) return;
      lock.acquireWrite();
      memory[stock] -= 1;
      memory[sold] += 1;
      lock.releaseWrite();
    },
    arbiter,
    outcomes: [once, mustSee('oversold', oversold)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'check-then-act/check-again',
    subject: 'RWLock',
    description: 'Check under the reading side, then check again and act under the writing side.',
    words,
    primitives: oneRWLock,
    actors: ({ memory, stock, sold, lock }) => {
      lock.acquireRead();
      const there = memory[stock] > 0;
      lock.releaseRead();
      if (!there) return;
      lock.acquireWrite();
      if (memory[stock] > 0) {
        memory[stock] -= 1;
        memory[sold] += 1;
      }
      lock.releaseWrite();
    },
    arbiter,
    outcomes: [once, forbidden('oversold', oversold)],
  }),
];
