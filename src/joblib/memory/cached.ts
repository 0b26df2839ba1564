/** Functions whose results are kept: blocking ones and async ones. */

import { isThenable } from '../../core/arguments.js';
import { sleep } from '../../core/wait/sleep.js';
import { delay } from '../../core/wait/turns.js';
import type { Function_ } from '../../tasks/call.js';
import { type CallMetadata, type Calls, isClaim, letGo } from './calls.js';
import { CACHED } from './identity.js';
import type { MemorizedResult } from './result.js';
import type { Entry } from './shelf.js';

/** A result that was computed anew, and what is known of its computation. */
export interface Recomputed<Args extends unknown[], Value> {
  /** What the function returned. */
  readonly value: Value;
  /** When that was, and how long it took. */
  readonly metadata: CallMetadata<Args>;
}

/** A promise if the function returns one. */
export type Settled<Result, Value> = Result extends PromiseLike<unknown> ? Promise<Value> : Value;

/** A function whose results are kept: what `memory.cache` returns. */
export interface CachedFunction<Args extends unknown[], Result> {
  /** Returns the kept result, or calls the function and keeps what it returns. */
  (...args: Args): Result;
  /**
   * Calls the function in any case, and keeps what it returns. joblib's `call`, a name that every function of
   * JavaScript already has.
   *
   * @param args as the function takes them
   * @returns what it returned, and what is known of the computation
   */
  recompute(...args: Args): Settled<Result, Recomputed<Args, Awaited<Result>>>;
  /**
   * Makes sure that the result is kept, and returns a reference to it.
   *
   * @param args as the function takes them
   * @returns an object that reads the result, or removes it
   */
  callAndShelve(...args: Args): Settled<Result, MemorizedResult<Awaited<Result>>>;
  /**
   * @param args as the function takes them
   * @returns whether a call would find its result
   */
  checkCallInCache(...args: Args): boolean;
  /** Removes all results of the function. */
  clear(): void;
}

/** The first and the longest pause between two looks of a call that waits for another's computation, in ms. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 50;
const longer = (pause: number): number => Math.min(2 * pause, LONGEST_PAUSE);

export const isAsync = (fn: Function_): boolean => Object.prototype.toString.call(fn) === '[object AsyncFunction]';

export function cacheBlocking(fn: (...args: unknown[]) => unknown, calls: Calls): CachedFunction<unknown[], unknown> {
  const compute = (key: string, args: unknown[]): Entry => {
    const begun = calls.begin(args);
    const value = fn(...args);
    if (isThenable(value)) {
      letGo(value);
      throw new TypeError(`${fn.name} returned a promise, which cannot be kept; write it as an async function`);
    }
    return calls.keep(key, args, begun, value);
  };
  const get = (key: string, args: unknown[]): Entry => {
    for (let pause = FIRST_PAUSE; ; pause = longer(pause)) {
      const seen = calls.look(key, args);
      if (seen !== undefined && isClaim(seen)) {
        try {
          return compute(key, args);
        } finally {
          seen.release();
        }
      }
      if (seen !== undefined) return seen;
      if (calls.isUnderWayHere(key)) return compute(key, args);
      sleep(pause);
    }
  };
  return finish(fn, calls, (...args) => get(calls.keyOf(args), args).value, {
    recompute: (...args) => recomputed(compute(calls.keyOf(args), args), args),
    callAndShelve: (...args) => {
      const key = calls.keyOf(args);
      get(key, args);
      return calls.shelved(key, args);
    },
  });
}

export function cacheAsync(fn: (...args: unknown[]) => unknown, calls: Calls): CachedFunction<unknown[], unknown> {
  const compute = async (key: string, args: unknown[]): Promise<Entry> => {
    const begun = calls.begin(args);
    return calls.keep(key, args, begun, await fn(...args));
  };
  const get = async (key: string, args: unknown[]): Promise<Entry> => {
    for (let pause = FIRST_PAUSE; ; pause = longer(pause)) {
      const seen = calls.look(key, args);
      if (seen !== undefined && isClaim(seen)) {
        try {
          return await compute(key, args);
        } finally {
          seen.release();
        }
      }
      if (seen !== undefined) return seen;
      await delay(pause);
    }
  };
  return finish(fn, calls, async (...args) => (await get(calls.keyOf(args), args)).value, {
    recompute: async (...args) => recomputed(await compute(calls.keyOf(args), args), args),
    callAndShelve: async (...args) => {
      const key = calls.keyOf(args);
      await get(key, args);
      return calls.shelved(key, args);
    },
  });
}

const recomputed = ({ value, time, duration }: Entry, args: unknown[]): Recomputed<unknown[], unknown> => ({
  value,
  metadata: { args, time, duration },
});

type Unknown = CachedFunction<unknown[], unknown>;

function finish(
  fn: Function_,
  calls: Calls,
  call: (...args: unknown[]) => unknown,
  methods: {
    recompute: (...args: unknown[]) => unknown;
    callAndShelve: (...args: unknown[]) => unknown;
  },
): Unknown {
  Object.defineProperty(call, 'name', { value: fn.name, configurable: true });
  return Object.assign(call, methods, {
    [CACHED]: true,
    checkCallInCache: (...args: unknown[]) => calls.find(calls.keyOf(args), args) !== undefined,
    clear: () => calls.clear(),
  }) as Unknown;
}
