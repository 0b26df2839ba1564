/**
 * Large typed arrays among the arguments of calls, as copies in shared memory. With `maxNbytes` the calls of a run
 * share them, which is what joblib's memory maps are for: each is copied when it is first met, and the copies are let
 * go of with the run. Without it, shared memory only carries what is too large for the ring of a pool, and the worker
 * copies it once more, so that a call has arrays of its own.
 */
import { tagOf } from '../../tasks/codec/kinds.js';
import { classOf, replaceArrays, type TypedArray, type TypedArrayClass } from './replace-arrays.js';

/** An array of this many bytes or more is carried by shared memory: a fetch then takes no longer than the copies do. */
export const CARRIED = 16 * 1_048_576;

export class SharedArrays {
  readonly #least: number;
  /** By the memory of the arrays, and the part of it that they show. */
  readonly #copies = new WeakMap<ArrayBufferLike, Map<string, SharedArrayBuffer>>();
  readonly #onMade: ((memory: SharedArrayBuffer) => void) | undefined;

  /**
   * @param least an array of this many bytes or more is shared
   * @param onMade called with each copy
   */
  constructor(least: number, onMade?: (memory: SharedArrayBuffer) => void) {
    this.#least = least;
    this.#onMade = onMade;
  }

  /** @returns the arguments, with copies in place of large arrays, also of those in arrays and plain objects */
  shared(args: readonly unknown[]): readonly unknown[] {
    if (!args.some((arg) => typeof arg === 'object' && arg !== null)) return args;
    return replaceArrays(args, (array) => (this.#isLarge(array) ? this.#copyOf(array) : undefined)) as unknown[];
  }

  /** Memory that is already shared is sent as it is. */
  #isLarge({ byteLength, buffer }: TypedArray): boolean {
    return byteLength >= this.#least && tagOf(buffer) === 'ArrayBuffer';
  }

  #copyOf(array: TypedArray): TypedArray {
    const { buffer, byteOffset, byteLength, length } = array;
    let parts = this.#copies.get(buffer);
    if (parts === undefined) {
      parts = new Map();
      this.#copies.set(buffer, parts);
    }
    const key = `${byteOffset} ${byteLength}`;
    let memory = parts.get(key);
    if (memory === undefined) {
      memory = new SharedArrayBuffer(byteLength);
      new Uint8Array(memory).set(new Uint8Array(buffer, byteOffset, byteLength));
      parts.set(key, memory);
      this.#onMade?.(memory);
    }
    return new (classOf(array) as TypedArrayClass)(memory, 0, length);
  }
}

/** @returns the arguments, with arrays of the call's own in place of those in memory that only carried them */
export function owned(args: readonly unknown[], carried: readonly SharedArrayBuffer[]): readonly unknown[] {
  const buffers = new Set<ArrayBufferLike>(carried);
  return replaceArrays(args, (array) => (buffers.has(array.buffer) ? array.slice() : undefined)) as unknown[];
}
