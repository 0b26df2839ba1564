/**
 * Makes shared memory count for the garbage collector. V8 counts the bytes of ordinary buffers, and collects when there are
 * many; it does not count those of SharedArrayBuffers. So an agent that does little but obtain and drop them would never
 * collect, and unused memory would stay.
 */

/**
 * Smaller amounts are counted together with later ones. Ordinary memory of this size comes from the system untouched and takes
 * only address space; smaller memory may be filled with zeros, which would take longer than everything else done for an item.
 */
const LARGE = 2 ** 25;

/** Ordinary memory, which counts for as long as the shared memory that is its key exists. */
const weights = new WeakMap<SharedArrayBuffer, ArrayBuffer>();
/** The bytes of smaller memories not yet counted. */
let uncounted = 0;

/** @param memory that this agent has just created or received, and will drop */
export function countShared(memory: SharedArrayBuffer): void {
  uncounted += memory.byteLength;
  if (uncounted < LARGE) return;
  const bytes = uncounted;
  uncounted = 0;
  try {
    weights.set(memory, new ArrayBuffer(bytes));
  } catch {
    // There is no room for that much, so the collector has other reasons to run.
  }
}
