/** Names and keys as a server has them: as UTF-8, in which one half of a surrogate pair is the same as any other. */
import { shown } from '../core/arguments.js';

/**
 * @param what it is called in the message of the error
 * @throws TypeError when it is no string that a server tells from all others
 */
export function checkText(what: string, text: string): void {
  if (typeof text !== 'string') throw new TypeError(`${what} is a string, not ${shown(text)}`);
  if (/\p{Surrogate}/u.test(text))
    throw new TypeError(`${what} has half of a surrogate pair, which servers do not tell from others: ${shown(text)}`);
}
