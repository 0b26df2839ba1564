/** The `attach` of this entry: the main entry's, extended to what processes share. */
import { attachWith, type Shared } from '../core/share/sharing.js';
import { PRIMITIVES } from '../sync/attach.js';
import { Connection } from './connection.js';
import { JoinableQueue } from './joinable-queue.js';
import { Arrival } from './manager/arrival.js';
import { Queue } from './queue.js';
import { SharedArray } from './shared-array.js';
import { SimpleQueue } from './simple-queue.js';
import { Value } from './value.js';

/** The classes that this entry adds. */
export const SHARED = [SimpleQueue, Queue, JoinableQueue, Connection, Value, SharedArray, Arrival] as const;

let attachAny: typeof attach | undefined;

/**
 * Turns handles, made by `share` and sent by another agent, back into live objects: the `attach` of
 * `atomics-sync-free`, extended to queues, connections, values and arrays.
 *
 * @param data what arrived, such as `workerData` or a message's `data`
 * @returns the same data with live objects in place of handles
 * @throws SyncError `ERR_HANDLE` for a handle that is damaged or forged; `ERR_ARENA_VERSION` for one of another version
 *   of the package; `ERR_NO_SLOT` when the arena already has as many members as it can have
 *
 * @example
 * ```ts
 * import { attach, Queue, share } from 'atomics-sync-free/multiprocessing';
 * const queue = new Queue<number>();
 * const message = structuredClone(share({ queue }));
 * // in a worker: const { queue } = attach<{ queue: Queue<number> }>(workerData);
 * attach(message).queue.put(1);
 * console.log(queue.get()); // 1
 * ```
 */
export function attach<T>(data: Shared<T>): T {
  attachAny ??= attachWith(...PRIMITIVES, ...SHARED);
  return attachAny(data);
}
