/** Timers of async threads: turns of their event loops, at any later time. */
import type { Execution } from './execution.js';

/** What setTimeout returns. */
interface Timer {
  readonly cancel: () => void;
  ref(): Timer;
  unref(): Timer;
}

/**
 * Replaces the host's timers by simulated ones.
 *
 * @param running - Returns the execution whose code calls.
 * @returns A function that undoes it.
 */
export function simulateTimers(running: () => Execution): () => void {
  const before = ['setTimeout', 'setImmediate', 'setInterval', 'clearTimeout', 'clearImmediate'].map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  const later = (callback: (...given: unknown[]) => void, delay: number, given: unknown[]): Timer => {
    const timer: Timer = {
      cancel: running().later(callback.bind(undefined, ...given), delay),
      ref: () => timer,
      unref: () => timer,
    };
    return timer;
  };
  const clear = (timer: Timer | undefined): void => timer?.cancel();
  const simulated: Readonly<Record<string, unknown>> = {
    setTimeout: (callback: () => void, delay = 0, ...given: unknown[]) => later(callback, Math.max(delay, 0), given),
    setImmediate: (callback: () => void, ...given: unknown[]) => later(callback, 0, given),
    setInterval: function setInterval() {
      running().refuse('setInterval() never ends: use setTimeout() as often as needed', setInterval);
    },
    clearTimeout: clear,
    clearImmediate: clear,
  };
  for (const [name, descriptor] of before) {
    if (descriptor === undefined) continue;
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: simulated[name] });
  }
  return () => {
    for (const [name, descriptor] of before)
      if (descriptor !== undefined) Object.defineProperty(globalThis, name, descriptor);
  };
}
