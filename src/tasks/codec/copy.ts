/** Copying of bytes: into other memory, and into a buffer of their own. */
import { hostBuffer } from './text.js';

/** From this many bytes on, `fill` is faster. */
const LONG = 4096;

/**
 * Copies as memcpy does. For shared memory, V8's `set` goes word by word and takes 1.3 to 1.9 times as long. Bun and Deno
 * gain nothing from it, and in pages bundlers would add a Buffer written in JavaScript.
 */
const fill = isNode() ? hostBuffer?.prototype.fill : undefined;

function isNode(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  return process?.versions?.node !== undefined && !('Bun' in globalThis || 'Deno' in globalThis);
}

/** Copies bytes into other memory, which must have room for them. */
export function copyBytes(from: Uint8Array, to: Uint8Array, at: number): void {
  if (fill === undefined || from.length < LONG) to.set(from, at);
  else fill.call(to, from, at, at + from.length);
}

/** From this many bytes on, not filling the buffer with zeros first saves a third of the time. */
const LARGE = 2 ** 18;

/** Whether Buffer creates such buffers of this realm: in a node:vm context it may be another realm's. */
const leavesUnfilled = (() => {
  const buffer = hostBuffer?.allocUnsafeSlow(1).buffer;
  return buffer instanceof ArrayBuffer && buffer.byteLength === 1;
})();

/** @returns a buffer that contains exactly these bytes */
export function copyOf(bytes: Uint8Array): ArrayBuffer {
  const { length } = bytes;
  const unfilled = leavesUnfilled && length >= LARGE ? hostBuffer?.allocUnsafeSlow(length) : undefined;
  const copy = unfilled ?? new Uint8Array(length);
  copyBytes(bytes, copy, 0);
  return copy.buffer;
}
