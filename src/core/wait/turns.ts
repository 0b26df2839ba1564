/**
 * Turns of the event loop, and times, that no fake timers stop or move: for what depends on other agents, which know
 * nothing of the fakes. (The timeout of an async wait uses the global `setTimeout`, fake or not: see deadline.ts.)
 *
 * Fakes installed after this module was loaded change nothing. Earlier ones, as with jest's `enableGlobally`, are
 * recognized by their names or by sinon's clock, and replaced by waits of the engine, which nobody fakes.
 */
import { release, retain } from './keep-alive.js';
import { after } from './watch.js';

type Timer = (call: () => void, ms?: number) => unknown;

/** @returns the host's timer of that name, if it has one that is not a fake */
function genuine(name: 'setTimeout' | 'setImmediate' | 'queueMicrotask'): Timer | undefined {
  const timer = (globalThis as unknown as Readonly<Record<string, Timer | undefined>>)[name];
  return timer?.name === name && !('clock' in timer) ? timer : undefined;
}

/** Without it, a turn of the event loop may take some ms. */
export let immediate = /* @__PURE__ */ genuine('setImmediate');

/** Replaces it in this agent, for models; without an argument, takes that back. */
export function setImmediateTo(by: Timer | undefined = genuine('setImmediate')): void {
  immediate = by;
}

const timer = /* @__PURE__ */ findTimer();

/** @returns a function that calls another after a time, and returns a function that cancels that */
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

/** Calls a function when the currently running code has finished; bare realms have no `queueMicrotask`. */
export const microtask = (call: () => void): void => {
  if (queue !== undefined) queue(call);
  else void Promise.resolve().then(call);
};

/** Calls a function in a later turn of the event loop. */
export function nextTurn(call: () => void): void {
  if (immediate !== undefined) immediate(call);
  else later(call, 0);
}

/** Resolved in a later turn of the event loop, when everything due in this one has been done. */
export const turn = (): Promise<void> => new Promise(nextTurn);

/**
 * Calls a function after a time, and keeps the process alive until then.
 *
 * @param ms how long, in ms
 * @returns a function that cancels this
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
  // The engine ends a wait of 0 ms immediately.
  after(Math.max(ms, 1), () => {
    if (end()) call();
  });
  return end;
}

/** Resolved after this many ms; for 0, in one of the next turns, when everything that arrived meanwhile has been handled. */
export const delay = (ms: number): Promise<void> => new Promise((resolve) => later(resolve, ms));
