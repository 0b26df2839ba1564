/** joblib's `dump` and `load`: a value in a file. */
import { pathOf, readFor, write } from '#files';
import { checkFields, type Fields, isURL, shown } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { Codec } from '../tasks/codec/index.js';
import { levelOf, seal, unseal } from './record.js';

const codec = new Codec();

/** How a value is written. */
export interface DumpOptions {
  /** A level of zlib, from 1 (fast) to 9 (small); 0 or false, the default, for none; true for 3. */
  readonly compress?: boolean | number | undefined;
}

const FIELDS: Fields<DumpOptions> = { compress: true };

/**
 * Writes a value to a file. Readers meanwhile find the file that was there before, or the whole new one. Where there is a
 * link, the file that it leads to is replaced; a device or a pipe is written to.
 *
 * @param value what structured clone carries as bytes; objects of classes are written as their own properties
 * @param path of the file; its folder must exist
 * @param options how it is written
 * @throws SyncError `ERR_NOT_CLONEABLE` when something in it cannot be written; `ERR_NO_FILES` in a page
 * @throws TypeError or RangeError when an argument is invalid; what the host throws when the file cannot be written
 *
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { dump, load } from 'atomics-sync-free/joblib';
 * const path = `${tmpdir()}/weights.asf`;
 * dump({ weights: new Float64Array([1, 2]), labels: new Map([['a', 1]]) }, path, { compress: true });
 * console.log(load(path)); // { weights: Float64Array(2) [ 1, 2 ], labels: Map(1) { 'a' => 1 } }
 * ```
 */
export function dump(value: unknown, path: string | URL, options: DumpOptions = {}): void {
  checkFields('dump', options, FIELDS);
  checkPath(path);
  const level = levelOf(options.compress ?? false);
  write(pathOf(path), ...seal([codec.encodeToBytes(value)], level));
}

/**
 * Reads the value of a file that `dump` has written.
 *
 * @param path of the file
 * @returns the value
 * @throws SyncError `ERR_DAMAGED` when it is not such a file, or has been damaged; `ERR_CODEC_VERSION` when another version
 *   of this package has written it; `ERR_UNSUPPORTED` when this runtime does not have a kind of typed array that is in it;
 *   `ERR_NO_FILE` when there is none; `ERR_NO_FILES` in a page
 * @throws TypeError when `path` is not a path; what the host throws when the file cannot be read
 *
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { dump, load } from 'atomics-sync-free/joblib';
 * dump([1n, new Date(0)], `${tmpdir()}/loaded.asf`);
 * const [big] = load(`${tmpdir()}/loaded.asf`) as [bigint, Date];
 * console.log(big); // 1n
 * ```
 */
export function load(path: string | URL): unknown {
  checkPath(path);
  const where = pathOf(path);
  const found = readFor(where, (file) => [codec.decodeBytes(unseal(file))]);
  if (found === undefined) throw new SyncError('ERR_NO_FILE', `there is no file ${where}`);
  return found[0];
}

function checkPath(path: string | URL): void {
  if (typeof path !== 'string' && !isURL(path))
    throw new TypeError(`path must be the path or URL of a file, not ${shown(path)}`);
}
