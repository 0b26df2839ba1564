/** Names and keys as a server has them: in UTF-8, where every half of a surrogate pair becomes the same character. */
import { checkString, shown } from '../core/arguments.js';

/**
 * @param what what the text is called in the error message
 * @throws TypeError when it is not a string that a server distinguishes from all others
 */
export function checkText(what: string, text: string): void {
  checkString(what, text);
  if (/\p{Surrogate}/u.test(text))
    throw new TypeError(
      `${what} contains an unpaired surrogate, which servers cannot tell from others: ${shown(text)}`,
    );
}
