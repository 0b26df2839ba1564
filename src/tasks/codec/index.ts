/**
 * The codec: values as bytes, for queues, pipes, pools and files. It carries whatever structured clone carries that can be
 * represented as bytes, errors with more than structured clone keeps, and, where memory can be named, live objects and shared memory.
 *
 * - A message is self-contained: any reader reads any message, whatever it has read before, so any number of writers and
 *   readers may come and go. Each side remembers shapes and strings for speed. Each message contains the keys of a shape
 *   once; comparing them with the remembered ones takes a few nanoseconds.
 * - Equal values have equal bytes, on every runtime and whatever was written before: the bytes may serve as a key.
 * - What cannot be sent is refused by `encode`, with the path to it.
 * - Any depth of nesting works, including cycles.
 *
 * Differences from structured clone: an error keeps its name, its code, its own enumerable properties (except those that
 * cannot be sent) and an AggregateError's errors; a Buffer brings its own bytes and not its pool; a view keeps its current
 * length and does not track a resizable buffer; named properties of an array are included only if it has holes, is the
 * result of a match or is of a subclass. A Proxy is treated as what it looks like.
 */

import { checkInteger } from '../../core/arguments.js';
import { attachWith, type Shareable, type Shared } from '../../core/share/sharing.js';
import { Decoder } from './decoder.js';
import { Encoder } from './encoder.js';
import { type ErrorClass, Errors } from './errors.js';
import { HEADER } from './format.js';
import { Memory } from './memory.js';
import { Refused, refusal } from './refusal.js';
import type { StandIns } from './stand-ins.js';
import { FULL } from './writer.js';

export type { ErrorClass } from './errors.js';
export { Memory } from './memory.js';
export type { StandIns } from './stand-ins.js';

/** Names for shared memory, agreed between writers and readers. */
export interface Memories {
  /**
   * @param buffer the memory that a message is to refer to
   * @returns its id for the readers: any number but NaN
   */
  idOf(buffer: SharedArrayBuffer): number;
  /**
   * @param id what `idOf` returned on the other side
   * @returns the memory with that id
   * @throws SyncError `ERR_UNKNOWN_MEMORY`, or another fitting code, when this agent has no such memory
   */
  of(id: number): SharedArrayBuffer;
}

/** Options of a codec. */
export interface CodecOptions {
  /** Without it, live objects and shared memory are refused. */
  readonly memories?: Memories;
  /** Replacements for live objects when `memories` is not given. */
  readonly standIns?: StandIns;
  /** The classes of live objects that are restored as such; arenas always are. */
  readonly classes?: readonly Shareable[];
  /** Classes of errors that both sides know by these names, besides the built-in ones and those of the primitives. */
  readonly errors?: ReadonlyMap<string, ErrorClass>;
  /** The beginning of the path to a refused value; `value` by default. */
  readonly root?: string;
}

/**
 * Writes and reads values. One codec serves one agent: it keeps nothing of a message after a call, but remembers shapes and
 * short strings, about 100 kB at most.
 */
export class Codec {
  readonly #options: CodecOptions;
  readonly #errors: Errors;
  /** Undefined while in use, because a getter may also encode something. */
  #encoder: Encoder | undefined;
  #decoder: Decoder | undefined;
  /** Whether the last message from `encodeToBytes` contains live objects, or errors of classes that are known by name. */
  hasOurs = false;
  /** The kinds of the live objects. */
  kinds: readonly string[] = [];
  readonly #attach: <T>(data: Shared<T>) => T;

  /** @throws TypeError when `classes` are not classes of this package, or two of one kind */
  constructor(options: CodecOptions = {}) {
    this.#options = options;
    this.#errors = new Errors(options.errors ?? new Map());
    this.#attach = attachWith(...(options.classes ?? []));
  }

