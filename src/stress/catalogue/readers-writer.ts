/*
 * Readers and a writer.
 *
 * Readers may read at the same time, a writer must be alone. A writer that takes the reading side, because it "only"
 * sets two words, runs alongside the readers, and they see one word from before and one from after. With the writing
 * side of an RWLock they cannot, and still read concurrently.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     reading-side  whole 138,733 · torn 1
 *     writing-side  whole 894,427 · torn 0
 */
import { type Arena, RWLock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { left: 0, right: 0, torn: 0 };
const primitives = (arena: Arena) => ({ lock: new RWLock({ arena }) });
type Pair = Cell<keyof typeof words, ReturnType<typeof primitives>>;

function read({ memory, left, right, torn, lock }: Pair): void {
  lock.acquireRead();
  if (Atomics.load(memory, left) !== Atomics.load(memory, right)) memory[torn] = 1;
  lock.releaseRead();
}

function write({ memory, left, right }: Pair): void {
  Atomics.store(memory, left, 1);
  Atomics.store(memory, right, 1);
}

const arbiter = ({ memory, torn }: Cell<'torn', object>): string => (memory[torn] === 1 ? 'torn' : 'whole');
const whole = acceptable('whole', 'Readers saw the record as it was before the change, or after it.');
const TORN = 'A reader saw the record in the midst of the change.';

export const readersWriter = [
  defineStressTest({
    module: import.meta.url,
    name: 'readers-writer/reading-side',
    subject: 'RWLock',
    description: 'The writer acquires the lock for reading.',
    words,
    primitives,
    actors: [
      read,
      (cell) => {
        cell.lock.acquireRead();
        write(cell);
        cell.lock.releaseRead();
      },
    ],
    arbiter,
    outcomes: [whole, mustSee('torn', TORN)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'readers-writer/writing-side',
    subject: 'RWLock',
    description: 'The writer acquires the lock for writing, beside two readers.',
    words,
    primitives,
    actors: [
      read,
      read,
      (cell) => {
        cell.lock.acquireWrite();
        write(cell);
        cell.lock.releaseWrite();
      },
    ],
    arbiter,
    outcomes: [whole, forbidden('torn', TORN)],
  }),
];
