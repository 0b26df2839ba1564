/** What readers say of bytes that are no message. */
import { SyncError } from '../../core/errors.js';
import { HEADER, VERSION } from './format.js';

export const damaged = (why: string): SyncError =>
  new SyncError('ERR_DAMAGED', `these bytes are no message, or a damaged one: ${why}`);

/** Calls a constructor with arguments that it may refuse. */
export function orDamaged<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw damaged(error instanceof Error ? error.message : String(error));
  }
}

/** @param header not that of this version */
export function foreign(header: number): SyncError {
  if ((header & 0xff_ffff) !== (HEADER & 0xff_ffff)) return damaged('they do not begin like one');
  return new SyncError(
    'ERR_CODEC_VERSION',
    `the message has version ${header >>> 24} of the format, and this copy of atomics-sync-free reads ${VERSION}`,
  );
}
