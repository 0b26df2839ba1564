/**
 * Locks, semaphores, events and dicts that processes of many machines share, on a Redis or Valkey server.
 *
 * @module atomics-sync-free/distributed
 */
export type { WaitOptions } from '../core/arguments.js';
export { type ErrorCode, SyncError, TimeoutError } from '../core/errors.js';
export { Cluster } from './cluster.js';
export { type ConnectOptions, connect } from './connect.js';
export { DistributedDict, type WriteOptions } from './dict.js';
export { DistributedEvent } from './event.js';
export { LeaseHold } from './lease-hold.js';
export { DistributedLock } from './lock.js';
export { DistributedSemaphore } from './semaphore.js';
