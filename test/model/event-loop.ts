/**
 * What else async code asks of its host, under the explorer: timers are callbacks of the thread's simulated event loop,
 * and a stand-in for Promise runs its reactions as microtasks of the present turn. So `acquireAsync` and its like can be
 * run as they are; `async` functions, whose promises are the engine's own, cannot.
 */
import type { Thread } from 'atomics-sync-free/check';
import { type KeepAlive, setKeepAlive } from '#dist/core/wait/keep-alive.js';
import { setSpinLimit } from '#dist/core/wait/spin.js';
import { setImmediateTo } from '#dist/core/wait/turns.js';

/** The ghost that counts how often processes are kept alive. */
export const KEPT_ALIVE = 'kept alive';

let current: Thread<never> | undefined;
let timers = 0;

/** Says whose event loop the code that follows belongs to. */
export function enterLoop(thread: Thread<never>): void {
  current = thread;
  timers = 0;
}

/** How many timers the present event loop has. */
export const pendingTimers = (): number => timers;

/** @returns how to clear it */
function setTimer(callback: () => void, delay: number): (() => void) | undefined {
  let pending = true;
  const ended = () => {
    if (pending) timers--;
    pending = false;
  };
  timers++;
  const cancel = current?.later(() => {
    ended();
    callback();
  }, delay);
  return () => {
    ended();
    cancel?.();
  };
}

/**
 * Runs an exploration with timers and Promise replaced.
 *
 * @param later whether tasks watch their gates from the next turn on, as those of agents that spin do
 */
export function withEventLoop<T>(explore: () => T, later = false): T {
  const replaced = { setTimeout, clearTimeout, Promise };
  setKeepAlive(ghostly);
  setSpinLimit(later ? 1 : 0);
  if (later) setImmediateTo((callback) => current?.later(callback, 0));
  Object.assign(globalThis, {
    setTimeout: setTimer,
    clearTimeout: (cancel: (() => void) | undefined) => cancel?.(),
    Promise: PromiseModel,
  });
  try {
    return explore();
  } finally {
    Object.assign(globalThis, replaced);
    setKeepAlive();
    setImmediateTo();
    setSpinLimit(0);
  }
}

const ghostly: KeepAlive = {
  retain: () => (current?.ghost as Thread['ghost'] | undefined)?.add(KEPT_ALIVE, 1),
  release: () => (current?.ghost as Thread['ghost'] | undefined)?.add(KEPT_ALIVE, -1),
};

type Settled<T> = { readonly value: T } | { readonly reason: unknown };

/** How many microtasks an unhandled rejection is given to be handled in. */
const GRACE = 8;

class PromiseModel<T> {
  #settled: Settled<T> | undefined;
  #handled = false;
  readonly #reactions: (() => void)[] = [];

  /** What the executor throws passes through: it may be the explorer's suspension. */
  constructor(executor: (resolve: (value: T | PromiseModel<T>) => void, reject: (reason: unknown) => void) => void) {
    executor(
      (value) => this.#resolve(value),
      (reason) => this.#settle({ reason }),
    );
  }

  static resolve<T>(value: T): PromiseModel<T> {
    return value instanceof PromiseModel ? value : new PromiseModel((resolve) => resolve(value));
  }

  static reject(reason: unknown): PromiseModel<never> {
    return new PromiseModel((_, reject) => reject(reason));
  }

  // biome-ignore lint/suspicious/noThenProperty: standing in for a promise is what this class is for
  then<U = T, V = never>(
    onValue?: (value: T) => U | PromiseModel<U>,
    onReason?: (reason: unknown) => V | PromiseModel<V>,
  ): PromiseModel<U | V> {
    this.#handled = true;
    return new PromiseModel<U | V>((resolve, reject) => {
      this.#react((settled) => {
        const handle = 'value' in settled ? onValue : onReason;
        if (handle === undefined) {
          if ('value' in settled) resolve(settled.value as unknown as U);
          else reject(settled.reason);
          return;
        }
        let next: U | V | PromiseModel<U | V>;
        try {
          next = (handle as (given: unknown) => U | V)('value' in settled ? settled.value : settled.reason);
        } catch (error) {
          if (isExplorers(error)) throw error;
          reject(error);
          return;
        }
        resolve(next as U);
      });
    });
  }

  catch<V>(onReason: (reason: unknown) => V | PromiseModel<V>): PromiseModel<T | V> {
    return this.then<T, V>(undefined, onReason);
  }

  #resolve(value: T | PromiseModel<T>): void {
    if (value instanceof PromiseModel) {
      value.then(
        (late) => this.#settle({ value: late }),
        (reason) => this.#settle({ reason }),
      );
    } else {
      this.#settle({ value });
    }
  }

  #settle(settled: Settled<T>): void {
    if (this.#settled !== undefined) return;
    this.#settled = settled;
    for (const react of this.#reactions) queueMicrotask(react);
    if ('reason' in settled) this.#awaitHandler(settled.reason, GRACE);
  }

  #react(reaction: (settled: Settled<T>) => void): void {
    const react = () => reaction(this.#settled as Settled<T>);
    if (this.#settled === undefined) this.#reactions.push(react);
    else queueMicrotask(react);
  }

  #awaitHandler(reason: unknown, left: number): void {
    if (this.#handled) return;
    if (left === 0) throw reason;
    queueMicrotask(() => this.#awaitHandler(reason, left - 1));
  }
}

/** Whether an error is the explorer's own, which must not be caught. */
const isExplorers = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'ScenarioError' || error.message.startsWith('the explorer suspended'));

/** An AbortController whose signal calls its listeners by plain calls, through which the explorer's errors pass. */
export class Aborter {
  readonly #listeners = new Set<() => void>();
  readonly reason = 'aborted';
  #aborted = false;

  get signal(): AbortSignal {
    const signal = {
      reason: this.reason,
      addEventListener: (_: string, listener: () => void) => this.#listeners.add(listener),
      removeEventListener: (_: string, listener: () => void) => this.#listeners.delete(listener),
      throwIfAborted: () => {
        if (this.#aborted) throw this.reason;
      },
    };
    return signal as unknown as AbortSignal;
  }

  abort(): void {
    this.#aborted = true;
    for (const listener of [...this.#listeners]) listener();
  }
}
