/** What a result is filed by: all that it depends on. */
import { look, pathOf, read, sha256Hex } from '#files';
import { checkInteger, isURL, shown } from '../../core/arguments.js';
import { hash } from '../hash/hash.js';

/** What a result depends on besides the arguments. */
export interface Dependencies {
  /** What is left out of the arguments: positions from 0 on, and properties of arguments that are plain objects. */
  readonly ignore: readonly (number | string)[];
  readonly version: unknown;
  readonly deps: readonly unknown[];
}

/** @throws TypeError or RangeError when they are invalid */
export function checkDependencies({ ignore, deps }: Dependencies): void {
  if (!Array.isArray(ignore)) throw new TypeError(`ignore must be an array, not ${shown(ignore)}`);
  for (const each of ignore) if (typeof each !== 'string') checkInteger('a position in ignore', each, 0, 65535);
  if (!Array.isArray(deps)) throw new TypeError(`deps must be an array, not ${shown(deps)}`);
  for (const each of deps)
    if (isURL(each) && each.protocol !== 'file:')
      throw new TypeError(`a URL in deps must be that of a file, not ${shown(each.href)}`);
}

/**
 * @param source the hash of the function's source
 * @throws SyncError `ERR_NOT_HASHABLE` when an argument, the version or a dependency has no hash
 */
export function keyOf(source: string, args: readonly unknown[], { ignore, version, deps }: Dependencies): string {
  const key = { source, version, deps: deps.map(told), args };
  // Calls that ignore something else ask for other results: what is left of their arguments may be the same.
  return hash(ignore.length === 0 ? key : { ...key, args: without(args, ignore), ignored: new Set(ignore) });
}

/** Takes out what is ignored, so that it does not count whether it is there. */
function without(args: readonly unknown[], ignore: readonly (number | string)[]): unknown[] {
  const names = new Set(ignore.filter((each) => typeof each === 'string'));
  const others = args.filter((_, i) => !ignore.includes(i));
  if (names.size === 0) return others;
  const left = others.map((argument) =>
    isPlain(argument) ? Object.fromEntries(Object.entries(argument).filter(([name]) => !names.has(name))) : argument,
  );
  // Options that are ignored altogether need not be given.
  const last = left.findLastIndex((argument) => !isPlain(argument) || Object.keys(argument).length > 0);
  return left.slice(0, last + 1);
}

function isPlain(argument: unknown): argument is object {
  if (typeof argument !== 'object' || argument === null) return false;
  const prototype: unknown = Object.getPrototypeOf(argument);
  return prototype === Object.prototype || prototype === null;
}

/** A function counts by its source, the URL of a file by the file's content. */
function told(dependency: unknown): readonly [string, unknown] {
  if (typeof dependency === 'function') return ['function', Function.prototype.toString.call(dependency)];
  if (isURL(dependency)) return ['file', contentOf(pathOf(dependency))];
  return ['value', dependency];
}

/** The hashes of files, as long as they do not change; none of files that may change unnoticed. */
const contents = new Map<string, { readonly version: string; readonly hash: string }>();

function contentOf(path: string): string | undefined {
  const seen = look(path);
  if (seen === undefined) return undefined;
  const { version, isSettled } = seen;
  const known = contents.get(path);
  if (known?.version === version) return known.hash;
  const hash = sha256Hex(read(path) ?? new Uint8Array());
  if (isSettled) contents.set(path, { version, hash });
  return hash;
}
