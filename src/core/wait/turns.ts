/**
 * Turns of the event loop, and times, that no fake timers stop or move: for what other agents do, which know of no fakes. (How
 * long an async wait lasts at the most goes by the global `setTimeout`, fake or not: see deadline.ts.)
 *
 * Fakes that come after this module was loaded change nothing. Those that came before, as jest's `enableGlobally` has them, are
 * known by their names or by the clock of sinon's; in their place come waits of the engine, which nobody fakes.
 */
import { release, retain } from './keep-alive.js';
import { after } from './watch.js';

type Timer = (call: () => void, ms?: number) => unknown;

/** @returns the timer of the host, if it has one of that name that is no fake */
function genuine(name: 'setTimeout' | 'setImmediate' | 'queueMicrotask'): Timer | undefined {
  const timer = (globalThis as unknown as Readonly<Record<string, Timer | undefined>>)[name];
  return timer?.name === name && !('clock' in timer) ? timer : undefined;
}

/** Without it a turn of the event loop may take some ms. */
export const immediate = /* @__PURE__ */ genuine('setImmediate');
const timer = /* @__PURE__ */ findTimer();

/** @returns what calls something after a time, and returns what takes that back */
function findTimer(): ((call: () => void, ms: number) => () => void) | undefined {
  const { setTimeout: given, clearTimeout } = globalThis;
  const start = genuine('setTimeout') ?? (typeof Atomics.waitAsync === 'function' ? undefined : (given as Timer));
  if (start === undefined) return undefined;
  return (call, ms) => {
    const started = start(call, ms);
    return () => clearTimeout(started as ReturnType<typeof setTimeout>);
  };
}

const queue = /* @__PURE__ */ genuine('queueMicrotask');

/** Calls something when what runs now has come to its end; bare realms have no `queueMicrotask`. */
export const microtask = (call: () => void): void => {
  if (queue !== undefined) queue(call);
  else void Promise.resolve().then(call);
};

/** Calls something in a later turn of the event loop. */
export function nextTurn(call: () => void): void {
  if (immediate !== undefined) immediate(call);
  else later(call, 0);
}

/** Resolved in a later turn of the event loop, when all is done that is due in this one. */
export const turn = (): Promise<void> => new Promise(nextTurn);

/**
 * Calls something after a time, and keeps the process alive until then.
 *
 * @param ms how long
 * @returns what takes it back
 */
export function later(call: () => void, ms: number): () => void {
  if (timer !== undefined) return timer(call, ms);
  let isDue = true;
  const end = (): boolean => {
    if (!isDue) return false;
    isDue = false;
    release();
    return true;
  };
  retain();
  // The engine ends a wait of no time at once.
  after(Math.max(ms, 1), () => {
    if (end()) call();
  });
  return end;
}

/** Resolved after so many ms; for 0, in one of the next turns, when what has come meanwhile is done. */
export const delay = (ms: number): Promise<void> => new Promise((resolve) => later(resolve, ms));
