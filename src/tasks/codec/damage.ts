/** The errors of readers for bytes that are not a message. */
import { SyncError } from '../../core/errors.js';
import { messageOf } from '../../core/thrown.js';
import { HEADER, VERSION } from './format.js';

export const damaged = (why: string): SyncError =>
  new SyncError('ERR_DAMAGED', `these bytes are not a message, or are a damaged one: ${why}`);

/** Calls a constructor with arguments that it may reject. */
export function orDamaged<T>(make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw damaged(messageOf(error));
  }
}

/** @param header a header other than this version's */
export function foreign(header: number): SyncError {
  if ((header & 0xff_ffff) !== (HEADER & 0xff_ffff)) return damaged('they do not begin like one');
  return new SyncError(
    'ERR_CODEC_VERSION',
    `the message has version ${header >>> 24} of the format, but this copy of atomics-sync-free reads ${VERSION}`,
  );
}
