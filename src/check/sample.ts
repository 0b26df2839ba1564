/** Many random schedules of a scenario: the public calls, with their options checked. */
import { patiently } from './miss.js';
import type { Result } from './result.js';
import { countFrom, FINITE, hold, POSITIVE, type Rules, wholeFrom } from './rules.js';
import { type SampleOptions, Sampler } from './sampler.js';
import type { Scenario } from './scenario.js';
import { simulate, simulateAsync } from './simulate.js';

const SAMPLE: Rules<SampleOptions> = {
  runs: countFrom(1),
  ms: POSITIVE,
  seed: FINITE,
  strategy: { is: (value) => value === 'random' || value === 'pct', wanted: "'random' or 'pct'" },
  depth: wholeFrom(1),
  maxSteps: countFrom(1),
};

/**
 * Runs a scenario under many random schedules: for what is too large for {@link explore}. A sample proves nothing, so
 * its verdict is never `ok`. It cannot detect a livelock either, but it reports how many runs it had to cut off.
 *
 * @param scenario - The program, and what must hold.
 * @param options - How many runs, for how long, and by which strategy.
 * @returns Verdict `failed` with a schedule (not a shortest one) whose seed {@link replay} takes, `incomplete` if
 * runs were cut off, else `sampled`.
 * @throws ScenarioError if the scenario itself or an option is invalid, or it is started within another exploration.
 * @example
 * ```ts
 * import { type Body, sample } from 'atomics-sync-free/check';
 *
 * const add: Body = ({ words }) => void Atomics.add(words, 0, 1);
 * const threads = Array.from({ length: 20 }, () => add);
 * const result = sample({ memory: { sum: 0 }, threads, final: ({ sum }) => sum === 20 }, { runs: 100 });
 * console.log(result.verdict); // sampled
 * ```
 */
export function sample<N extends string = string, G extends string = never>(
  scenario: Scenario<N, G>,
  options: SampleOptions = {},
): Result {
  hold('the options of sample()', options, SAMPLE);
  const erased = scenario as unknown as Scenario<string, string>;
  return simulate(erased, (prepared) => new Sampler(prepared, options, false).run());
}

/**
 * As {@link sample}, for threads that are async functions, as {@link exploreAsync} follows them.
 *
 * @param scenario - As for {@link sample}; the code of a thread may be async.
 * @param options - How many runs, for how long, and by which strategy.
 * @returns As {@link sample}; a schedule's seed is for {@link replayAsync}.
 * @throws ScenarioError as {@link sample} does, by rejection.
 * @example
 * ```ts
 * import { type Body, sampleAsync } from 'atomics-sync-free/check';
 *
 * const add: Body = async ({ words }) => {
 *   await new Promise((resolve) => setTimeout(resolve, 1));
 *   Atomics.add(words, 0, 1);
 * };
 * const threads = Array.from({ length: 20 }, () => add);
 * const result = await sampleAsync({ memory: { sum: 0 }, threads, final: ({ sum }) => sum === 20 }, { runs: 100 });
 * console.log(result.verdict); // sampled
 * ```
 */
export async function sampleAsync<N extends string = string, G extends string = never>(
  scenario: Scenario<N, G>,
  options: SampleOptions = {},
): Promise<Result> {
  hold('the options of sampleAsync()', options, SAMPLE);
  const erased = scenario as unknown as Scenario<string, string>;
  return simulateAsync(erased, (prepared) => {
    const sampler = new Sampler(prepared, options, true);
    return patiently(() => sampler.run());
  });
}
