/**
 * Replacements for outcomes that cannot be sent. Users' calls may yield anything: errors whose cause is a Response, or
 * whose stack is a getter that throws; a revoked proxy; results with a getter that throws a function. Whatever it is,
 * reporting it must not end the worker.
 */
import { SyncError } from '../core/errors.js';
import { messageOf, stackOf, textOf } from '../core/thrown.js';
import { partOf } from './codec/errors.js';
import { asGiven } from './codec/refusal.js';

/** The length, in characters, at which texts are cut: what was too large must not be too large again. */
const LONGEST = 2 ** 16;

/**
 * Sends a replacement for a call's outcome.
 *
 * @param threw whether the call threw it
 * @param refused why it cannot be sent
 * @param send sends an error
 * @returns what `send` returns
 */
export function tellOf<Result>(
  threw: boolean,
  value: unknown,
  refused: unknown,
  send: (error: unknown) => Result,
): Result {
  let [thrown, why] = [value, threw ? asGiven(refused, 'the result', 'what was thrown') : refused];
  if (!threw) {
    try {
      return send(refused);
    } catch (again) {
      // A getter of the result threw it.
      [thrown, why] = [refused, again];
    }
  }
  try {
    return send(untold(thrown, why));
  } catch (again) {
    return send(new SyncError('ERR_NOT_CLONEABLE', shortened(messageOf(again))));
  }
}

/**
 * @param thrown what cannot be sent
 * @param refused why it cannot be sent
 * @returns an error of the same class with the same text; where these cannot be determined, one that says why and what it was
 */
function untold(thrown: unknown, refused: unknown): Error {
  const why = shortened(messageOf(refused));
  try {
    if (thrown instanceof Error) return bare(thrown, new SyncError('ERR_NOT_CLONEABLE', why));
  } catch {
    // A part of it throws when it is read.
  }
  const text = shortened(textOf(() => (thrown instanceof Error ? stackOf(thrown) : thrown)));
  return new SyncError('ERR_NOT_CLONEABLE', `${why}; it was: ${text}`);
}

/**
 * @returns an error with the class, the texts and the primitive properties of another; likewise for the errors of an AggregateError
 */
function bare(error: Error, cause: unknown): Error {
  const message = shortened(String(error.message));
  const told = Object.setPrototypeOf(new Error(message), Object.getPrototypeOf(error)) as Error;
  for (const key of [...Object.keys(error), 'name', 'code']) {
    const own = Object.getOwnPropertyDescriptor(error, key);
    if (own !== undefined && 'value' in own && isTold(own.value)) define(told, key, own.value, own.enumerable === true);
  }
  define(told, 'cause', cause);
  const stack = partOf(error, 'stack');
  if (typeof stack === 'string') define(told, 'stack', stack);
  const { errors } = error as Partial<AggregateError>;
  const toldOf = (each: unknown): unknown =>
    each instanceof Error ? bare(each, cause) : isTold(each) ? short(each) : shortened(textOf(() => each));
  if (Array.isArray(errors)) define(told, 'errors', errors.map(toldOf));
  // It is not known what a getter of the class makes of this object.
  if (told.name !== error.name || told.message !== message) throw cause;
  return told;
}

const isTold = (value: unknown): boolean => Object(value) !== value && typeof value !== 'symbol';

function define(error: Error, key: string, value: unknown, enumerable = false): void {
  Object.defineProperty(error, key, { value: short(value), enumerable, writable: true, configurable: true });
}

const shortened = (text: string): string =>
  text.length > LONGEST ? `${text.slice(0, LONGEST)}… (${text.length} characters)` : text;

const short = (value: unknown): unknown => (typeof value === 'string' ? shortened(value) : value);
