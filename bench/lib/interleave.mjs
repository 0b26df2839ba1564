// Rounds of the contenders in turn, because a shared machine drifts: what is compared is compared within a round.
import { stateOf } from './contender.mjs';
import { summary } from './stats.mjs';

/**
 * Asks each contender the same, round by round, back and forth; then again with new processes, because a process may
 * be lucky with where its memory and its machine code lie.
 *
 * @param {readonly import('./contender.mjs').Contender[]} contenders
 * @param {{ sets: number, rounds: number, warmUp?: number, numbers: readonly number[], limit: number }} plan
 * @returns {Promise<Record<string, { values: (number | null)[], state: string }>>} what each answered in each round, null
 *   where it did not; and how that ended
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

/** @returns {{ median: number, low: number, high: number } | undefined} of the rounds that were answered */
export function across(values) {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? undefined : summary(known);
}

/** @returns the same, of the ratios of two contenders within each round */
export function ratio(values, base) {
  return across(values.map((value, i) => (value === null || base[i] === null ? null : value / base[i])));
}

/**
 * Interleaves each group of contenders by itself.
 *
 * @param {Record<string, readonly import('./contender.mjs').Contender[]>} groups
 * @param {Parameters<typeof interleave>[1]} plan
 * @param {(group: string) => void} say is told which group is next
 * @returns by group, what `beside` says of its contenders and the first of them
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
