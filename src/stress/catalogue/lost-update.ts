/*
 * Lost update.
 *
 * `counter += 1` is a load, an addition and a store. Two workers that both load before either stores write the same
 * sum, and one addition is gone. Atomics.add makes the three one step; a Lock lets nobody load before the one inside has
 * stored.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     unprotected  exact 206,020 · lost 1,108
 *     atomics      exact 179,497 · lost 0
 *     lock         exact 94,850 · lost 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { counter: 0 };
const arbiter = ({ memory, counter, actors }: Cell<'counter', object>): string =>
  memory[counter] === actors ? 'exact' : 'lost';
const exact = acceptable('exact', 'Every addition counted.');
const lost = 'An addition overwrote another.';

export const lostUpdate = [
  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/unprotected',
    description: 'Every worker adds 1 to a word; nothing protects it.',
    words,
    actors: ({ memory, counter }) => {
      memory[counter] += 1;
    },
    arbiter,
    outcomes: [exact, mustSee('lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/atomics',
    description: 'Every worker adds 1 to a word by Atomics.add.',
    words,
    actors: ({ memory, counter }) => {
      Atomics.add(memory, counter, 1);
    },
    arbiter,
    outcomes: [exact, forbidden('lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/lock',
    description: 'Every worker adds 1 to a word while it holds a Lock.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: ({ memory, counter, lock }) => {
      lock.acquire();
      memory[counter] += 1;
      lock.release();
    },
    arbiter,
    outcomes: [exact, forbidden('lost', lost)],
  }),
];
