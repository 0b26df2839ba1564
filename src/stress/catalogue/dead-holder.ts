/*
 * Dead holder.
 *
 * Money goes from one account to another, and the worker that books it is terminated at a random moment: now and then
 * between the two bookings, while it holds the lock. A hand-made lock stays taken, and the next to want it waits
 * forever. A lock that is merely freed lets the next one in, which finds half a transfer. A Lock, an RLock or the
 * writing side of an RWLock is abandoned: the next worker is told, nobody gets in until the accounts are repaired, and
 * here the worker that is told repairs them.
 *
 * The dead worker cannot be asked how far it had come: the accounts themselves must show it.
 *
 * A run of 5 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     own-mutex  balanced 37 · known to be half done 3 · hang 1 · half a transfer 0
 *     released   balanced 21 · known to be half done 1 · half a transfer 3 · hang 0
 *     lock       balanced 22 · repaired 2 · known to be half done 3 · half a transfer 0 · money lost 0 · hang 0
 *     rlock      balanced 23 · repaired 4 · known to be half done 3 · half a transfer 0 · money lost 0 · hang 0
 *     rwlock     balanced 10 · repaired 3 · known to be half done 3 · half a transfer 0 · money lost 0 · hang 0
 */
import { type Arena, Lock, OwnerDiedError, RLock, RWLock, type WriteLock } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting, mustSee } from './outcomes.js';

const words = { from: 100, to: 100, mutex: 0, sum: 200, repaired: 0 };
type Bank = Cell<keyof typeof words, object>;
type Guard = Lock | RLock | WriteLock;
type Locked = Bank & { readonly lock: Guard };

/** How long a booking takes, in turns of an empty loop: about 2 ms, so that a death often comes between two. */
const BOOKING = 2_000_000;

function transfer({ memory, from, to }: Bank): void {
  memory[from] -= 10;
  for (let turns = BOOKING; turns > 0; turns--);
  memory[to] += 10;
}

function addUp({ memory, from, to, sum }: Bank): void {
  memory[sum] = memory[from] + memory[to];
}

/** Completes a transfer, however far it had come. */
function complete({ memory, from, to, repaired }: Bank): void {
  if (memory[from] === 90) memory[to] = 110;
  memory[repaired] = 1;
}

/** Adds up under the lock; repairs first, if told that the holder died. */
function addUpSafely(cell: Locked): void {
  const { lock } = cell;
  try {
    lock.run(() => addUp(cell));
  } catch (error) {
    if (!(error instanceof OwnerDiedError)) throw error;
    lock.recover(() => complete(cell));
    lock.run(() => addUp(cell));
  }
}

function arbiter({ memory, from, to, sum, repaired }: Bank): string {
  if (memory[sum] !== 200) return 'half a transfer';
  if (memory[repaired] === 1) return memory[from] + memory[to] === 200 ? 'repaired' : 'money lost';
  return memory[from] + memory[to] === 200 ? 'balanced' : 'known to be half done';
}

/** A half-done transfer must be guarded by a lock that says so. */
const arbiterOfLock = (cell: Locked): string => {
  const result = arbiter(cell);
  return result === 'known to be half done' && !cell.lock.abandoned ? 'money lost' : result;
};

const balanced = acceptable('balanced', 'The transfer was made, or had not begun.');
const known = acceptable(
  'known to be half done',
  'It died between the bookings when the sum had been taken: the lock tells the next one.',
);
const repaired = mustSee('repaired', 'It died holding the lock; the next one was told, and completed the transfer.');
const HALF = 'It died between the bookings, and the sum was taken of half a transfer.';
const lost = forbidden('money lost', 'The accounts do not add up, and nobody is told.');

/** Locks that can be abandoned, each made in an arena. */
const guards: Readonly<Record<string, (arena: Arena) => Guard>> = {
  Lock: (arena) => new Lock({ arena }),
  RLock: (arena) => new RLock({ arena }),
  RWLock: (arena) => new RWLock({ arena }).writeLock,
};

const shared = { module: import.meta.url, words, kills: 0, batch: 1 };

export const deadHolder = [
  defineStressTest({
    ...shared,
    name: 'dead-holder/own-mutex',
    subject: 'Atomics',
    description: 'The lock is a word that is set and cleared.',
    actors: [
      (cell) => {
        const { memory, mutex } = cell;
        while (Atomics.compareExchange(memory, mutex, 0, 1) !== 0) Atomics.wait(memory, mutex, 1);
        transfer(cell);
        Atomics.store(memory, mutex, 0);
        Atomics.notify(memory, mutex);
      },
      (cell) => {
        const { memory, mutex } = cell;
        while (Atomics.compareExchange(memory, mutex, 0, 1) !== 0) Atomics.wait(memory, mutex, 1);
        addUp(cell);
        Atomics.store(memory, mutex, 0);
        Atomics.notify(memory, mutex);
      },
    ],
    arbiter,
    outcomes: [
      balanced,
      interesting('known to be half done', 'It died between the bookings when the sum had been taken; nobody is told.'),
      mustSee('hang', 'It died holding the lock, for which the other waits for ever.'),
      forbidden('half a transfer', HALF),
    ],
    timeLimit: 200,
  }),

  defineStressTest({
    ...shared,
    name: 'dead-holder/released',
    subject: 'Lock',
    description: 'The Lock is freed when its holder dies, though the accounts can be half changed.',
    primitives: (arena: Arena) => ({ lock: new Lock({ arena, onOwnerDeath: 'release' }) }),
    actors: [(cell: Locked) => cell.lock.run(() => transfer(cell)), addUpSafely],
    arbiter,
    outcomes: [
      balanced,
      interesting('known to be half done', 'It died between the bookings when the sum had been taken; nobody is told.'),
      mustSee('half a transfer', HALF),
      forbidden('hang', 'The lock was not freed.'),
    ],
  }),

  ...Object.entries(guards).map(([subject, make]) =>
    defineStressTest({
      ...shared,
      name: `dead-holder/${subject.toLowerCase()}`,
      subject,
      description: `The ${subject} is abandoned when its holder dies; the worker that is told repairs.`,
      primitives: (arena: Arena) => ({ lock: make(arena) }),
      actors: [(cell: Locked) => cell.lock.run(() => transfer(cell)), addUpSafely],
      arbiter: arbiterOfLock,
      outcomes: [
        balanced,
        repaired,
        known,
        forbidden('half a transfer', HALF),
        lost,
        forbidden('hang', 'Somebody waits for the dead.'),
      ],
    }),
  ),
];
