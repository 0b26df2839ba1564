/**
 * Makes the garbage collector know of shared memory. V8 counts the bytes of ordinary buffers, and collects when there are
 * many; those of SharedArrayBuffers it does not count. So an agent that gets them and lets go of them, and does little else, would
 * never collect, and memory that nobody has a use for would stay.
 */

/**
 * What comes to less is counted with what comes after it. Ordinary memory of this size is got from the system as it is, and takes
 * address space alone; smaller memory may be filled with zeros, which would take longer than all else of an item.
 */
const LARGE = 2 ** 25;

/** Ordinary memory, which is counted as long as the shared memory is there whose key it is. */
const weights = new WeakMap<SharedArrayBuffer, ArrayBuffer>();
/** The bytes of smaller ones that are not counted yet. */
let uncounted = 0;

/** @param memory that this agent has just made or got, and will let go of */
export function countShared(memory: SharedArrayBuffer): void {
  uncounted += memory.byteLength;
  if (uncounted < LARGE) return;
  const bytes = uncounted;
  uncounted = 0;
  try {
    weights.set(memory, new ArrayBuffer(bytes));
  } catch {
    // There is no room for as much, so the collector has reasons of its own.
  }
}
