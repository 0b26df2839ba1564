// Runs the contenders in turn, because a shared machine drifts: comparisons are made within a round.
import { stateOf } from './contender.mjs';
import { summary } from './stats.mjs';

/**
 * Asks each contender the same question, round by round, back and forth; then again with new processes, because a process may
 * be lucky with the placement of its memory and machine code.
 *
 * @param {readonly import('./contender.mjs').Contender[]} contenders
 * @param {{ sets: number, rounds: number, warmUp?: number, numbers: readonly number[], limit: number }} plan
 * @returns {Promise<Record<string, { values: (number | null)[], state: string }>>} what each answered in each round, null
 *   if it did not answer; and how it ended
 */
export async function interleave(contenders, { sets, rounds, warmUp = 0, numbers, limit }) {
  const results = Object.fromEntries(contenders.map(({ name }) => [name, { values: [], state: 'ok' }]));
  for (let set = 0; set < sets; set++) {
    for (let round = -warmUp; round < rounds; round++) {
      for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
        const result = results[contender.name];
        const outcome = result.state === 'ok' ? await contender.ask(numbers, limit) : { state: result.state };
        if (result.state === 'ok') result.state = stateOf(outcome);
        if (round >= 0) result.values.push(outcome.state === 'ok' ? outcome.value : null);
      }
    }
    for (const contender of contenders) contender.stop();
  }
  return results;
}

/** @returns {{ median: number, low: number, high: number } | undefined} over the rounds that were answered */
export function across(values) {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? undefined : summary(known);
}

/** @returns the same, for the ratios of two contenders within each round */
export function ratio(values, base) {
  return across(values.map((value, i) => (value === null || base[i] === null ? null : value / base[i])));
}

/**
 * Interleaves the contenders of each group.
 *
 * @param {Record<string, readonly import('./contender.mjs').Contender[]>} groups
 * @param {Parameters<typeof interleave>[1]} plan
 * @param {(group: string) => void} say is called with the next group
 * @returns by group, what `beside` returns for its contenders, with the first of them as the base
 */
export async function byGroup(groups, plan, say) {
  const data = {};
  for (const [group, contenders] of Object.entries(groups)) {
    say(group);
    const results = await interleave(contenders, plan);
    data[group] = beside(results, results[contenders[0].name]);
  }
  return data;
}

/** @returns how long each contender took, and how many times as long as the base in the same rounds */
export const beside = (results, base) =>
  Object.entries(results).map(([name, { values, state }]) => ({
    name,
    state,
    ns: across(values),
    ratio: ratio(values, base.values),
  }));
