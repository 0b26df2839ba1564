/*
 * The bounded buffer (Dijkstra, 1965).
 *
 * A producer puts items into a ring of two places, a consumer takes them out, and both keep count of its items. A plain
 * count loses changes, and with them items. Two Semaphores count the free and the filled places, and a Lock guards the
 * count; but a worker that waits for a place while holding that Lock keeps out the one that would make room, and both
 * wait forever. A Condition releases the lock while it waits, which makes that mistake impossible.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     unprotected  in order 47,397 · miscounted 3
 *     wait-inside  in order 0 · miscounted 0 · hang 2
 *     semaphores   in order 854 · miscounted 0 · hang 0
 *     condition    in order 120 · miscounted 0 · hang 0
 */
import { type Arena, Condition, Lock, Semaphore } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const PLACES = 2;
const ITEMS = 4;
const words = { first: 0, second: 0, count: 0, put: 0, taken: 0, disorder: 0 };
type Ring = Cell<keyof typeof words, object>;

const placeOf = (ring: Ring, item: number): number => (item % PLACES === 0 ? ring.first : ring.second);

/** Puts the next item; there must be room. */
function put(ring: Ring): void {
  const { memory, count } = ring;
  memory[placeOf(ring, memory[ring.put])] = memory[ring.put] + 1;
  memory[ring.put] += 1;
  memory[count] += 1;
}

/** Takes the oldest item; there must be one. */
function take(ring: Ring): void {
  const { memory, count, taken, disorder } = ring;
  if (memory[placeOf(ring, memory[taken])] !== memory[taken] + 1) memory[disorder] = 1;
  memory[taken] += 1;
  memory[count] -= 1;
}

const forAll =
  <C extends Ring>(step: (ring: C) => void) =>
  (ring: C) => {
    for (let item = 0; item < ITEMS; item++) step(ring);
  };

const semaphores = (arena: Arena) => ({
  free: new Semaphore(PLACES, { arena }),
  filled: new Semaphore(0, { arena }),
  lock: new Lock({ arena }),
});
type Guarded = Ring & ReturnType<typeof semaphores>;

const underLock =
  (step: (ring: Ring) => void) =>
  (ring: Guarded): void => {
    ring.lock.acquire();
    step(ring);
    ring.lock.release();
  };
const putLocked = underLock(put);
const takeLocked = underLock(take);

const changing = (arena: Arena) => ({ changed: new Condition(new Lock({ arena })) });
type Watched = Ring & ReturnType<typeof changing>;

const stepWhen =
  (possible: (count: number) => boolean, step: (ring: Ring) => void) =>
  (ring: Watched): void => {
    const { memory, count, changed } = ring;
    changed.acquire();
    changed.waitFor(() => possible(memory[count]));
    step(ring);
    changed.notify();
    changed.release();
  };

function arbiter({ memory, put, taken, count, disorder }: Ring): string {
  return memory[disorder] === 0 && memory[put] - memory[taken] === memory[count] ? 'in order' : 'miscounted';
}
const inOrder = acceptable('in order', 'Items came out as they went in, and the count is right.');
const WRONG = 'The count is not that of the items, or an item was lost or taken twice.';
const HANG = 'One waits for room with the lock that the other needs to make room.';

export const boundedBuffer = [
  defineStressTest({
    module: import.meta.url,
    name: 'bounded-buffer/unprotected',
    subject: 'plain accesses',
    description: 'Put if the count says that there is room, take if it says that there is an item.',
    words,
    actors: [
      forAll((ring) => {
        if (ring.memory[ring.count] < PLACES) put(ring);
      }),
      forAll((ring) => {
        if (ring.memory[ring.count] > 0) take(ring);
      }),
    ],
    arbiter,
    outcomes: [inOrder, mustSee('miscounted', WRONG)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'bounded-buffer/wait-inside',
    subject: 'Semaphore',
    description: 'Two Semaphores and a Lock, and the Lock is held while waiting for a Semaphore.',
    words,
    primitives: semaphores,
    actors: [
      forAll((ring: Guarded) => {
        ring.lock.acquire();
        ring.free.acquire();
        put(ring);
        ring.filled.release();
        ring.lock.release();
      }),
      forAll((ring: Guarded) => {
        ring.lock.acquire();
        ring.filled.acquire();
        take(ring);
        ring.free.release();
        ring.lock.release();
      }),
    ],
    arbiter,
    outcomes: [inOrder, forbidden('miscounted', WRONG), mustSee('hang', HANG)],
    batch: 1,
    timeLimit: 250,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'bounded-buffer/semaphores',
    subject: 'Semaphore',
    description: 'Two Semaphores and a Lock, which is taken once there is room, or an item.',
    words,
    primitives: semaphores,
    actors: [
      forAll((ring: Guarded) => {
        ring.free.acquire();
        putLocked(ring);
        ring.filled.release();
      }),
      forAll((ring: Guarded) => {
        ring.filled.acquire();
        takeLocked(ring);
        ring.free.release();
      }),
    ],
    arbiter,
    outcomes: [inOrder, forbidden('miscounted', WRONG), forbidden('hang', HANG)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'bounded-buffer/condition',
    subject: 'Condition',
    description: 'A Condition, on which both wait for the count to change.',
    words,
    primitives: changing,
    actors: [forAll(stepWhen((count) => count < PLACES, put)), forAll(stepWhen((count) => count > 0, take))],
    arbiter,
    outcomes: [inOrder, forbidden('miscounted', WRONG), forbidden('hang', HANG)],
    batch: 1,
  }),
];
