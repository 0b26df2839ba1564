/**
 * The simulated globals: `Atomics`, `performance.now` and `queueMicrotask`, which ask the running execution instead of
 * the machine. They replace the real ones during an exploration and are always removed afterwards.
 */
import { ScenarioError } from './errors.js';
import type { Execution } from './execution.js';
import type { OperationKind, Result } from './operation.js';
import type { Boundary } from './stack.js';
import { simulateTimers } from './timers.js';
import { type PlainAccess, type Window, windowOf } from './words.js';

/** Worklets and bare realms have no `performance`. */
const { performance: clock } = globalThis as Partial<typeof globalThis>;

let current: Execution | undefined;
let exploring = false;

/** Runs code of a thread; its use of the simulated globals goes to this execution. */
export function asCurrent<T>(execution: Execution, run: () => T): T {
  current = execution;
  try {
    return run();
  } finally {
    current = undefined;
  }
}

/** As {@link asCurrent}, for code that takes turns of the host's event loop. */
export async function whileCurrent<T>(execution: Execution, run: () => Promise<T>): Promise<T> {
  current = execution;
  try {
    return await run();
  } finally {
    current = undefined;
  }
}

/** Runs an exploration with the simulated globals in place. */
export function withSimulation<T>(pauseMarks: boolean, run: () => T): T {
  const undo = putInPlace(pauseMarks, refuseTimers);
  try {
    return run();
  } finally {
    undo();
  }
}

/** As {@link withSimulation}, with timers too, which are turns of the threads' event loops. */
export async function withAsyncSimulation<T>(pauseMarks: boolean, run: () => Promise<T>): Promise<T> {
  const undo = putInPlace(pauseMarks, () => simulateTimers(running));
  try {
    return await run();
  } finally {
    undo();
  }
}

/** Installs the simulated globals; returns a function that undoes it. */
function putInPlace(pauseMarks: boolean, replaceTimers: () => () => void): () => void {
  if (exploring) throw new ScenarioError('an exploration cannot be started within another');
  if (clock === undefined)
    throw new ScenarioError('this realm has no performance.now, which is the clock of the threads');
  const real = Object.getOwnPropertyDescriptor(globalThis, 'Atomics');
  const time = Object.getOwnPropertyDescriptor(clock, 'now');
  const microtasks = Object.getOwnPropertyDescriptor(globalThis, 'queueMicrotask');
  const timers = replaceTimers();
  exploring = true;
  Object.defineProperty(globalThis, 'Atomics', {
    configurable: true,
    writable: true,
    value: simulatedAtomics(pauseMarks),
  });
  Object.defineProperty(clock, 'now', { configurable: true, writable: true, value: simulatedNow });
  Object.defineProperty(globalThis, 'queueMicrotask', {
    configurable: true,
    writable: true,
    value: (callback: () => void) => running().queueMicrotask(callback),
  });
  return () => {
    exploring = false;
    timers();
    if (real !== undefined) Object.defineProperty(globalThis, 'Atomics', real);
    if (microtasks !== undefined) Object.defineProperty(globalThis, 'queueMicrotask', microtasks);
    if (time === undefined) Reflect.deleteProperty(clock, 'now');
    else Object.defineProperty(clock, 'now', time);
  };
}

/** The host's timers that a thread must not use. */
const TIMERS = ['setTimeout', 'setInterval', 'setImmediate'] as const;
const realTimers = new Map(TIMERS.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)]));

/** Makes the host's timers refuse, except those that are simulated; returns a function that undoes it. */
function refuseTimers(): () => void {
  const undo: (() => void)[] = [];
  for (const [name, descriptor] of realTimers) {
    const now = Object.getOwnPropertyDescriptor(globalThis, name);
    if (descriptor === undefined || now?.value !== descriptor.value || now?.get !== descriptor.get) continue;
    const timer = (): never =>
      running().refuse(`${name}() would run when the exploration is over: use thread.later()`, timer);
    Object.defineProperty(globalThis, name, { configurable: true, writable: true, value: timer });
    undo.push(() => Object.defineProperty(globalThis, name, descriptor));
  }
  return () => {
    for (const each of undo) each();
  };
}

/** Real time in ms, for the explorer's own report, whatever has replaced performance.now. */
export const realNow: () => number = clock === undefined ? Date.now : clock.now.bind(clock);

/** The execution whose code is running. */
export function running(): Execution {
  if (current === undefined)
    throw new ScenarioError('Atomics, performance.now and primitives belong to the threads during an exploration');
  return current;
}

function simulatedNow(): number {
  return running().now(simulatedNow);
}

/** Traps of plain accesses, which are operations like others. */
export const plainAccess: PlainAccess = {
  read(window, index, boundary) {
    if (isSettled(window, window.offset + index)) return window.area.array[window.offset + index];
    return Number(running().perform('read', plainWord(window, index, 'read', boundary), 0, 0, boundary));
  },
  refuse(message, boundary) {
    return running().refuse(message, boundary);
  },
  write(window, index, value, boundary) {
    const word = plainWord(window, index, 'write', boundary);
    if (window.area.isConstant(window.offset + index)) refuseChange(window, word, boundary);
    running().perform('write', word, value, 0, boundary);
  },
};

