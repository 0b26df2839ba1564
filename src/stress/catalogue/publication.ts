/*
 * Unsafe publication.
 *
 * One worker fills in a record and raises a flag; another that sees the flag uses the record. It may find it half-made:
 * certainly if the flag is raised first; and, when flag and record are plain words, even if it is raised last, because
 * neither compiler nor processor has to keep the order of plain stores or plain loads (x86 processors do, ARM
 * processors do not). An Atomics.store to the flag publishes everything written before it to whoever reads it by
 * Atomics.load.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     flag-first   not yet 35,273 · complete 29,485 · half-made 166
 *     plain        not yet 33,081 · complete 39,025 · half-made 0
 *     atomics      not yet 379 · complete 21,575 · half-made 0
 *     lock         not yet 19,050 · complete 31,708 · half-made 0
 *     event-first  not yet 496 · complete 179 · half-made 92
 *     event        not yet 121 · complete 52 · half-made 0
 */
import { type Arena, Event, Lock } from '../../index.js';
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

const primitives = (arena: Arena) => ({ made: new Event({ arena }) });
type Announced = Cell<Words, ReturnType<typeof primitives>>;

function fill({ memory, name, size }: Announced): void {
  memory[name] = 1;
  memory[size] = 1;
}
function useIfSet(cell: Announced): void {
  if (cell.made.isSet) use(cell);
}

export const publication = [
  defineStressTest({
    module: import.meta.url,
    name: 'publication/flag-first',
    subject: 'Atomics',
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
    subject: 'plain accesses',
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
    subject: 'Atomics',
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
    subject: 'Lock',
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

  defineStressTest({
    module: import.meta.url,
    name: 'publication/event-first',
    subject: 'Event',
    description: 'An Event is set before the record is filled in.',
    words,
    primitives,
    prepare: ({ made }) => made.clear(),
    actors: [
      (cell) => {
        cell.made.set();
        fill(cell);
      },
      useIfSet,
    ],
    arbiter,
    outcomes: [...right, mustSee('half-made', HALF)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'publication/event',
    subject: 'Event',
    description: 'The record is filled in by plain stores, then an Event is set.',
    words,
    primitives,
    prepare: ({ made }) => made.clear(),
    actors: [
      (cell) => {
        fill(cell);
        cell.made.set();
      },
      useIfSet,
    ],
    arbiter,
    outcomes: [...right, forbidden('half-made', HALF)],
    batch: 1,
  }),
];