  /**
   * Writes a value as a message.
   *
   * @param value the value to write
   * @param into where to write it
   * @param offset the first byte that may be written: a multiple of 8
   * @param end the offset after the last byte that may be written
   * @returns the offset after the message, a multiple of 8; −1 when it does not fit (the bytes between the offsets are then
   *   undefined, and nothing else has changed)
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in it cannot be sent; the message begins with the path to it
   * @throws RangeError when the offsets are invalid
   */
  encode(value: unknown, into: Memory, offset: number, end: number): number {
    checkRange(into, offset, end);
    const at = offset / 4;
    if (typeof value === 'number' && (value << 1) >> 1 === value && (value !== 0 || 1 / value > 0)) {
      if (end - offset < 8) return -1;
      into.i32[at] = HEADER;
      into.i32[at + 1] = value << 1;
      return offset + 8;
    }
    const encoder = this.#takeEncoder();
    try {
      return encoder.write(value, into, at, Math.floor(end / 4)) * 4;
    } catch (error) {
      if (error === FULL) return -1;
      throw this.#told(error, value);
    } finally {
      this.#encoder = encoder;
    }
  }

  /** Whether live objects of this kind are restored as such. */
  knows(kind: string): boolean {
    return this.#options.classes?.some((known) => known.kind.name === kind) ?? false;
  }

  /**
   * Writes a value as a separate message.
   *
   * @param value the value to write
   * @param root the beginning of the path to a refused value, instead of the codec's
   * @returns the message; its length and the offset of its first byte are multiples of 8
   * @throws SyncError `ERR_NOT_CLONEABLE` when something in it cannot be sent; the message begins with the path to it
   */
  encodeToBytes(value: unknown, root?: string): Uint8Array {
    const encoder = this.#takeEncoder();
    try {
      const bytes = encoder.bytes(value);
      this.hasOurs = encoder.hasOurs;
      this.kinds = [...encoder.kinds];
      return bytes;
    } catch (error) {
      throw this.#told(error, value, root);
    } finally {
      this.#encoder = encoder;
    }
  }

  /**
   * Reads a message.
   *
   * @param from where the message is
   * @param offset its first byte
   * @param end the offset after its last byte, as returned by `encode`
   * @returns the value
   * @throws SyncError `ERR_DAMAGED` when it is not a message; `ERR_CODEC_VERSION` when it is one of another version;
   *   `ERR_UNSUPPORTED` when it contains a typed array that this runtime does not have; what `memories.of` throws;
   *   `ERR_HANDLE` and the like when a live object cannot be attached
   * @throws RangeError when the offsets are invalid
   */
  decode(from: Memory, offset: number, end: number): unknown {
    checkRange(from, offset, end);
    const at = offset / 4;
    if (end - offset === 8 && from.i32[at] === HEADER) {
      const word = from.i32[at + 1];
      if ((word & 1) === 0) return word >> 1;
    }
    const decoder = this.#takeDecoder();
    try {
      return decoder.read(from, at, Math.floor(end / 4));
    } finally {
      this.#decoder = decoder;
    }
  }

  /**
   * Reads a message that consists of all the given bytes.
   *
   * @param bytes what `encodeToBytes` returned, or a copy
   * @returns the value
   * @throws what `decode` throws
   */
  decodeBytes(bytes: Uint8Array): unknown {
    // A Buffer's slice is not a copy, so the copy is made differently.
    const { buffer, byteOffset, byteLength } = bytes.byteOffset % 8 === 0 ? bytes : new Uint8Array(bytes);
    const memory = new Memory(buffer, byteOffset, byteLength);
    return this.decode(memory, 0, memory.byteLength);
  }

  #takeEncoder(): Encoder {
    const { memories, standIns } = this.#options;
    const encoder =
      this.#encoder ?? new Encoder(memories && ((buffer) => memories.idOf(buffer)), this.#errors, standIns);
    this.#encoder = undefined;
    return encoder;
  }

  #takeDecoder(): Decoder {
    const { memories, standIns } = this.#options;
    const decoder =
      this.#decoder ??
      new Decoder({
        memory: memories && ((id) => memories.of(id)),
        attach: (handle) => standIns?.attach(handle) ?? this.#attach(handle as Shared<object>),
        errors: this.#errors,
      });
    this.#decoder = undefined;
    return decoder;
  }

  #told(error: unknown, value: unknown, root = this.#options.root ?? 'value'): unknown {
    return error instanceof Refused ? refusal(error, value, root) : error;
  }
}

function checkRange({ byteLength }: Memory, offset: number, end: number): void {
  if (offset % 8 === 0 && offset >= 0 && offset <= end && end <= byteLength) return;
  checkInteger('offset', offset, 0, byteLength);
  checkInteger('end', end, offset, byteLength);
  throw new RangeError(`offset must be a multiple of 8, not ${offset}`);
}
