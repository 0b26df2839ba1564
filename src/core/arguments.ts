/** Argument checks. Each throws before anything is written. */

/** @returns a wrong argument, as shown in messages */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'function') return 'a function';
  return typeof value === 'object' && value !== null ? Object.prototype.toString.call(value) : String(value);
}

/**
 * @param timeout milliseconds; Infinity waits forever
 * @param name the name by which the caller knows it
 * @throws TypeError when it is not a number; RangeError when it is NaN or negative
 */
export function checkTimeout(timeout: number, name = 'timeout'): void {
  if (typeof timeout !== 'number') {
    // Python's flags, its None, and the options of the async forms end up here.
    const cure = name === 'timeout' ? '; 0 does not wait, Infinity waits for ever' : '';
    throw new TypeError(`${name} must be a number of milliseconds, not ${shown(timeout)}${cure}`);
  }
  if (!(timeout >= 0)) throw new RangeError(`${name} must be 0 or more milliseconds, not ${timeout}`);
}

/** @throws TypeError when `value` is not a number; RangeError when it is not an integer from `min` to `max` */
export function checkInteger(name: string, value: number, min: number, max: number): void {
  if (typeof value !== 'number') throw new TypeError(`${name} must be a number, not ${shown(value)}`);
  if (!Number.isInteger(value) || value < min || value > max) {
    throw new RangeError(`${name} must be a whole number from ${min} to ${max}, not ${value}`);
  }
}

/** As `checkInteger`, for a bound, which Infinity removes. */
export function checkBound(name: string, value: number, min: number, max: number): void {
  if (value !== Infinity) checkInteger(name, value, min, max);
}

/**
 * @throws TypeError when `options` is not an object, or is a signal, a list or a Map, which would be taken for an
 *   object without options
 */
export function checkOptions(options: object, fields?: Readonly<Record<string, true>>): void {
  if (typeof options !== 'object' || options === null || Symbol.iterator in options || Symbol.toStringTag in options) {
    const there = fields === undefined ? '' : `; there are ${Object.keys(fields).join(', ')}`;
    throw new TypeError(`options must be an object, not ${shown(options)}${there}`);
  }
}

/** The names of all options; the compiler ensures that none is missing. */
export type Fields<Options> = Readonly<Record<keyof Options, true>>;

/**
 * Checks that all given options exist: a misspelt one, or one with its Python name, would otherwise be silently ignored.
 *
 * @param what the owner of the options, as named in messages
 * @throws TypeError when `options` is not an object, or has an unknown option
 */
export function checkFields(what: string, options: object, fields: Readonly<Record<string, true>>): void {
  checkOptions(options, fields);
  // No list of keys is made, because this runs at every wait.
  for (const field in options)
    if (fields[field] !== true && Object.hasOwn(options, field))
      throw new TypeError(`${what} has no option '${field}'; there are ${Object.keys(fields).join(', ')}`);
}

/**
 * @param names the name by which the caller knows it, in the plural
 * @throws TypeError when `value` is not an object used for its properties: a Map would be taken for one without any
 */
export function checkRecord(names: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || Symbol.iterator in value)
    throw new TypeError(`${names} must be an object of names and values, not ${shown(value)}`);
}

/** Options that end an async wait early. */
export interface WaitOptions {
  /** The longest time to wait, in milliseconds from the call; Infinity (the default) waits forever. */
  timeout?: number | undefined;
  /** Ends the wait immediately when aborted: the promise is rejected with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** All options. */
const WAIT_FIELDS: Fields<WaitOptions> = { timeout: true, signal: true };

/** @throws TypeError when it is not an AbortSignal; the signal's reason when it is already aborted */
export function checkSignal(signal: AbortSignal): void {
  // By its shape, not by instanceof: a signal may come from another realm or a polyfill.
  if (typeof signal?.addEventListener !== 'function') {
    throw new TypeError(`signal must be an AbortSignal, not ${shown(signal)}`);
  }
  if (signal.aborted) throw signal.reason;
}

/**
 * @param fields the known options
 * @returns undefined if an async wait may begin with these options; otherwise the promise to return instead
 */
export function refusal(
  options: WaitOptions,
  fields: Readonly<Record<string, true>> = WAIT_FIELDS,
): Promise<never> | undefined {
  try {
    checkFields('a wait', options, fields);
    const { timeout, signal } = options;
    if (timeout !== undefined) checkTimeout(timeout);
    if (signal !== undefined) checkSignal(signal);
  } catch (error) {
    return Promise.reject(error);
  }
  return undefined;
}

/** Whether it is a thenable, of whatever realm or library. */
export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof (value as Partial<PromiseLike<unknown>> | null | undefined)?.then === 'function';

/**
 * For functions that must have finished their work when they return, because the caller blocks for it.
 *
 * @param result what the function returned
 * @param name the name by which the caller knows the function
 * @param instead what to use instead, which awaits it
 * @returns the result
 * @throws TypeError when it is a promise
 */
export function checkNoPromise<R>(result: R, name: string, instead: string): R {
  if (!isThenable(result)) return result;
  throw new TypeError(`${name} returned a promise, which cannot be awaited here; use ${instead}()`);
}

/** @throws TypeError when `value` is not a string */
export function checkString(name: string, value: unknown): asserts value is string {
  if (typeof value !== 'string') throw new TypeError(`${name} must be a string, not ${shown(value)}`);
}

/** @throws TypeError when `value` is not a boolean */
export function checkBoolean(name: string, value: unknown): asserts value is boolean {
  if (typeof value !== 'boolean') throw new TypeError(`${name} must be a boolean, not ${shown(value)}`);
}

/** @throws TypeError when `value` is not an array */
export function checkArray(name: string, value: unknown): asserts value is unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${name} must be an array, not ${shown(value)}`);
}

/** @throws TypeError when `fn` is not a function */
export function checkFunction(name: string, fn: unknown): void {
  if (typeof fn !== 'function') throw new TypeError(`${name} must be a function, not ${shown(fn)}`);
}

/** Whether it is a URL, of any realm; some realms have no URL class. */
export const isURL = (value: unknown): value is URL => Object.prototype.toString.call(value) === '[object URL]';
