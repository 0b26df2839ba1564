/** Values on their way between machines: bytes, without shared memory. */
import { Codec } from '../tasks/codec/index.js';
import { knownErrors } from '../tasks/parcel.js';

const codec = new Codec({ errors: knownErrors() });

/**
 * @param root what the value is called in an error message
 * @throws SyncError `ERR_NOT_CLONEABLE` when something in it cannot be sent
 */
export function encoded(value: unknown, root: string): Uint8Array {
  return codec.encodeToBytes(value, root);
}

/** @throws SyncError `ERR_DAMAGED`; `ERR_CODEC_VERSION` when the other side has another version */
export function decoded(bytes: Uint8Array): unknown {
  return codec.decodeBytes(bytes);
}
