/** Which of the names there are was meant by one that there is not. */

/**
 * Says which name is nearest to an unknown one, for the end of an error's message.
 *
 * @param wrong - The unknown name.
 * @param names - Those there are.
 * @returns `; did you mean 'x'?`, or the list of names if none is near.
 */
export function nearest(wrong: string, names: readonly string[]): string {
  const distances = names.map((name) => distance(wrong.toLowerCase(), name.toLowerCase()));
  const least = Math.min(...distances);
  if (least <= Math.max(1, Math.floor(wrong.length / 3))) return `; did you mean '${names[distances.indexOf(least)]}'?`;
  return names.length === 0 ? '; there are none' : `; there are ${names.join(', ')}`;
}

/**
 * Looks for a slip of the pen in the fields of an object: one that is misspelt would be left out without a word.
 *
 * @param given - The object.
 * @param names - The fields there are.
 * @returns The first field that there is not, for the end of an error's message; undefined if there is none.
 */
export function misspelt(given: object, names: readonly string[]): string | undefined {
  const wrong = Object.keys(given).find((field) => !names.includes(field));
  return wrong === undefined ? undefined : `'${wrong}'${nearest(wrong, names)}`;
}

/** How many letters must be put in, taken out or changed to make one text the other (Levenshtein 1966). */
function distance(one: string, other: string): number {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const next = [i];
    for (let j = 1; j <= other.length; j++) {
      next.push(Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (one[i - 1] === other[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[other.length];
}
