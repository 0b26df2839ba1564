/**
 * The files that joblib writes: content, after a header by which damage is noticed.
 *
 * ```text
 * byte 0 … 3    "asfr"
 *      4 … 7    the CRC-32 of all that follows
 *      8        the version of the format
 *      9        1 when the content is compressed (zlib), else 0
 *     10 … 15   0
 *     16 …      the content
 * ```
 */
import { crc32, deflate, inflate } from '#files';
import { checkInteger } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';

const MAGIC = [0x61, 0x73, 0x66, 0x72];
const VERSION = 2;
const SUM_AT = 4;
const VERSION_AT = 8;
const COMPRESSED_AT = 9;
const START = 16;

/** zlib's level for `true`, which is also joblib's. */
const DEFAULT_LEVEL = 3;
const MOST = 9;

/**
 * @returns the level of compression, 0 for none
 * @throws TypeError or RangeError when it is neither a boolean nor a level
 */
export function levelOf(compress: boolean | number): number {
  if (typeof compress === 'boolean') return compress ? DEFAULT_LEVEL : 0;
  checkInteger('compress', compress, 0, MOST);
  return compress;
}

/** @returns the parts of a file whose content is these parts, one after the other */
export function seal(parts: readonly Uint8Array[], level: number): Uint8Array[] {
  const content = level === 0 ? parts : [deflate(parts, level)];
  const head = new Uint8Array(START);
  head.set(MAGIC);
  head[VERSION_AT] = VERSION;
  head[COMPRESSED_AT] = level === 0 ? 0 : 1;
  const sum = content.reduce((before, part) => crc32(part, before), crc32(head.subarray(VERSION_AT)));
  viewOf(head).setUint32(SUM_AT, sum, true);
  return [head, ...content];
}

/**
 * @param file what `seal` returned, joined
 * @returns the parts, joined; they may be a part of the file
 * @throws SyncError `ERR_DAMAGED` when it is not a file of joblib, or a damaged one; `ERR_CODEC_VERSION` when another
 *   version of this package has written it
 */
export function unseal(file: Uint8Array): Uint8Array {
  if (file.length < START || MAGIC.some((byte, i) => file[i] !== byte))
    throw new SyncError('ERR_DAMAGED', 'the file was not written by dump or Memory of atomics-sync-free');
  if (crc32(file.subarray(VERSION_AT)) !== viewOf(file).getUint32(SUM_AT, true))
    throw new SyncError('ERR_DAMAGED', 'the file is damaged: its content does not match its checksum');
  if (file[VERSION_AT] !== VERSION)
    throw new SyncError(
      'ERR_CODEC_VERSION',
      `the file has version ${file[VERSION_AT]}, and this copy reads ${VERSION}`,
    );
  const content = file.subarray(START);
  return file[COMPRESSED_AT] === 1 ? inflate(content) : content;
}

const viewOf = ({ buffer, byteOffset }: Uint8Array): DataView => new DataView(buffer, byteOffset, START);
