/*
 * Unsafe publication.
 *
 * One worker fills in a record and raises a flag; another that sees the flag uses the record. It may find it half-made:
 * surely if the flag is raised first; and, when flag and record are plain words, even if it is raised last, because
 * neither compiler nor processor has to keep the order of plain stores or plain loads (x86 processors do, ARM processors
 * do not). An Atomics.store to the flag publishes all that was written before it to whoever reads it by Atomics.load.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     flag-first  not yet 171,759 · complete 103,155 · half-made 148
 *     plain       not yet 536,479 · complete 538,042 · half-made 0
 *     atomics     not yet 574,914 · complete 546,492 · half-made 0
 *     lock        not yet 163,547 · complete 126,218 · half-made 0
 */
import { Lock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting, mustSee } from './outcomes.js';

const NOTHING = -1;
const words = { ready: 0, name: 0, size: 0, seen: NOTHING };
type Words = keyof typeof words;

const arbiter = ({ memory, seen }: Cell<'seen', object>): string => {
  if (memory[seen] === NOTHING) return 'not yet';
  return memory[seen] === 2 ? 'complete' : 'half-made';
};
const use = ({ memory, name, size, seen }: Cell<Words, object>): void => {
  memory[seen] = memory[name] + memory[size];
};
const right = [
  acceptable('not yet', 'The reader came before the flag.'),
  acceptable('complete', 'The reader saw the flag, and all that was to be seen.'),
];
const HALF = 'The reader saw the flag, but not all that it stands for.';

export const publication = [
  defineStressTest({
    module: import.meta.url,
    name: 'publication/flag-first',
    description: 'The flag is raised before the record is filled in.',
    words,
    actors: [
      ({ memory, ready, name, size }) => {
        Atomics.store(memory, ready, 1);
        Atomics.store(memory, name, 1);
        Atomics.store(memory, size, 1);
      },
      (cell) => {
        if (Atomics.load(cell.memory, cell.ready) === 1) use(cell);
      },
    ],
    arbiter,
    outcomes: [...right, mustSee('half-made', HALF)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'publication/plain',
    description: 'The record is filled in before the flag is raised, all by plain stores.',
    words,
    actors: [
      ({ memory, ready, name, size }) => {
        memory[name] = 1;
        memory[size] = 1;
        memory[ready] = 1;
      },
      (cell) => {
        if (cell.memory[cell.ready] === 1) use(cell);
      },
    ],
    arbiter,
    outcomes: [...right, interesting('half-made', `${HALF} Allowed by the specification; x86 does not do it.`)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'publication/atomics',
    description: 'The record is plain, the flag is raised and read by Atomics.',
    words,
    actors: [
      ({ memory, ready, name, size }) => {
        memory[name] = 1;
        memory[size] = 1;
        Atomics.store(memory, ready, 1);
      },
      (cell) => {
        if (Atomics.load(cell.memory, cell.ready) === 1) use(cell);
      },
    ],
    arbiter,
    outcomes: [...right, forbidden('half-made', HALF)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'publication/lock',
    description: 'Record and flag are plain, written and read under a Lock; even their order does not matter.',
    words,
    primitives: (arena) => ({ lock: new Lock({ arena }) }),
    actors: [
      ({ memory, ready, name, size, lock }) => {
        lock.acquire();
        memory[ready] = 1;
        memory[name] = 1;
        memory[size] = 1;
        lock.release();
      },
      (cell) => {
        cell.lock.acquire();
        if (cell.memory[cell.ready] === 1) use(cell);
        cell.lock.release();
      },
    ],
    arbiter,
    outcomes: [...right, forbidden('half-made', HALF)],
  }),
];
