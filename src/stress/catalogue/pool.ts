/*
 * A pool of two.
 *
 * Two workers take what they can get of two places, and each could use both. Checking how many are taken and then
 * taking one lets both take the last. A Semaphore counts and takes in one step.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     look-then-take     two at most 54,856 · three taken 9
 *     semaphore          two at most 52,236 · three taken 0
 *     bounded-semaphore  two at most 26,980 · three taken 0
 */
import { type Arena, BoundedSemaphore, Semaphore } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, mustSee } from './outcomes.js';

const PLACES = 2;
const words = { taken: 0, tooMany: 0 };
type Pool = Cell<keyof typeof words, object>;

function take({ memory, taken, tooMany }: Pool): void {
  if (Atomics.add(memory, taken, 1) >= PLACES) memory[tooMany] = 1;
}
function giveBack({ memory, taken }: Pool): void {
  Atomics.sub(memory, taken, 1);
}

function useByLook(cell: Pool): void {
  let mine = 0;
  for (let wish = 0; wish < PLACES; wish++) {
    if (Atomics.load(cell.memory, cell.taken) >= PLACES) continue;
    take(cell);
    mine++;
  }
  for (; mine > 0; mine--) giveBack(cell);
}

function useByPermit(cell: Pool & { readonly places: Semaphore }): void {
  let mine = 0;
  for (let wish = 0; wish < PLACES; wish++) {
    if (!cell.places.tryAcquire()) continue;
    take(cell);
    mine++;
  }
  for (; mine > 0; mine--) {
    giveBack(cell);
    cell.places.release();
  }
}

const arbiter = ({ memory, tooMany }: Pool): string => (memory[tooMany] === 1 ? 'three taken' : 'two at most');
const few = acceptable('two at most', 'No more than two places were ever taken.');
const CROWD = 'Both workers took the last place.';

export const pool = [
  defineStressTest({
    module: import.meta.url,
    name: 'pool/look-then-take',
    subject: 'Atomics',
    description: 'Look whether there is a place left, then take it.',
    words,
    actors: [useByLook, useByLook],
    arbiter,
    outcomes: [few, mustSee('three taken', CROWD)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'pool/semaphore',
    subject: 'Semaphore',
    description: 'Take a place with one of the two permits of a Semaphore.',
    words,
    primitives: (arena: Arena) => ({ places: new Semaphore(PLACES, { arena }) }),
    actors: [useByPermit, useByPermit],
    arbiter,
    outcomes: [few, forbidden('three taken', CROWD)],
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'pool/bounded-semaphore',
    subject: 'BoundedSemaphore',
    description: 'Take a place with one of the two permits of a BoundedSemaphore.',
    words,
    primitives: (arena: Arena) => ({ places: new BoundedSemaphore(PLACES, { arena }) }),
    actors: [useByPermit, useByPermit],
    arbiter,
    outcomes: [few, forbidden('three taken', CROWD)],
  }),
];
