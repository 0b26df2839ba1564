/** A program as compiled by Python: the script's output, read and checked. */
import { shown } from '../../core/arguments.js';

/** A constant: None, a bool, an int, a str, and values that JSON cannot express. */
export type ListedConstant =
  | null
  | boolean
  | number
  | string
  | {
      /** The code of a function, a class or a comprehension. */
      readonly code: ListedCode;
    }
  | {
      /** A float's value. */
      readonly float: number;
    }
  | {
      /** A tuple's items. */
      readonly tuple: readonly ListedConstant[];
    }
  | {
      /** A frozenset's items. */
      readonly frozenset: readonly ListedConstant[];
    }
  | {
      /** An unsupported value, as its `repr`, such as `1j` or an int beyond 2 ** 53. */
      readonly unsupported: string;
    };

/** An instruction: its name, its argument, the argument's meaning (a name, an operator, a jump's target), its line. */
export type ListedInstruction = readonly [
  name: string,
  argument: number | null,
  meaning: string | number | readonly string[] | null,
  line: number,
];

/** An exception table entry (from 3.11 on): from, to, the handler, the depth of the stack, whether the position is pushed. */
export type ListedHandler = readonly [from: number, to: number, handler: number, depth: number, lasti: boolean];

/** A code object. */
export interface ListedCode {
  /** The function's name. */
  readonly name: string;
  /** The line where it begins. */
  readonly line: number;
  /** How many parameters it has in total, positional-only, and keyword-only. */
  readonly arguments: readonly [all: number, positionalOnly: number, keywordOnly: number];
  /** CPython's `co_flags`. */
  readonly flags: number;
  /** Its local names, parameters first. */
  readonly locals: readonly string[];
  /** Names that inner functions use. */
  readonly cells: readonly string[];
  /** Names of outer functions that it uses. */
  readonly free: readonly string[];
  /** Its constants. */
  readonly constants: readonly ListedConstant[];
  /** Its instructions. */
  readonly instructions: readonly ListedInstruction[];
  /** Its exception table; empty up to 3.10, which has instructions for that. */
  readonly handlers: readonly ListedHandler[];
}

/** A program, compiled by one version of Python. */
export interface Listing {
  /** The version that compiled it, such as `3.11.7`. */
  readonly python: string;
  /** The file's name. */
  readonly file: string;
  /** The program's text. */
  readonly source: string;
  /** The module's code. */
  readonly module: ListedCode;
}

/** The supported versions of Python bytecode. */
export const PYTHON_VERSIONS = ['3.9', '3.10', '3.11', '3.12', '3.13'] as const;

/** One of the supported versions. */
export type PythonVersion = (typeof PYTHON_VERSIONS)[number];

/**
 * A program cannot be run: it uses unsupported features, or its listing is damaged. The message names the file and
 * line.
 *
 * @example
 * ```ts
 * import { readListing, UnsupportedError } from 'atomics-sync-free/gil/outcomes';
 * try {
 *   readListing('{"python": "2.7.18"}');
 * } catch (error) {
 *   console.log(error instanceof UnsupportedError); // true
 * }
 * ```
 */
export class UnsupportedError extends Error {
  /** `'UnsupportedError'` */
  override readonly name = 'UnsupportedError';

  /**
   * @param where file and line
   * @param problem what is not supported
   * @param line the line in the source, from 1; 0 if it is not a single line
   */
  constructor(
    where: string,
    problem: string,
    /** The line in the source, from 1; 0 if it is not a single line. */
    readonly line = 0,
  ) {
    super(`${where}: ${problem}`);
  }
}

/** @throws TypeError when it is not a listing, but for example the text of one */
export function checkListing(listing: Listing): void {
  if (typeof listing?.python === 'string' && typeof listing.source === 'string' && typeof listing.module === 'object')
    return;
  throw new TypeError(`a listing must be what readListing() returns, not ${shown(listing)}`);
}

/**
 * Reads what {@link LISTING_SCRIPT} printed.
 *
 * @param text the JSON
 * @returns the listing
 * @throws UnsupportedError when it is not a listing, or of a version whose bytecode is not known
 *
 * @example
 * ```ts
 * import { readListing } from 'atomics-sync-free/gil/outcomes';
 * const code = {
 *   name: '<module>', line: 1, arguments: [0, 0, 0], flags: 0, locals: [], cells: [], free: [],
 *   constants: [null], instructions: [['LOAD_CONST', 0, null, 1], ['RETURN_VALUE', null, null, 1]], handlers: [],
 * };
 * const listing = readListing(JSON.stringify({ python: '3.10.13', file: 'empty.py', source: '', module: code }));
 * console.log(listing.python); // 3.10.13
 * ```
 */
export function readListing(text: string): Listing {
  let listing: Partial<Listing> | null;
  try {
    listing = JSON.parse(text) as Partial<Listing> | null;
  } catch {
    throw new UnsupportedError('listing', 'this is not JSON, and so not the listing of a Python program');
  }
  if (typeof listing?.python !== 'string')
    throw new UnsupportedError('listing', 'it does not say which version of Python it is from');
  if (versionOf(listing.python) === undefined) {
    throw new UnsupportedError(
      'listing',
      `it is bytecode of Python ${listing.python}; supported is that of ${PYTHON_VERSIONS.join(', ')}`,
    );
  }
  const { file, source, module } = listing;
  if (typeof file !== 'string' || typeof source !== 'string' || !isCode(module)) {
    throw new UnsupportedError('listing', 'it is damaged, or is not the listing of a Python program');
  }
  return listing as Listing;
}

/** @returns which of the supported versions a full version number is, if any */
export const versionOf = (python: string): PythonVersion | undefined =>
  PYTHON_VERSIONS.find((version) => python === version || python.startsWith(`${version}.`));

function isCode(code: unknown): code is ListedCode {
  const {
    name,
    arguments: counts,
    locals,
    cells,
    free,
    constants,
    instructions,
    handlers,
  } = (code ?? {}) as Partial<Record<keyof ListedCode, unknown>>;
  const arrays = [counts, locals, cells, free, constants, instructions, handlers];
  if (typeof name !== 'string' || !arrays.every(Array.isArray)) return false;
  const rows = instructions as unknown[];
  if (rows.length === 0 || !rows.every((row) => Array.isArray(row) && typeof row[0] === 'string')) return false;
  return (constants as ListedConstant[]).every(
    (constant) => typeof constant !== 'object' || constant === null || !('code' in constant) || isCode(constant.code),
  );
}
