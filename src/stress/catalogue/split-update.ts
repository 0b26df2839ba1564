/*
 * Read-modify-write split over two critical sections.
 *
 * Every access is made under the lock, and yet an update is lost: between the section that reads and the section that
 * writes, the lock is free, and what was read grows old. A lock protects what happens in one section, not in two. The
 * repair is to make them one.
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { counter: 0 };
const arbiter = ({ memory, counter, actors }: Cell<'counter', object>): string =>
  memory[counter] === actors ? 'exact' : 'lost';
const exact = acceptable('exact', 'Every addition counted.');
const lost = 'An addition was based on a value that had grown old.';

export const splitUpdate = [
  defineStressTest({
    module: import.meta.url,
    name: 'split-update/two-sections',
    description: 'Read under the Lock, release it, write under the Lock.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: ({ memory, counter, lock }) => {
      lock.acquire();
      const before = memory[counter];
      lock.release();
      lock.acquire();
      memory[counter] = before + 1;
      lock.release();
    },
    arbiter,
    outcomes: [exact, mustSee('lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'split-update/one-section',
    description: 'Read and write under the Lock without releasing it in between.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: ({ memory, counter, lock }) => {
      lock.acquire();
      const before = memory[counter];
      memory[counter] = before + 1;
      lock.release();
    },
    arbiter,
    outcomes: [exact, forbidden('lost', lost)],
  }),
];