function plainWord(window: Window, index: number, what: string, boundary: Boundary): number {
  const { words, area, offset, length } = window;
  if (index >= length) running().refuse(`plain ${what} beyond the end of a shared array`, boundary);
  return words.numberOf(area, offset + index);
}

/** Whether a word can only have its initial value now. */
function isSettled({ area }: Window, at: number): boolean {
  return running().quiet || area.isConstant(at);
}

/** The window of the array that the real Atomics would be given. */
function windowFor(array: unknown, boundary: Boundary): Window {
  return (
    windowOf(array) ??
    running().refuse(
      'Atomics was given an array that is not of the memory under test: use the arrays that were handed over, and their ' +
        "subarray(), not a new view over their buffer; if it is a primitive's, name that in the scenario's 'objects'",
      boundary,
    )
  );
}

/** The position in the window's area of an index, validated as the real Atomics does: an integer within bounds. */
function placeIn(window: Window, index: number): number {
  const at = Math.trunc(Number(index)) || 0;
  if (at < 0 || at >= window.length) throw new RangeError('Invalid atomic access index');
  return window.offset + at;
}

function wordAt(array: unknown, index: number, boundary: Boundary): number {
  const window = windowFor(array, boundary);
  const at = placeIn(window, index);
  const word = window.words.numberOf(window.area, at);
  if (window.area.isConstant(at)) refuseChange(window, word, boundary);
  return word;
}

function refuseChange({ words }: Window, word: number, boundary: Boundary): never {
  return running().refuse(
    `${words.nameOf(word)} was declared constant, and is changed, waited on or notified`,
    boundary,
  );
}

/** ToIntegerOrInfinity, with 0 for a negative number: the value of a count. */
function countOf(count: number | undefined): number {
  return count === undefined ? Infinity : Math.max(Math.trunc(Number(count)) || 0, 0);
}

function timeoutOf(timeout: number | undefined): number {
  const time = timeout === undefined ? Infinity : Number(timeout);
  return Number.isNaN(time) ? Infinity : Math.max(time, 0);
}

function simulatedAtomics(pauseMarks: boolean): object {
  const real = globalThis.Atomics;

  function change(
    kind: OperationKind,
    array: unknown,
    index: number,
    a: number,
    b: number,
    boundary: Boundary,
  ): Result {
    return running().perform(kind, wordAt(array, index, boundary), a, b, boundary);
  }

  // The conversion avoids a tail call, for which an engine may leave the boundary out of its stack traces.

  const simulated = {
    load(array: unknown, index: number): number {
      const window = windowFor(array, simulated.load);
      const at = placeIn(window, index);
      if (isSettled(window, at)) return window.area.array[at];
      const word = window.words.numberOf(window.area, at);
      return Number(running().perform('load', word, 0, 0, simulated.load));
    },
    store(array: unknown, index: number, value: number): number {
      const given = Math.trunc(Number(value)) || 0;
      change('store', array, index, given | 0, 0, simulated.store);
      return given;
    },
    exchange(array: unknown, index: number, value: number): number {
      return Number(change('exchange', array, index, Number(value) | 0, 0, simulated.exchange));
    },
    compareExchange(array: unknown, index: number, expected: number, replacement: number): number {
      const a = Number(expected) | 0;
      const b = Number(replacement) | 0;
      return Number(change('compareExchange', array, index, a, b, simulated.compareExchange));
    },
    add(array: unknown, index: number, value: number): number {
      return Number(change('add', array, index, Number(value) | 0, 0, simulated.add));
    },
    sub(array: unknown, index: number, value: number): number {
      return Number(change('sub', array, index, Number(value) | 0, 0, simulated.sub));
    },
    and(array: unknown, index: number, value: number): number {
      return Number(change('and', array, index, Number(value) | 0, 0, simulated.and));
    },
    or(array: unknown, index: number, value: number): number {
      return Number(change('or', array, index, Number(value) | 0, 0, simulated.or));
    },
    xor(array: unknown, index: number, value: number): number {
      return Number(change('xor', array, index, Number(value) | 0, 0, simulated.xor));
    },
    notify(array: unknown, index: number, count?: number): number {
      return Number(change('notify', array, index, countOf(count), 0, simulated.notify));
    },
    wait(array: unknown, index: number, value: number, timeout?: number): unknown {
      const word = wordAt(array, index, simulated.wait);
      return String(running().wait(word, Number(value) | 0, timeoutOf(timeout), simulated.wait));
    },
    waitAsync(array: unknown, index: number, value: number, timeout?: number): unknown {
      const word = wordAt(array, index, simulated.waitAsync);
      const [expected, time] = [Number(value) | 0, timeoutOf(timeout)];
      const result = running().waitAsync(word, expected, time, simulated.waitAsync);
      return { async: typeof result === 'object', value: result };
    },
    pause(): void {
      if (pauseMarks) running().mark(() => running().way(), simulated.pause);
    },
    isLockFree(size: number): boolean {
      return real.isLockFree(size);
    },
    [Symbol.toStringTag]: 'Atomics',
  };
  return simulated;
}
