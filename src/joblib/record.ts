/**
 * The bytes of a file that joblib writes: some bytes, and by what their damage is noticed.
 *
 * ```text
 * byte 0 … 3    "asfr"
 *      4        the version of the format
 *      5        1 when the content is compressed (zlib), else 0
 *      6, 7     0
 *      8 … 39   the sha-256 of bytes 0 … 7 and of all that follows
 *     40 …      the content, a multiple of 8 bytes from the start
 * ```
 */
import { deflate, inflate, sha256 } from '#files';
import { checkInteger } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';

const MAGIC = [0x61, 0x73, 0x66, 0x72];
const VERSION = 1;
const VERSION_AT = 4;
const COMPRESSED_AT = 5;
const HEAD = 8;
const START = 40;

/** zlib's level when only `true` is said: joblib's, too. */
const DEFAULT_LEVEL = 3;
const MOST = 9;

/**
 * @returns the level of compression, 0 for none
 * @throws TypeError, RangeError when it is neither a boolean nor a level
 */
export function levelOf(compress: boolean | number): number {
  if (typeof compress === 'boolean') return compress ? DEFAULT_LEVEL : 0;
  checkInteger('compress', compress, 0, MOST);
  return compress;
}

/** @returns the file of some parts, one after the other */
export function seal(parts: readonly Uint8Array[], level: number): Uint8Array {
  const content = level === 0 ? parts : [deflate(joined([], parts), level)];
  const head = new Uint8Array(HEAD);
  head.set(MAGIC);
  head[VERSION_AT] = VERSION;
  head[COMPRESSED_AT] = level === 0 ? 0 : 1;
  return joined([head, sha256(head, ...content)], content);
}

/**
 * @param file what `seal` returned
 * @returns the parts, joined
 * @throws SyncError `ERR_DAMAGED` when it is not a file of joblib, or a damaged one; `ERR_CODEC_VERSION` when a later
 *   version of this package has written it
 */
export function unseal(file: Uint8Array): Uint8Array {
  if (file.length < START || MAGIC.some((byte, i) => file[i] !== byte))
    throw new SyncError('ERR_DAMAGED', 'the file was not written by dump or Memory of atomics-sync-free');
  const [head, sum, content] = [file.subarray(0, HEAD), file.subarray(HEAD, START), file.subarray(START)];
  if (sha256(head, content).some((byte, i) => sum[i] !== byte))
    throw new SyncError('ERR_DAMAGED', 'the file is damaged: its content does not match its checksum');
  if (file[VERSION_AT] !== VERSION)
    throw new SyncError(
      'ERR_CODEC_VERSION',
      `the file has version ${file[VERSION_AT]}, and this copy reads ${VERSION}`,
    );
  return file[COMPRESSED_AT] === 1 ? inflate(content) : content;
}

function joined(some: readonly Uint8Array[], more: readonly Uint8Array[]): Uint8Array {
  const parts = [...some, ...more];
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
