/*
 * Reference count.
 *
 * Every worker has a reference; the one that gives back the last reference frees the thing. A plain count loses a
 * decrement, and the thing is never freed. An atomic count followed by a check is no better: two may count before
 * either checks, and it is freed twice. The answer is already in what Atomics.add returns: exactly one worker is told
 * that it was the last.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     plain         freed once 613,859 · never freed 7,828 · freed again 18
 *     atomic-steps  freed once 254,692 · never freed 0 · freed again 51
 *     atomics       freed once 206,852 · never freed 0 · freed again 0
 *     lock          freed once 107,141 · never freed 0 · freed again 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting, mustSee } from './outcomes.js';

const words = { returned: 0, freed: 0 };
const arbiter = ({ memory, freed }: Cell<'freed', object>): string =>
  ['never freed', 'freed once'][memory[freed]] ?? 'freed again';
const once = acceptable('freed once', 'The worker that gave back the last reference freed the object.');
const NEVER = 'A return was not counted, so nobody was the last.';
const AGAIN = 'More than one took itself for the last.';

export const referenceCount = [
  defineStressTest({
    module: import.meta.url,
    name: 'reference-count/plain',
    subject: 'plain accesses',
    description: 'A plain count, then a look.',
    words,
    actors: ({ memory, returned, freed, actors }) => {
      memory[returned] += 1;
      if (memory[returned] === actors) Atomics.add(memory, freed, 1);
    },
    arbiter,
    outcomes: [once, mustSee('never freed', NEVER), interesting('freed again', AGAIN)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'reference-count/atomic-steps',
    subject: 'Atomics',
    description: 'An atomic count, then an atomic look.',
    words,
    actors: ({ memory, returned, freed, actors }) => {
      Atomics.add(memory, returned, 1);
      if (Atomics.load(memory, returned) === actors) Atomics.add(memory, freed, 1);
    },
    arbiter,
    outcomes: [once, forbidden('never freed', NEVER), mustSee('freed again', AGAIN)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'reference-count/atomics',
    subject: 'Atomics',
    description: 'The atomic count itself says who was last.',
    words,
    actors: ({ memory, returned, freed, actors }) => {
      if (Atomics.add(memory, returned, 1) === actors - 1) Atomics.add(memory, freed, 1);
    },
    arbiter,
    outcomes: [once, forbidden('never freed', NEVER), forbidden('freed again', AGAIN)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'reference-count/lock',
    subject: 'Lock',
    description: 'Count and look under a Lock.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: ({ memory, returned, freed, actors, lock }) => {
      lock.acquire();
      memory[returned] += 1;
      if (memory[returned] === actors) memory[freed] += 1;
      lock.release();
    },
    arbiter,
    outcomes: [once, forbidden('never freed', NEVER), forbidden('freed again', AGAIN)],
  }),
];
