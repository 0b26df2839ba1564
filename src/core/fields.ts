/** Checks that there are such options: one that is misspelt, or has its name in Python, would be left out without a word. */
import { checkOptions } from './arguments.js';

/** The options that there are, all of them: the compiler sees to that. */
export type Fields<Options> = Readonly<Record<keyof Options, true>>;

/**
 * @param what whose options they are, as messages name it
 * @throws TypeError when `options` is not an object, or has one that there is not
 */
export function checkFields(what: string, options: object, fields: Readonly<Record<string, true>>): void {
  checkOptions(options);
  for (const field of Object.keys(options))
    if (!Object.hasOwn(fields, field))
      throw new TypeError(`${what} has no option '${field}'; there are ${Object.keys(fields).join(', ')}`);
}
