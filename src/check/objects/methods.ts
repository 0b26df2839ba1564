/**
 * The methods and getters that stand in for those of each primitive. What is built on them (`run`, `hold`, the long names of
 * RWLock) runs as it is.
 */
import { show } from '../rules.js';
import type { Boundary } from '../stack.js';
import type { Calls } from './calls.js';
import type { Primitive } from './declared.js';
import { BROKEN, TIMED_OUT } from './specification.js';

export type Method = (this: Primitive, ...args: never[]) => unknown;
export type Getter = (this: Primitive) => unknown;

export interface StandIn {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly getters?: Readonly<Record<string, Getter>>;
}

/** @throws TypeError or RangeError as the primitives do */
function checkTimeout(timeout: number): void {
  if (typeof timeout !== 'number') throw new TypeError(`timeout is milliseconds as a number, not ${show(timeout)}`);
  if (!(timeout >= 0)) throw new RangeError(`timeout is 0 or more milliseconds, not ${timeout}`);
}

export function standInsOf(calls: Calls): Readonly<Record<string, StandIn>> {
  const lock = acquirable(calls, ['acquire', 'tryAcquire'], 'release', { locked: 'locked' });
  const rlock = acquirable(calls, ['acquire', 'tryAcquire'], 'release', { locked: 'locked', isOwned: 'isOwned' });
  const semaphore = semaphoreOf(calls);
  return {
    Lock: { ...lock, getters: { ...lock.getters, abandoned: whole } },
    RLock: {
      ...rlock,
      getters: { ...rlock.getters, recursionCount: number(calls, 'recursionCount'), abandoned: whole },
    },
    Semaphore: semaphore,
    BoundedSemaphore: semaphore,
    Event: eventOf(calls),
    Condition: conditionOf(calls),
    Barrier: barrierOf(calls),
    RWLock: { getters: { readers: number(calls, 'readers'), abandoned: whole } },
    'RWLock.readLock': acquirable(calls, ['read', 'tryRead'], 'endRead', { locked: 'readers' }),
    'RWLock.writeLock': acquirable(calls, ['write', 'tryWrite'], 'endWrite', { locked: 'writing' }),
  };
}

/** Of deaths there are none. */
const whole: Getter = () => false;

/** A getter that is one step. */
function number(calls: Calls, action: string): Getter {
  return function get() {
    return calls.do(this, action, get);
  };
}

function boolean(calls: Calls, action: string): Getter {
  return function get() {
    return calls.do(this, action, get) > 0;
  };
}

/** What is acquired and released. */
function acquirable(
  calls: Calls,
  [wait, attempt]: readonly [wait: string, attempt: string],
  end: string,
  getters: Readonly<Record<string, string>>,
): StandIn {
  function acquire(this: Primitive, timeout = Infinity): boolean {
    checkTimeout(timeout);
    return timeout === 0 ? calls.try(this, attempt, acquire) : calls.try(this, wait, acquire, { timeout });
  }
  function tryAcquire(this: Primitive): boolean {
    return calls.try(this, attempt, tryAcquire);
  }
  function release(this: Primitive): void {
    calls.do(this, end, release);
  }
  return {
    methods: { acquire, acquireToHold: acquire, tryAcquire, release, releaseBlocking: release },
    getters: Object.fromEntries(Object.entries(getters).map(([name, action]) => [name, boolean(calls, action)])),
  };
}

function semaphoreOf(calls: Calls): StandIn {
  const { methods } = acquirable(calls, ['acquire', 'tryAcquire'], 'release', {});
  function release(this: Primitive, n = 1): void {
    if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`n is a whole number from 1, not ${show(n)}`);
    calls.do(this, 'release', release, { argument: n });
  }
  return {
    methods: { ...methods, release, releaseBlocking: release },
    getters: { value: number(calls, 'value') },
  };
}

function eventOf(calls: Calls): StandIn {
  function wait(this: Primitive, timeout = Infinity): boolean {
    checkTimeout(timeout);
    if (timeout === 0) return calls.try(this, 'isSet', wait);
    return calls.try(this, 'wait', wait) || calls.try(this, 'goOn', wait, { timeout });
  }
  function set(this: Primitive): void {
    calls.do(this, 'set', set);
  }
  function clear(this: Primitive): void {
    calls.do(this, 'clear', clear);
  }
  return { methods: { wait, set, clear }, getters: { isSet: boolean(calls, 'isSet') } };
}

/** How many a `notifyAll` notifies: more than there are threads. */
const ALL = 2 ** 31 - 1;

function conditionOf(calls: Calls): StandIn {
  function waitOn(condition: Primitive, timeout: number, boundary: Boundary): boolean {
    const depth = calls.do(condition, 'wait', boundary);
    return calls.try(condition, 'goOn', boundary, { argument: depth, timeout });
  }
  function wait(this: Primitive, timeout = Infinity): boolean {
    checkTimeout(timeout);
    return waitOn(this, timeout, wait);
  }
  function waitFor<R>(this: Primitive, predicate: () => R, timeout = Infinity): R {
    checkTimeout(timeout);
    if (typeof predicate !== 'function') throw new TypeError(`predicate is a function, not ${show(predicate)}`);
    calls.do(this, 'held', waitFor);
    let result = predicate();
    const start = timeout === Infinity ? 0 : performance.now();
    for (let left = timeout; !result && left >= 0; ) {
      const inTime = waitOn(this, left, waitFor);
      result = predicate();
      if (!inTime) break;
      if (timeout < Infinity) left = timeout - (performance.now() - start);
    }
    return result;
  }
  function notify(this: Primitive, n = 1): void {
    if (!Number.isInteger(n)) throw new RangeError(`n is a whole number, not ${show(n)}`);
    calls.do(this, 'notify', notify, { argument: n });
  }
  function notifyAll(this: Primitive): void {
    calls.do(this, 'notify', notifyAll, { argument: ALL });
  }
  return { methods: { wait, waitFor, notify, notifyAll } };
}

interface BarrierLike extends Primitive {
  readonly parties: number;
  readonly action: (() => unknown) | undefined;
  readonly timeout: number;
}

function barrierOf(calls: Calls): StandIn {
  function runAction(barrier: BarrierLike, boundary: Boundary): void {
    try {
      barrier.action?.();
    } catch (error) {
      // Of a thread that is being suspended, every further operation throws, and this one changes nothing.
      calls.do(barrier, 'fail', boundary);
      throw error;
    }
  }
  function wait(this: BarrierLike, timeout = this.timeout): number {
    checkTimeout(timeout);
    const place = calls.do(this, 'arrive', wait);
    if (place === this.parties - 1) {
      runAction(this, wait);
      calls.do(this, 'open', wait);
    } else {
      const outcome = calls.do(this, 'pass', wait, { timeout });
      if (outcome === TIMED_OUT) throw calls.errorOf(this, 'wait', BROKEN);
    }
    return place;
  }
  function reset(this: Primitive): void {
    calls.do(this, 'reset', reset);
  }
  function abort(this: Primitive): void {
    calls.do(this, 'abort', abort);
  }
  return {
    methods: { wait, reset, abort } as unknown as Readonly<Record<string, Method>>,
    getters: { nWaiting: number(calls, 'nWaiting'), broken: boolean(calls, 'broken') },
  };
}
