// Whether two builds differ by more than two processes of one build do.
import { across } from './interleave.mjs';

/** The ratios of two contenders, in the rounds that both answered. */
const ratios = (values, base) =>
  values.flatMap((value, i) => (value === null || base[i] === null ? [] : [value / base[i]]));

/**
 * The old build runs twice in each round, and the new one is compared with both of its processes.
 *
 * @param {Record<'old' | 'again' | 'now', readonly (number | null)[]>} values how long a turn took, round by round
 * @returns new ÷ old; old ÷ old, whose spread is the middle half of its rounds; whether the median of the first is
 *   inside that; undefined if nothing can be compared
 */
export function compare({ old, again, now }) {
  const ratio = across([...ratios(now, old), ...ratios(now, again)]);
  // The order of the two has no meaning.
  const same = across([...ratios(again, old), ...ratios(old, again)]);
  return { ratio, same, verdict: verdictOf(ratio, same) };
}

function verdictOf(ratio, same) {
  if (ratio === undefined || same === undefined) return undefined;
  if (ratio.median < same.low) return 'outside: faster';
  return ratio.median > same.high ? 'outside: slower' : 'inside';
}

/**
 * @param {Record<string, number> | undefined} before how often a pair calls each function of Atomics
 * @param {Record<string, number> | undefined} after
 * @returns {'same' | 'fewer' | 'more' | '–'} `more` if there are more calls of any of them
 */
export function differ(before, after) {
  if (before === undefined || after === undefined) return '–';
  const changes = [...new Set([...Object.keys(before), ...Object.keys(after)])].map(
    (name) => (after[name] ?? 0) - (before[name] ?? 0),
  );
  if (changes.every((change) => change === 0)) return 'same';
  return changes.some((change) => change > 0) ? 'more' : 'fewer';
}
