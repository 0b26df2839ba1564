/**
 * The memory of messages: one buffer, seen as bytes, words and doubles; and how strings are written to it and read from it.
 */
import { BufferText, hostBuffer, PortableText, type Text } from './text.js';

/**
 * Views of a fixed length over one buffer, shared or not. A growable buffer that has grown needs a new Memory:
 * length-tracking views would be 10 to 40 times slower.
 */
export class Memory {
  /** The number of bytes that it spans: a multiple of 8. */
  readonly byteLength: number;
  readonly u8: Uint8Array;
  readonly i32: Int32Array;
  readonly f64: Float64Array;
  /** @internal */
  readonly text: Text;

  /**
   * @param buffer the buffer, which may be larger
   * @param byteOffset where it begins in the buffer: a multiple of 8
   * @param byteLength how many bytes it spans, rounded down to a multiple of 8; the rest of the buffer by default
   * @throws RangeError when it is misaligned or not within the buffer
   */
  constructor(
    readonly buffer: ArrayBufferLike,
    byteOffset = 0,
    byteLength: number = buffer.byteLength - byteOffset,
  ) {
    const doubles = Math.floor(byteLength / 8);
    this.byteLength = doubles * 8;
    this.f64 = new Float64Array(buffer, byteOffset, doubles);
    this.i32 = new Int32Array(buffer, byteOffset, doubles * 2);
    this.u8 = new Uint8Array(buffer, byteOffset, doubles * 8);
    this.text = hostBuffer === undefined ? new PortableText(this.u8) : new BufferText(hostBuffer, this.u8);
  }
}

/** What writers and readers refer to between two messages, so that they keep nobody's memory alive. */
export const NO_MEMORY = new Memory(new ArrayBuffer(0));
