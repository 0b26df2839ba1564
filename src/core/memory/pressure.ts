/**
 * Makes the garbage collector know of shared memory. V8 counts the bytes of ordinary buffers, and collects when there are
 * many; those of SharedArrayBuffers it does not count. So an agent that gets large ones and lets go of them, and does little
 * else, would never collect, and memory that nobody has a use for would stay.
 */

/** Less is seldom what fills a machine; and more is not written to by being allocated, so it takes address space only. */
const LARGE = 1_048_576;

/** Ordinary memory of the same size, which is counted as long as the shared memory is there. */
const weights = new WeakMap<SharedArrayBuffer, ArrayBuffer>();

/** @param memory that this agent has made or got, and will let go of */
export function countShared(memory: SharedArrayBuffer): void {
  if (memory.byteLength < LARGE || weights.has(memory)) return;
  try {
    weights.set(memory, new ArrayBuffer(memory.byteLength));
  } catch {
    // There is no room for as much, so the collector has reasons of its own.
  }
}
