/** What the options of runs and recordings may be. A misspelt one would silently change a run, so each is checked. */
import { misspelt } from '../check/nearest.js';

/** The longest time of a run, in seconds: a timer of the host counts at most 2³¹ − 1 ms. */
const MOST_SECONDS = 2_000_000;
/** The most workers of one test: they and the agent that watches them are the members of one arena. */
export const MOST_THREADS = 1_022;

/** @throws TypeError when `options` is not an object, or has another field */
export function checkOptions(what: string, options: object, fields: readonly string[]): void {
  if (Object.prototype.toString.call(options) !== '[object Object]') throw new TypeError('options must be an object');
  const wrong = misspelt(options, fields);
  if (wrong !== undefined) throw new TypeError(`${what} has no option ${wrong}`);
}

/** @throws RangeError when it is not a number of seconds that a timer can count */
export function checkSeconds(name: string, value: number): void {
  if (!(typeof value === 'number' && value > 0 && value <= MOST_SECONDS))
    throw new RangeError(`${name} must be above 0 and at most ${MOST_SECONDS}, not ${String(value)}`);
}

/** @throws TypeError when it is neither an AbortSignal nor undefined */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal !== undefined && typeof signal?.addEventListener !== 'function')
    throw new TypeError('signal must be an AbortSignal');
}
