/** What a Memory without a location makes of a function: the same methods, and nothing is kept. */
import { now } from '../../core/wait/clock.js';
import { shortened } from '../shortened.js';
import { type CachedFunction, isAsync } from './cached.js';
import { CACHED } from './identity.js';
import { CalledResult, notCached } from './result.js';

/** A result that is kept in memory alone, by whoever has this. */
class UnshelvedResult extends CalledResult<unknown> {
  #value: { readonly value: unknown } | undefined;

  constructor(value: unknown, call: string) {
    super(call);
    this.#value = { value };
  }

  get(): unknown {
    if (this.#value === undefined) throw notCached(this.call);
    return this.#value.value;
  }

  clear(): void {
    this.#value = undefined;
  }
}

export function uncached(fn: (...args: unknown[]) => unknown): CachedFunction<unknown[], unknown> {
  /** Calls the function, and makes something of what it returns, whether or not that comes by a promise. */
  const then = (args: unknown[], make: (value: unknown) => unknown): unknown => {
    const value = fn(...args);
    return isAsync(fn) ? (value as Promise<unknown>).then(make) : make(value);
  };
  const call = (...args: unknown[]): unknown => fn(...args);
  Object.defineProperty(call, 'name', { value: fn.name, configurable: true });
  return Object.assign(call, {
    [CACHED]: true,
    recompute: (...args: unknown[]) => {
      const begun = now();
      return then(args, (value) => ({ value, metadata: { args, time: Date.now(), duration: now() - begun } }));
    },
    callAndShelve: (...args: unknown[]) =>
      then(args, (value) => new UnshelvedResult(value, `${fn.name}(${shortened(args)})`)),
    checkCallInCache: () => false,
    clear: () => {},
  }) as CachedFunction<unknown[], unknown>;
}
