/**
 * Listening to AbortSignals: one listener a signal, however many waits it can end. Adding one to a signal that has many
 * takes time for each of them, and Node warns of more than ten.
 */
const waitsOf = new WeakMap<AbortSignal, Set<() => void>>();

/**
 * Calls something once, when a signal aborts.
 *
 * @returns how to take it back
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  const waits = waitsOf.get(signal) ?? listen(signal);
  waits.add(call);
  return () => waits.delete(call);
}

function listen(signal: AbortSignal): Set<() => void> {
  const waits = new Set<() => void>();
  waitsOf.set(signal, waits);
  signal.addEventListener('abort', () => {
    waitsOf.delete(signal);
    for (const call of waits) call();
  });
  return waits;
}
