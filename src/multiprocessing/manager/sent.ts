/** What a container of a manager is filled with, as it is sent. */
import { shown } from '../../core/arguments.js';

/** @throws TypeError for what is not iterable, such as an object of names and values */
export function listOf<T>(what: 'entries' | 'items' | 'values', given: Iterable<T>): T[] {
  if (typeof given?.[Symbol.iterator] === 'function') return [...given];
  const instead = what === 'entries' ? ', such as Object.entries({ … })' : '';
  throw new TypeError(`${what} must be an iterable${instead}, not ${shown(given)}`);
}
