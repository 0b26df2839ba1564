/*
 * The stranded waiter: a semaphore that wakes on 0 → 1 only.
 *
 * Two workers sleep for a permit, a third releases two. If a release wakes somebody only when it finds no permit there,
 * the second release, which finds the first one's, wakes nobody: one sleeper is left beside a permit that nobody takes.
 * A release must check whether somebody waits, not whether there were no permits. A count of waiters beside the permits
 * does that, and so does Semaphore, which keeps that evidence in its own word.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     notify-on-zero  both served 10,357 · stranded 44
 *     waiter-count    both served 740,425 · hang 0
 *     semaphore       both served 650,946 · hang 0
 */
import { Semaphore } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const words = { permits: 0, waiters: 0, stranded: 0 };
type Permits = Cell<keyof typeof words, object>;

const arbiter = ({ memory, stranded }: Cell<'stranded', object>): string =>
  memory[stranded] === 1 ? 'stranded' : 'both served';
const served = acceptable('both served', 'Both workers have had a permit.');
const STRANDED = 'A worker slept beside a permit: without a time-out it would sleep for ever.';
/** After this many ms a sleeper checks whether it sleeps in vain. */
const NAP = 10;

function acquire(cell: Permits, nap?: number): void {
  const { memory, permits, waiters, stranded } = cell;
  for (;;) {
    const seen = Atomics.load(memory, permits);
    if (seen > 0) {
      if (Atomics.compareExchange(memory, permits, seen, seen - 1) === seen) return;
      continue;
    }
    Atomics.add(memory, waiters, 1);
    const woken = Atomics.wait(memory, permits, 0, nap);
    Atomics.sub(memory, waiters, 1);
    if (woken === 'timed-out' && Atomics.load(memory, permits) > 0) memory[stranded] = 1;
  }
}

function releaseOnZero({ memory, permits }: Permits): void {
  if (Atomics.add(memory, permits, 1) === 0) Atomics.notify(memory, permits, 1);
}

function releaseToWaiters({ memory, permits, waiters }: Permits): void {
  Atomics.add(memory, permits, 1);
  if (Atomics.load(memory, waiters) > 0) Atomics.notify(memory, permits, 1);
}

const nap = (cell: Permits): void => acquire(cell, NAP);
const sleep = (cell: Permits): void => acquire(cell);
const twice = (release: (cell: Permits) => void) => (cell: Permits) => {
  release(cell);
  release(cell);
};

export const strandedWaiter = [
  defineStressTest({
    module: import.meta.url,
    name: 'stranded-waiter/notify-on-zero',
    subject: 'Semaphore',
    description: 'A semaphore made by hand, whose release wakes only when there was no permit.',
    words,
    actors: [nap, nap, twice(releaseOnZero)],
    arbiter,
    outcomes: [served, mustSee('stranded', STRANDED)],
    batch: 64,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'stranded-waiter/waiter-count',
    subject: 'Atomics',
    description: 'A semaphore made by hand, whose release wakes whenever somebody waits.',
    words,
    actors: [sleep, sleep, twice(releaseToWaiters)],
    arbiter,
    outcomes: [served, forbidden('hang', STRANDED)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'stranded-waiter/semaphore',
    subject: 'Semaphore',
    description: 'Two workers acquire a Semaphore of 0, a third releases it twice.',
    words,
    primitives: (arena) => ({ semaphore: new Semaphore(0, { arena }) }),
    actors: [
      ({ semaphore }) => void semaphore.acquire(),
      ({ semaphore }) => void semaphore.acquire(),
      ({ semaphore }) => {
        semaphore.release();
        semaphore.release();
      },
    ],
    arbiter,
    outcomes: [served, forbidden('hang', STRANDED)],
  }),
];
