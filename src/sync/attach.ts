/** The `attach` of the main entry: all primitives at once. */
import { attachWith, type Shared } from '../core/share/sharing.js';
import { Barrier } from './barrier.js';
import { Condition } from './condition.js';
import { Event } from './event.js';
import { Lock } from './lock.js';
import { RLock } from './rlock.js';
import { RWLock } from './rwlock.js';
import { BoundedSemaphore, Semaphore } from './semaphore.js';

/** Every class of this entry; entries above it add their own. */
export const PRIMITIVES = [Lock, RLock, Semaphore, BoundedSemaphore, Event, Condition, Barrier, RWLock] as const;

let attachAny: typeof attach | undefined;

/**
 * Turns data made by `share` and sent by another agent back into live objects. Attaching the same primitive twice gives two
 * objects that act as one.
 *
 * @param data what arrived, such as `workerData` or a message's `data`
 * @returns the same data with live objects in place of the handles
 * @throws SyncError `ERR_HANDLE` for a handle that is damaged or forged; `ERR_ARENA_VERSION` for one of another version
 *   of the package; `ERR_ARENA_COPY` for one whose memory is a byte copy of an arena that this agent knows; `ERR_NO_SLOT`
 *   when the arena has all the members it can have; `ERR_RETIRED` when this agent was taken for dead
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
  // Made on the first call, so that a bundle that does not use it need not include any of the classes.
  attachAny ??= attachWith(...PRIMITIVES);
  return attachAny(data);
}
