/**
 * The methods and getters that replace those of each primitive. What is built on them (`run`, `hold`, the long names of
 * RWLock) runs unchanged.
 */
import { show } from '../rules.js';
import type { Boundary } from '../stack.js';
import { type Calls, checkNoPromise, checkTimeout, type WaitOptions } from './calls.js';
import type { Primitive } from './declared.js';
import { BROKEN, GOT, TIMED_OUT } from './specification.js';

export type Method = (this: Primitive, ...args: never[]) => unknown;
export type Getter = (this: Primitive) => unknown;

export interface StandIn {
  readonly methods?: Readonly<Record<string, Method>>;
  readonly getters?: Readonly<Record<string, Getter>>;
  /** The methods that async tasks call. */
  readonly tasks?: Readonly<Record<string, Method>>;
}

export function standInsOf(calls: Calls): Readonly<Record<string, StandIn>> {
  const lock = acquirable(calls, ['acquire', 'tryAcquire'], 'release', { locked: 'locked' });
  const rlock = acquirable(calls, ['acquire', 'tryAcquire'], 'release', { locked: 'locked', isOwned: 'isOwned' });
  const semaphore = semaphoreOf(calls);
  return {
    Lock: { ...lock, tasks: tasksOf(calls), getters: { ...lock.getters, abandoned: whole } },
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

/** There are no deaths. */
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

/** Primitives that are acquired and released. */
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

/** How async tasks acquire primitives without an owner. */
function tasksOf(calls: Calls): Readonly<Record<string, Method>> {
  function acquireAsync(this: Primitive, options: WaitOptions = {}): Promise<boolean> {
    return calls.doAsync(this, ['acquire', 'tryAcquire'], options, acquireAsync);
  }
  function releaseByTask(this: Primitive): void {
    calls.do(this, 'release', releaseByTask, { argument: 1 });
  }
  return { acquireAsync, acquireToHoldAsync: acquireAsync, releaseByTask };
}

function semaphoreOf(calls: Calls): StandIn {
  const { methods } = acquirable(calls, ['acquire', 'tryAcquire'], 'release', {});
  function release(this: Primitive, n = 1): void {
    if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`n must be a whole number from 1, not ${show(n)}`);
    calls.do(this, 'release', release, { argument: n });
  }
  return {
    methods: { ...methods, release, releaseBlocking: release },
    tasks: tasksOf(calls),
    getters: { value: number(calls, 'value') },
  };
}

function eventOf(calls: Calls): StandIn {
  function wait(this: Primitive, timeout = Infinity): boolean {
    checkTimeout(timeout);
    if (timeout === 0) return calls.try(this, 'isSet', wait);
    calls.checkAlone(this, 'goOn', wait);
    return calls.try(this, 'wait', wait) || calls.try(this, 'goOn', wait, { timeout });
  }
  function waitAsync(this: Primitive, options: WaitOptions = {}): Promise<boolean> {
    calls.checkAlone(this, 'goOn', waitAsync);
    return calls.doAsync(this, ['goOn', options.timeout === 0 ? 'isSet' : 'wait'], options, waitAsync);
  }
  function set(this: Primitive): void {
    calls.do(this, 'set', set);
  }
  function clear(this: Primitive): void {
    calls.do(this, 'clear', clear);
  }
  return { methods: { wait, set, clear }, tasks: { waitAsync }, getters: { isSet: boolean(calls, 'isSet') } };
}

/** How many a `notifyAll` notifies: more than there are threads. */
const ALL = 2 ** 31 - 1;

function conditionOf(calls: Calls): StandIn {
  function waitOn(condition: Primitive, timeout: number, boundary: Boundary): boolean {
    calls.checkAlone(condition, 'goOn', boundary);
    const depth = calls.do(condition, 'wait', boundary);
    return calls.try(condition, 'goOn', boundary, { argument: depth, timeout });
  }
  function wait(this: Primitive, timeout = Infinity): boolean {
    checkTimeout(timeout);
    return waitOn(this, timeout, wait);
  }
  function waitFor<R>(this: Primitive, predicate: () => R, timeout = Infinity): R {
    checkTimeout(timeout);
    if (typeof predicate !== 'function') throw new TypeError(`predicate must be a function, not ${show(predicate)}`);
    calls.do(this, 'held', waitFor);
    const holds = (): R => checkNoPromise(predicate(), 'predicate', 'waitForAsync');
    let result = holds();
    const start = timeout === Infinity ? 0 : performance.now();
    for (let left = timeout; !result && left >= 0; ) {
      const inTime = waitOn(this, left, waitFor);
      result = holds();
      if (!inTime) break;
      if (timeout < Infinity) left = timeout - (performance.now() - start);
    }
    return result;
  }
  function notify(this: Primitive, n = 1): void {
    if (!Number.isInteger(n)) throw new RangeError(`n must be a whole number, not ${show(n)}`);
    calls.do(this, 'notify', notify, { argument: n });
  }
  function notifyAll(this: Primitive): void {
    calls.do(this, 'notify', notifyAll, { argument: ALL });
  }
  async function waitAsync(this: Primitive, options: WaitOptions = {}): Promise<boolean> {
    calls.checkAsync(waitAsync);
    calls.checkAlone(this, 'goOn', waitAsync);
    const { timeout = Infinity, signal } = options;
    checkTimeout(timeout);
    if (signal !== undefined) calls.refuse('the signal of a wait on a condition is not supported', waitAsync);
    if (calls.do(this, 'wait', waitAsync) > 0) calls.refuse('tasks that hold an RLock are not supported', waitAsync);
    return (await calls.later(this, 'goOn', { timeout }, waitAsync)) === GOT;
  }
  async function waitForAsync<R>(
    this: Primitive,
    predicate: () => PromiseLike<R> | R,
    options: WaitOptions = {},
  ): Promise<R> {
    const { timeout = Infinity } = options;
    calls.do(this, 'held', waitForAsync);
    let result = await predicate();
    const start = timeout === Infinity ? 0 : performance.now();
    for (let left = timeout; !result && left >= 0; ) {
      const inTime = await waitAsync.call(this, { ...options, timeout: left });
      result = await predicate();
      if (!inTime) break;
      if (timeout < Infinity) left = timeout - (performance.now() - start);
    }
    return result;
  }
  return { methods: { wait, waitFor, notify, notifyAll }, tasks: { waitAsync, waitForAsync } };
}

interface BarrierLike extends Primitive {
  readonly parties: number;
  readonly action: (() => unknown) | undefined;
  readonly timeout: number;
}

function barrierOf(calls: Calls): StandIn {
  function runAction(barrier: BarrierLike, boundary: Boundary): void {
    try {
      checkNoPromise(barrier.action?.(), 'action', 'waitAsync');
    } catch (error) {
      // In a thread that is being suspended, every further operation throws, and this one changes nothing.
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
  async function waitAsync(this: BarrierLike, options: WaitOptions = {}): Promise<number> {
    calls.checkAsync(waitAsync);
    const { timeout = this.timeout, signal } = options;
    checkTimeout(timeout);
    if (signal !== undefined) calls.refuse('the signal of a wait at a barrier is not supported', waitAsync);
    const at = calls.do(this, 'tryArrive', waitAsync);
    const place = at < this.parties ? at : await calls.later(this, 'arrive', {}, waitAsync);
    if (place === this.parties - 1) {
      await runActionAsync(this);
      calls.do(this, 'open', waitAsync);
    } else if ((await calls.later(this, 'pass', { timeout }, waitAsync)) === TIMED_OUT) {
      throw calls.errorOf(this, 'wait', BROKEN);
    }
    return place;
  }
  async function runActionAsync(barrier: BarrierLike): Promise<void> {
    try {
      await barrier.action?.();
    } catch (error) {
      calls.do(barrier, 'fail', waitAsync);
      throw error;
    }
  }
  function reset(this: Primitive): void {
    calls.do(this, 'reset', reset);
  }
  function abort(this: Primitive): void {
    calls.do(this, 'abort', abort);
  }
  return {
    methods: { wait, reset, abort } as unknown as Readonly<Record<string, Method>>,
    tasks: { waitAsync } as unknown as Readonly<Record<string, Method>>,
    getters: { nWaiting: number(calls, 'nWaiting'), broken: boolean(calls, 'broken') },
  };
}
