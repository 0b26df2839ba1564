/*
 * One release too many.
 *
 * A worker releases twice, as happens when both a `catch` and a `finally` clean up. A Semaphore accepts it: from then
 * on it has one permit more, and two workers are inside at once. A BoundedSemaphore refuses a release beyond its bound,
 * and a Lock one when it is not locked; but if another worker has come in by then, the second release looks like that
 * worker's own, and lets the culprit in beside it. Only an RLock knows its owner and always refuses.
 *
 * A run of 1 s each on 2 processors (x86-64, Node 20) that other programs kept busy too:
 *
 *     semaphore          apart 496 · both inside 1
 *     bounded-semaphore  refused 1,042 · apart 0 · both inside 0
 *     lock               refused 346 · apart 0 · both inside 0
 *     rlock              refused 6,339 · apart 0 · both inside 0
 */
import { type Arena, BoundedSemaphore, Lock, RLock, Semaphore, SyncError } from '../../index.js';
import { type Cell, defineStressTest } from '../test.js';
import { acceptable, forbidden, interesting, mustSee } from './outcomes.js';

const words = { inside: 0, met: 0, refused: 0 };
interface Guard {
  acquire(): boolean;
  tryAcquire(): boolean;
  release(): void;
}
type Room = Cell<keyof typeof words, { readonly guard: Guard }>;

function visit({ memory, inside, met }: Room): void {
  if (Atomics.add(memory, inside, 1) !== 0) memory[met] = 1;
  Atomics.sub(memory, inside, 1);
}

/** Releases; records a refusal, whether of the culprit's release or of one that it has spoilt. */
function release({ memory, refused, guard }: Room): void {
  try {
    guard.release();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    memory[refused] = 1;
  }
}

function visitOnce(cell: Room): void {
  cell.guard.acquire();
  visit(cell);
  release(cell);
}
function releaseTwice(cell: Room): void {
  visitOnce(cell);
  release(cell);
  visitOnce(cell);
}

/** Leaves exactly one permit, or the lock free. */
function restore({ guard }: Room): void {
  while (guard.tryAcquire());
  guard.release();
}

const arbiter = ({ memory, met, refused }: Room): string => {
  if (memory[met] === 1) return 'both inside';
  return memory[refused] === 1 ? 'refused' : 'apart';
};
const actors = [releaseTwice, visitOnce];
const apart = 'No release was refused, and by chance nobody met.';
const refused = acceptable('refused', 'A release was refused, by an error.');
const INSIDE = 'Two workers were inside at once.';
const BELATED = 'The second release came while another was inside, and let the culprit in.';

export const overRelease = [
  defineStressTest({
    module: import.meta.url,
    name: 'over-release/semaphore',
    subject: 'Semaphore',
    description: 'A worker releases a Semaphore of 1 twice.',
    words,
    primitives: (arena: Arena) => ({ guard: new Semaphore(1, { arena }) }),
    prepare: restore,
    actors,
    arbiter,
    outcomes: [acceptable('apart', apart), mustSee('both inside', INSIDE)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'over-release/bounded-semaphore',
    subject: 'BoundedSemaphore',
    description: 'A worker releases a BoundedSemaphore of 1 twice.',
    words,
    primitives: (arena: Arena) => ({ guard: new BoundedSemaphore(1, { arena }) }),
    prepare: restore,
    actors,
    arbiter,
    outcomes: [refused, forbidden('apart', apart), interesting('both inside', BELATED)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'over-release/lock',
    subject: 'Lock',
    description: 'A worker releases a Lock twice.',
    words,
    primitives: (arena: Arena) => ({ guard: new Lock({ arena }) }),
    prepare: restore,
    actors,
    arbiter,
    outcomes: [refused, forbidden('apart', apart), interesting('both inside', BELATED)],
    batch: 1,
  }),

  defineStressTest({
    module: import.meta.url,
    name: 'over-release/rlock',
    subject: 'RLock',
    description: 'A worker releases an RLock twice.',
    words,
    primitives: (arena: Arena) => ({ guard: new RLock({ arena }) }),
    actors,
    arbiter,
    outcomes: [refused, forbidden('apart', apart), forbidden('both inside', INSIDE)],
  }),
];
