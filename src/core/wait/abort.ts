/**
 * Listening to AbortSignals: one listener a signal, however many waits it can end. Adding one to a signal that has many
 * takes time for each of them, and Node warns of more than ten. It is there only while something waits: a host keeps a
 * signal that has a listener and may yet abort, such as one of `AbortSignal.any` or `AbortSignal.timeout`.
 */
interface Listening {
  readonly waits: Set<() => void>;
  readonly listener: () => void;
}

const listeningTo = new WeakMap<AbortSignal, Listening>();

/**
 * Calls something once, when a signal aborts: who came last first, so that nobody gets what another has just given up, and would
 * give it up next.
 *
 * @returns how to take it back
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  let listening = listeningTo.get(signal);
  if (listening === undefined) {
    const waits = new Set<() => void>();
    const listener = (): void => {
      for (const each of [...waits].reverse()) if (waits.has(each)) each();
    };
    signal.addEventListener('abort', listener);
    listening = { waits, listener };
    listeningTo.set(signal, listening);
  }
  const { waits, listener } = listening;
  waits.add(call);
  return () => {
    if (!waits.delete(call) || waits.size > 0) return;
    listeningTo.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}
