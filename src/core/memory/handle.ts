/** The plain data that represents a live object on its way between agents. */
import { SyncError } from '../errors.js';
import { LAYOUT_VERSION } from './region.js';

/** The method that returns a live object's handle; a global symbol, so that bundled copies understand each other. */
export const HANDLE = Symbol.for('atomics-sync-free.handle');

/**
 * The method by which a live object whose location others must know announces that it is on its way. What it returns is for
 * the code that tracks its arrival: see ways.ts.
 */
export const LEAVE = Symbol.for('atomics-sync-free.leave');

/**
 * A value that every live object has in an own property, for callers that forget `share`: structured clone would make it an
 * object without methods, but refuses a symbol, naming its description.
 */
export const CLONING = Symbol('live objects of atomics-sync-free must be sent as share(value)');

/** The property that makes a plain object a handle. Its value is the layout version. */
export const MARK = 'atomics-sync-free';

/** A live object as plain data. */
export interface Handle {
  readonly [MARK]: number;
  readonly kind: string;
  readonly buffer: SharedArrayBuffer;
  /** The position of the arena in the buffer, in bytes. */
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
