/** The plain data that stands for a live object on its way between agents. */
import { SyncError } from '../errors.js';
import { LAYOUT_VERSION } from './region.js';

/** The method by which a live object gives its handle; a global symbol, so that bundled copies understand each other. */
export const HANDLE = Symbol.for('atomics-sync-free.handle');

/**
 * The method by which a live object of which others are to know where it is says that it is on its way. What it returns is for
 * whoever sees to its arrival: see ways.ts.
 */
export const LEAVE = Symbol.for('atomics-sync-free.leave');

/**
 * What every live object has in a property of its own, for whoever forgets `share`: structured clone would make it an
 * object without methods, and refuses a symbol, by its description.
 */
export const CLONING = Symbol('live objects of atomics-sync-free travel as share(value)');

/** The property that makes a plain object a handle. Its value is the layout version. */
export const MARK = 'atomics-sync-free';

/** A live object as plain data. */
export interface Handle {
  readonly [MARK]: number;
  readonly kind: string;
  readonly buffer: SharedArrayBuffer;
  /** Where the arena is in the buffer, in bytes. */
  readonly byteOffset: number;
  /** The arena's size, in bytes. */
  readonly byteLength: number;
  /** The index of the object's cell; 0 for the arena itself. */
  readonly cell: number;
}

export const makeHandle = (kind: string, words: Int32Array, cell: number): Handle => ({
  [MARK]: LAYOUT_VERSION,
  kind,
  buffer: words.buffer as SharedArrayBuffer,
  byteOffset: words.byteOffset,
  byteLength: words.byteLength,
  cell,
});

export const badHandle = (kind: string): SyncError =>
  new SyncError(
    'ERR_HANDLE',
    `this handle (${kind}) is not as share() made it; attach what share() returned, as it arrived`,
  );
