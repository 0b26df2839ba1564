/**
 * Notice of a change of a gate, without blocking: by `Atomics.waitAsync`, the one place where it is called. Where the host
 * has none (Firefox before 145), a timer looks at the gate every few ms: whoever notifies a gate has changed it before.
 */

/** Between two looks, in ms. A browser makes it 4 in any case, once timers are nested. */
const LOOK_EVERY = 4;
// Those that look in the place of the engine go by real time, as the engine would.
const { setTimeout } = globalThis;

/** Whether anything can be watched: an audio worklet has no timers. */
export const mayWatch = (): boolean => typeof Atomics.waitAsync === 'function' || setTimeout !== undefined;

/** Ends a watch that nobody needs any more; it may be told of all the same. */
export type Cancel = () => void;

/**
 * Watches a gate until it is notified.
 *
 * @param seen the value it is to have
 * @param changed called once, in a later turn
 * @returns how to end the watch, or undefined when the gate has another value already
 */
export function watch(words: Int32Array, gate: number, seen: number, changed: () => void): Cancel | undefined {
  if (typeof Atomics.waitAsync !== 'function') return look(words, gate, seen, changed);
  const wait = Atomics.waitAsync(words, gate, seen);
  if (!wait.async) return undefined;
  wait.value.then(changed);
  // It cannot be taken back, and would keep all of the arena; so it is ended. For those of other agents that this wakes,
  // it is a look more.
  return () => Atomics.notify(words, gate);
}

function look(words: Int32Array, gate: number, seen: number, changed: () => void): Cancel | undefined {
  let ended = false;
  const again = (): void => {
    if (ended) return;
    if (Atomics.load(words, gate) === seen) setTimeout(again, LOOK_EVERY);
    else changed();
  };
  if (Atomics.load(words, gate) !== seen) return undefined;
  setTimeout(again, LOOK_EVERY);
  return () => {
    ended = true;
  };
}

/**
 * Calls something after a time that no fake timer stops or moves, in hosts that have `Atomics.waitAsync`. It keeps no process
 * alive.
 *
 * @param ms how long
 */
export function after(ms: number, call: () => void): void {
  if (typeof Atomics.waitAsync !== 'function') return;
  const wait = Atomics.waitAsync(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  if (wait.async) wait.value.then(call);
}
