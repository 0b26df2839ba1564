/*
 * Check, then act.
 *
 * One item is left. Every worker looks whether there is any and, if so, takes it. Between the look and the taking
 * another can do the same, and the item is sold twice. That each step by itself is atomic does not help: what has to be
 * indivisible is the two together, as under a Lock, or in a compareExchange that acts only if the check still holds.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     atomic-steps      sold once 840,668 · oversold 46,160
 *     compare-exchange  sold once 322,094 · oversold 0
 *     lock              sold once 306,740 · oversold 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { stock: 1, sold: 0 };
const arbiter = ({ memory, sold }: Cell<'sold', object>): string => (memory[sold] === 1 ? 'sold once' : 'oversold');
const once = acceptable('sold once', 'One worker had the item, the others found none.');
const oversold = 'More than one worker saw the item and took it.';

export const checkThenAct = [
  defineStressTest({
    module: import.meta.url,
    name: 'check-then-act/atomic-steps',
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
];
