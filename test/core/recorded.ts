// What the tests of records of the dead, and their agents, share. Nothing here takes the main entry, by which everybody knows of records.
import { GATE } from '#dist/core/memory/cells.js';
import { Member } from '#dist/core/memory/member.js';
import { takeRecord } from '#dist/core/memory/records.js';
import { condemn, takeSlot } from '#dist/core/memory/slots.js';
import type { Lock } from '#dist/sync/lock.js';

/** Makes live objects of each kind. */
export const MAKERS: Readonly<Record<string, () => Promise<unknown>>> = {
  Lock: async () => new (await import('#dist/sync/lock.js')).Lock(),
  RLock: async () => new (await import('#dist/sync/rlock.js')).RLock(),
  Event: async () => new (await import('#dist/sync/event.js')).Event(),
  Semaphore: async () => new (await import('#dist/sync/semaphore.js')).Semaphore(),
  BoundedSemaphore: async () => new (await import('#dist/sync/semaphore.js')).BoundedSemaphore(),
  Condition: async () => new (await import('#dist/sync/condition.js')).Condition(),
  Barrier: async () => new (await import('#dist/sync/barrier.js')).Barrier(2),
  RWLock: async () => new (await import('#dist/sync/rwlock.js')).RWLock(),
  SimpleQueue: async () => new (await import('#dist/multiprocessing/simple-queue.js')).SimpleQueue(),
  Queue: async () => new (await import('#dist/multiprocessing/queue.js')).Queue(),
  JoinableQueue: async () => new (await import('#dist/multiprocessing/joinable-queue.js')).JoinableQueue(),
  Pipe: async () => (await import('#dist/multiprocessing/pipe.js')).Pipe(),
};

/** Those of which nothing is recorded. */
export const BARE = ['Lock', 'RLock', 'Event'];

/** An agent that has a record and the lock, and is dead. @returns what says whose they are */
export function deadWithRecord(lock: Lock): Member {
  const { words } = lock.arena;
  const id = takeSlot(words, [-1, 1], (agent) => ({ agent, withdraw() {} }))?.agent as number;
  const dead = new Member(words, id);
  takeRecord(dead, lock.cell);
  Atomics.store(words, lock.cell + GATE + 2, dead.ownerWord);
  condemn(words, id);
  return dead;
}
