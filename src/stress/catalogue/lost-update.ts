/*
 * Lost update.
 *
 * `counter += 1` is a load, an addition and a store. Two workers that both load before either stores write the same
 * sum, and one addition is lost. Atomics.add makes the three one step; a primitive that admits one worker at a time
 * lets nobody load before the one inside has stored. One that admits two, such as a Semaphore of 2 or the reading side
 * of an RWLock, protects nothing here.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     unprotected       exact 92,719 · lost 84
 *     atomics           exact 124,427 · lost 0
 *     lock              exact 100,707 · lost 0
 *     rlock             exact 158,514 · lost 0
 *     semaphore         exact 84,046 · lost 0
 *     semaphore-of-two  exact 111,836 · lost 1
 *     writing-side      exact 102,613 · lost 0
 *     reading-side      exact 72,106 · lost 5
 */
import { type Arena, Lock, RLock, RWLock, Semaphore } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { counter: 0 };
const arbiter = ({ memory, counter, actors }: Cell<'counter', object>): string =>
  memory[counter] === actors ? 'exact' : 'lost';
const exact = acceptable('exact', 'Every addition counted.');
const lost = 'An addition overwrote another.';

/** Adds 1 between acquire and release. */
function addUnder({ memory, counter, guard }: Cell<'counter', { readonly guard: RLock | Semaphore }>): void {
  guard.acquire();
  memory[counter] += 1;
  guard.release();
}
const readersAndWriters = (arena: Arena) => ({ lock: new RWLock({ arena }) });

export const lostUpdate = [
  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/unprotected',
    subject: 'plain accesses',
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
    subject: 'Atomics',
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
    subject: 'Lock',
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

  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/rlock',
    subject: 'RLock',
    description: 'Every worker adds 1 to a word while it holds an RLock.',
    words,
    primitives: (arena: Arena) => ({ guard: new RLock({ arena }) }),
    actors: addUnder,
    arbiter,
    outcomes: [exact, forbidden('lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/semaphore',
    subject: 'Semaphore',
    description: 'Every worker adds 1 to a word while it has the one permit of a Semaphore.',
    words,
    primitives: (arena: Arena) => ({ guard: new Semaphore(1, { arena }) }),
    actors: addUnder,
    arbiter,
    outcomes: [exact, forbidden('lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/semaphore-of-two',
    subject: 'Semaphore',
    description: 'Every worker adds 1 to a word while it has one of the two permits of a Semaphore.',
    words,
    primitives: (arena: Arena) => ({ guard: new Semaphore(2, { arena }) }),
    actors: addUnder,
    arbiter,
    outcomes: [exact, mustSee('lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/writing-side',
    subject: 'RWLock',
    description: 'Every worker adds 1 to a word while it holds an RWLock for writing.',
    words,
    primitives: readersAndWriters,
    actors: ({ memory, counter, lock }) => {
      lock.acquireWrite();
      memory[counter] += 1;
      lock.releaseWrite();
    },
    arbiter,
    outcomes: [exact, forbidden('lost', lost)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'lost-update/reading-side',
    subject: 'RWLock',
    description: 'Every worker adds 1 to a word while it holds an RWLock for reading.',
    words,
    primitives: readersAndWriters,
    actors: ({ memory, counter, lock }) => {
      lock.acquireRead();
      memory[counter] += 1;
      lock.releaseRead();
    },
    arbiter,
    outcomes: [exact, mustSee('lost', lost)],
  }),
];
