/** The `attach` of the GIL's entry: that of the main entry, which also knows a GIL. */
import { attachWith, type Shared } from '../core/share/sharing.js';
import { PRIMITIVES } from '../sync/attach.js';
import { GIL } from './gil.js';

let attachAny: typeof attach | undefined;

/**
 * Turns what `share` made, and another agent sent, back into live objects: the `attach` of `atomics-sync-free`, which
 * also recognizes a GIL.
 *
 * @param data what arrived, such as `workerData` or a message's `data`
 * @returns the same data with live objects instead of handles
 * @throws SyncError `ERR_HANDLE` for a handle that is damaged or forged; `ERR_ARENA_VERSION` for one of another version
 *   of the package; `ERR_ARENA_COPY` for one whose memory is a byte copy of an arena that this agent knows; `ERR_NO_SLOT`
 *   when the arena has all the members it can have; `ERR_RETIRED` when this agent was taken for dead
 *
 * @example
 * ```ts
 * import { share } from 'atomics-sync-free';
 * import { attach, GIL } from 'atomics-sync-free/gil';
 * const message = structuredClone(share({ gil: new GIL() }));
 * // in a worker: const { gil } = attach<{ gil: GIL }>(workerData);
 * const { gil } = attach(message);
 * console.log(gil.run(() => gil.held)); // true
 * ```
 */
export function attach<T>(data: Shared<T>): T {
  attachAny ??= attachWith(...PRIMITIVES, GIL);
  return attachAny(data);
}
