/**
 * What a program gives to a call of a pool runs when a result arrives, or another call makes room: in the async context of
 * its own call, all the same.
 */
import { asyncContext } from '#host';
import type { AsyncOptions } from './async-result.js';

/** Calls a function in some async context. Not derived from the host's function: users' compilers read it. */
export type Within = <Result>(act: () => Result) => Result;

/** The context of whoever calls it: for code that is not a program's. */
export const anywhere: Within = (act) => act();

/** @returns the same function, which is called in the async context of this call */
export function bound<Args extends unknown[], Result>(call: (...args: Args) => Result): (...args: Args) => Result {
  const within = asyncContext();
  return (...args) => within(() => call(...args));
}

/** @returns the same options, whose callbacks are called in the async context of this call */
export function boundOptions<Result>(options: AsyncOptions<Result>): AsyncOptions<Result> {
  const { callback, errorCallback } = options;
  if (callback === undefined && errorCallback === undefined) return options;
  return {
    ...options,
    callback: callback && bound(callback),
    errorCallback: errorCallback && bound(errorCallback),
  };
}
