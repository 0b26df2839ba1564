/**
 * The primitives: locks and the like for JavaScript workers, blocking and async, with the semantics of Python's
 * `threading`.
 *
 * @module atomics-sync-free
 */
export { Arena, type ArenaOptions, type RegionOptions } from './core/arena.js';
export type { WaitOptions } from './core/arguments.js';
export { type ErrorCode, SyncError, TimeoutError } from './core/errors.js';
export type { Hold } from './core/hold.js';
export { retire } from './core/retire.js';
export type { PlaceOptions } from './core/shared-object.js';
export { type Shared, share } from './core/sharing.js';
export { attach } from './sync/attach.js';
export { Barrier, type BarrierOptions, BrokenBarrierError } from './sync/barrier.js';
export { Condition, type ConditionOptions } from './sync/condition.js';
export { Event } from './sync/event.js';
export { Lock } from './sync/lock.js';
export { RLock, type RLockHold } from './sync/rlock.js';
export { RWLock } from './sync/rwlock.js';
export { BoundedSemaphore, Semaphore } from './sync/semaphore.js';
