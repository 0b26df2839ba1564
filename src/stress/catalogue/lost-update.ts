/*
 * Lost update.
 *
 * `counter += 1` is a load, an addition and a store. Two workers that both load before either stores write the same
 * sum, and one addition is gone. A Lock makes the three one: nobody loads before the other has stored.
 */
import { Lock } from '../../index.js';
import { defineStressTest, type Outcome } from '../test.js';

const exact: Outcome = { result: 'exact', expectation: 'ACCEPTABLE', description: 'Every addition counted.' };
const lost = 'An addition overwrote another.';
const words = { counter: 0 };

export const unprotected = defineStressTest({
  module: import.meta.url,
  name: 'lost-update/unprotected',
  description: 'Every worker adds 1 to a word; nothing protects it.',
  words,
  actors: ({ memory, counter }) => {
    memory[counter] += 1;
  },
  arbiter: ({ memory, counter, actors }) => (memory[counter] === actors ? 'exact' : 'lost'),
  outcomes: [exact, { result: 'lost', expectation: 'INTERESTING', description: lost, mustBeSeen: true }],
});

export const lock = defineStressTest({
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
  arbiter: ({ memory, counter, actors }) => (memory[counter] === actors ? 'exact' : 'lost'),
  outcomes: [exact, { result: 'lost', expectation: 'FORBIDDEN', description: lost }],
});
