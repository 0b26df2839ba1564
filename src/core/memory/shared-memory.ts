/** Whether agents can share memory, for which a page must be cross-origin isolated. */
import { SyncError } from '../errors.js';

/** @throws SyncError where memory cannot be shared between workers, instead of a DataCloneError later on */
export function checkSharedMemory(): void {
  if (typeof SharedArrayBuffer === 'undefined' || globalThis.crossOriginIsolated === false) {
    throw new SyncError(
      'ERR_NO_SHARED_MEMORY',
      'shared memory needs a page that is cross-origin isolated; serve it and its workers with ' +
        'Cross-Origin-Opener-Policy: same-origin and Cross-Origin-Embedder-Policy: require-corp',
    );
  }
}
