/**
 * Notice of a change of a gate, without blocking: by `Atomics.waitAsync`, which is called only here. If the host has none
 * (Firefox before 145), a timer looks at the gate every few ms: an agent that notifies a gate has changed it before.
 */
import { quietWord } from './sleep.js';

/** The time between two looks, in ms. A browser makes it at least 4 anyway once timers are nested. */
const LOOK_EVERY = 4;
// Timers that look on behalf of the engine use real time, as the engine would.
const { setTimeout } = globalThis;

/** Whether anything can be watched: an audio worklet has no timers. */
export const mayWatch = (): boolean => typeof Atomics.waitAsync === 'function' || setTimeout !== undefined;

/** Ends a watch that is no longer needed; it may still be notified. */
export type Cancel = () => void;

/**
 * Watches a gate until it is notified.
 *
 * @param seen the expected value of the gate
 * @param changed called once, in a later turn
 * @returns a function that ends the watch, or undefined when the gate already has another value
 */
export function watch(words: Int32Array, gate: number, seen: number, changed: () => void): Cancel | undefined {
  if (typeof Atomics.waitAsync !== 'function') return look(words, gate, seen, changed);
  const wait = Atomics.waitAsync(words, gate, seen);
  if (!wait.async) return undefined;
  wait.value.then(changed);
  // A wait cannot be cancelled, and would keep the whole arena alive; so it is ended by a notification. To other agents'
  // waits woken by this, it is one more look.
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
 * Calls a function after a time that no fake timer stops or moves, on hosts that have `Atomics.waitAsync`. It keeps no process alive.
 *
 * @param ms how long, in ms
 */
export function after(ms: number, call: () => void): void {
  if (typeof Atomics.waitAsync !== 'function') return;
  const wait = Atomics.waitAsync(quietWord(), 0, 0, ms);
  if (wait.async) wait.value.then(call);
}
