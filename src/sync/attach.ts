import type { Arena } from '../core/arena.js';
import { badHandle } from '../core/handle.js';
import { Place } from '../core/shared-object.js';
import { type Attacher, attachWith, type Shared } from '../core/sharing.js';
import { Barrier } from './barrier.js';
import { Condition } from './condition.js';
import { Event } from './event.js';
import { Lock } from './lock.js';
import { RLock } from './rlock.js';
import { RWLock } from './rwlock.js';
import { BoundedSemaphore, Semaphore } from './semaphore.js';

/** How each kind of live object is made from its handle; entries above this one add their own. */
export const attachers: ReadonlyMap<string, Attacher> = new Map<string, Attacher>([
  ['Arena', arenaItself],
  ['Lock', (arena, cell) => new Lock(new Place(arena, cell))],
  ['RLock', (arena, cell) => new RLock(new Place(arena, cell))],
  ['Semaphore', (arena, cell) => new Semaphore(new Place(arena, cell))],
  ['BoundedSemaphore', (arena, cell) => new BoundedSemaphore(new Place(arena, cell))],
  ['Event', (arena, cell) => new Event(new Place(arena, cell))],
  ['Condition', (arena, cell) => new Condition(new Place(arena, cell))],
  ['Barrier', (arena, cell) => new Barrier(new Place(arena, cell))],
  ['RWLock', (arena, cell) => new RWLock(new Place(arena, cell))],
]);

function arenaItself(arena: Arena, cell: number): Arena {
  if (cell !== 0) throw badHandle('Arena');
  return arena;
}

/**
 * Turns what `share` made, and another agent sent, back into live objects. Attaching the same primitive twice gives
 * two objects that work as one.
 *
 * @param data what arrived, such as `workerData` or a message's `data`
 * @returns the same with live objects in the place of handles
 * @throws SyncError `ERR_HANDLE` for a handle that is damaged or forged; `ERR_ARENA_VERSION` for one of another version
 *   of the package; `ERR_NO_SLOT` when the arena has all the members it can have
 *
 * @example
 * ```ts
 * import { attach, Lock, share } from 'atomics-sync-free';
 * const message = structuredClone(share({ lock: new Lock() }));
 * // in a worker: const { lock } = attach<{ lock: Lock }>(workerData);
 * const { lock } = attach(message);
 * console.log(lock.run(() => lock.locked)); // true
 * ```
 */
export function attach<T>(data: Shared<T>): T {
  return attachWith(data, (kind) => attachers.get(kind)) as T;
}
