/**
 * The primitives: locks and the like for JavaScript workers, blocking and async, with the semantics of Python's
 * `threading`.
 *
 * @module atomics-sync-free
 */
import { sayLoaded } from './core/memory/agent-names.js';
import { detectDeadlocks } from './recover/detector.js';
import { countWaits } from './trace/statistics.js';

export type { WaitOptions } from './core/arguments.js';
export { type ErrorCode, OwnerDiedError, SyncError, TimeoutError } from './core/errors.js';
export { Arena, type ArenaOptions, type RegionOptions } from './core/memory/arena.js';
export { retire } from './core/memory/retire.js';
export type { PlaceOptions } from './core/share/place.js';
export { attachWith, type Shareable, type Shared, share } from './core/share/sharing.js';
export { type Deadlock, DeadlockError, type DeadlockedAgent } from './recover/deadlock.js';
export { type DeadlockOptions, detectDeadlocks } from './recover/detector.js';
export { type AgentState, type AgentsDump, type AgentWait, dumpAgents } from './recover/dump.js';
export type { Acquirable, AsyncAcquirable } from './sync/acquirable.js';
export { attach } from './sync/attach.js';
export { Barrier, type BarrierOptions, BrokenBarrierError } from './sync/barrier.js';
export { Condition, type ConditionOptions } from './sync/condition.js';
export { Event } from './sync/event.js';
export type { Hold } from './sync/hold.js';
export { Lock, type LockOptions } from './sync/lock.js';
export type { ReadLock } from './sync/read-lock.js';
export type { OwnedOptions } from './sync/recovery.js';
export { RLock, type RLockHold } from './sync/rlock.js';
export { RWLock } from './sync/rwlock.js';
export { BoundedSemaphore, Semaphore } from './sync/semaphore.js';
export type { WriteLock } from './sync/write-lock.js';
export { countWaits, type Statistics, statistics } from './trace/statistics.js';

// Marked as pure: they run when the package is loaded unbundled, but do not make a bundle include them.
/* @__PURE__ */ detectDeadlocks();
/* @__PURE__ */ countWaits();
/* @__PURE__ */ sayLoaded();
