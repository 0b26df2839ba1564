import { Place } from '../core/shared-object.js';
import { type Attacher, attachWith, type Shared } from '../core/sharing.js';
import { Lock } from './lock.js';

/** @internal How the live object of each kind is made; entries that know more kinds build on it. */
export const attachers: ReadonlyMap<string, Attacher> = new Map<string, Attacher>([
  ['Arena', (arena) => arena],
  ['Lock', (arena, cell) => new Lock(new Place(arena, cell))],
]);

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
 * lock.run(() => {});
 * ```
 */
export function attach<T>(data: Shared<T>): T {
  return attachWith(data, (kind) => attachers.get(kind)) as T;
}
