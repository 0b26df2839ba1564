/**
 * Listening to AbortSignals: one listener per signal, however many waits it can end. Adding one to a signal that has many
 * takes time proportional to their number, and Node warns about more than ten. The listener exists only while something
 * waits, because a host keeps a signal alive that has a listener and may yet abort, such as one from `AbortSignal.any` or
 * `AbortSignal.timeout`.
 */
interface Listening {
  readonly waits: Set<() => void>;
  readonly listener: () => void;
}

/** A signal of the package itself, to which any number may listen. */
export interface OwnSignal extends Pick<AbortSignal, 'aborted' | 'reason'> {
  readonly takesMany: true;
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

const listeningTo = new WeakMap<AbortSignal, Listening>();

/**
 * Calls a function once, when a signal aborts. The last to register is called first, so that no wait gets what another has
 * just given up, only to give it up next.
 *
 * @returns a function that cancels this
 */
export function onAbort(signal: AbortSignal | OwnSignal, call: () => void): () => void {
  if ('takesMany' in signal) {
    signal.addEventListener('abort', call);
    return () => signal.removeEventListener('abort', call);
  }
  let listening = listeningTo.get(signal);
  if (listening === undefined) {
    const waits = new Set<() => void>();
    const listener = (): void => callAll(waits);
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

/** Calls all that are still in the set when their turn comes, from the last to the first. */
export function callAll(waits: ReadonlySet<() => void>): void {
  for (const each of [...waits].reverse()) if (waits.has(each)) each();
}
