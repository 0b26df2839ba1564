/** UTF-8, which some realms do not have: worklets, and the sandboxes of test runners. */
import { SyncError } from '../core/errors.js';

const { TextDecoder, TextEncoder } = globalThis as Partial<typeof globalThis>;
const codecs = TextEncoder && TextDecoder && { encoder: new TextEncoder(), decoder: new TextDecoder() };

/** @throws SyncError `ERR_UNSUPPORTED` in a realm that does not have it */
export function utf8(): { readonly encoder: TextEncoder; readonly decoder: TextDecoder } {
  if (codecs === undefined)
    throw new SyncError('ERR_UNSUPPORTED', 'this realm has no TextEncoder, which hashing and storing need');
  return codecs;
}
