/**
 * The texts by which the workers of a pool find its functions, in memory that they share with its owner: a task says
 * where the text of its function is, and a worker reads each text once.
 *
 * ```text
 * byte 0         nothing, so that 0 is no text's offset
 * at an offset   how many bytes the text has, as a word
 *          + 8   the text, a message of the codec
 * ```
 */
import type { Codec } from '../../tasks/codec/index.js';
import { Memory } from '../../tasks/codec/index.js';

const HEADER = 8;
const FIRST_BYTES = 4096;
/** It grows up to this, if the host can grow memory. */
const MOST_BYTES = 2 ** 22;

export class Texts {
  readonly buffer: SharedArrayBuffer;
  #memory: Memory;
  #end = HEADER;

  /** @param buffer another agent's; a new one by default */
  constructor(buffer = new SharedArrayBuffer(FIRST_BYTES, { maxByteLength: MOST_BYTES })) {
    this.buffer = buffer;
    this.#memory = new Memory(buffer);
  }

  /**
   * Adds a text, in the agent that made this; agents that learn of its offset through an atomic access can read it.
   *
   * @returns its offset, or 0 when there is no room for it
   */
  add(text: Uint8Array): number {
    const at = this.#end;
    const end = at + HEADER + text.length;
    const { buffer } = this;
    if (end > buffer.byteLength) {
      if (!buffer.growable || end > buffer.maxByteLength) return 0;
      buffer.grow(Math.min(2 * end, buffer.maxByteLength));
      this.#memory = new Memory(buffer);
    }
    this.#memory.i32[at / 4] = text.length;
    this.#memory.u8.set(text, at + HEADER);
    this.#end = end;
    return at;
  }

  /** Reads the text at an offset. */
  read(at: number, codec: Codec): string {
    if (at >= this.#memory.byteLength || at + this.#memory.i32[at / 4] > this.#memory.byteLength - HEADER)
      this.#memory = new Memory(this.buffer);
    const start = at + HEADER;
    return codec.decode(this.#memory, start, start + this.#memory.i32[at / 4]) as string;
  }
}
