/** Which of the existing names was meant by an unknown one. */

/**
 * Finds the existing name nearest to an unknown one, for the end of an error message.
 *
 * @param wrong - The unknown name.
 * @param names - The existing names.
 * @returns `; did you mean 'x'?`, or the list of names if none is near.
 */
export function nearest(wrong: string, names: readonly string[]): string {
  const distances = names.map((name) => distance(wrong.toLowerCase(), name.toLowerCase()));
  const least = Math.min(...distances);
  if (least <= Math.max(1, Math.floor(wrong.length / 3))) return `; did you mean '${names[distances.indexOf(least)]}'?`;
  return names.length === 0 ? '; there are none' : `; there are ${names.join(', ')}`;
}

/**
 * Looks for misspelt fields of an object, which would otherwise be ignored silently.
 *
 * @param given - The object.
 * @param names - The known fields.
 * @returns The first unknown field, for the end of an error message; undefined if there is none.
 */
export function misspelt(given: object, names: readonly string[]): string | undefined {
  const wrong = Object.keys(given).find((field) => !names.includes(field));
  return wrong === undefined ? undefined : `'${wrong}'${nearest(wrong, names)}`;
}

/** How many letters must be inserted, deleted or replaced to turn one text into the other (Levenshtein 1966). */
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
