/*
 * Read-modify-write split over two critical sections.
 *
 * Every access is made under the lock, and yet an update is lost: between the section that reads and the section that
 * writes, the lock is free, and what was read becomes stale. A lock protects what happens in one section, not across
 * two. The repair is to make them one.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     two-sections  exact 732,274 · lost 29,474
 *     one-section   exact 757,625 · lost 0
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
    subject: 'Lock',
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
    subject: 'Lock',
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
