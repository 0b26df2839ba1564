/**
 * The number that an option was given as text.
 *
 * @param what names the option
 * @throws RangeError when it is not above 0
 */
export function positive(what: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new RangeError(`${what} is ${text}; it must be a number above 0`);
  return value;
}
