import type { Result } from './result.js';
import { BOOLEAN, FUNCTION, hold, POSITIVE, type Rules } from './rules.js';
import type { Scenario } from './scenario.js';
import { type ExploreOptions, search } from './search.js';
import { simulate } from './simulate.js';

const OPTIONS: Rules<ExploreOptions> = { ms: POSITIVE, onProgress: FUNCTION, reduction: BOOLEAN };

/**
 * Explores every interleaving of a scenario.
 *
 * The code runs with simulated `Atomics` and `performance.now`; the real ones are back when this returns or throws.
 *
 * @param scenario - The program, what must hold, and how far to look.
 * @param options - For how long, and whom to tell how far it is.
 * @returns Verdict, figures and, on failure, a shortest schedule. The code's errors are failures, not exceptions.
 * @throws ScenarioError if the scenario itself is no good: no threads, unknown names, an exploration within another.
 * @example
 * ```ts
 * import { type Body, explore } from 'atomics-sync-free/check';
 *
 * const increment: Body<'count'> = ({ words, at }) => {
 *   Atomics.store(words, at.count, Atomics.load(words, at.count) + 1);
 * };
 * const result = explore({
 *   memory: { count: 0 },
 *   threads: [increment, increment],
 *   final: ({ count }) => count === 2 || `lost update: ${count}`,
 * });
 * console.log(result.verdict, result.failure?.reason); // failed at the end: lost update: 1
 * ```
 */
export function explore<N extends string = string, G extends string = never>(
  scenario: Scenario<N, G>,
  options: ExploreOptions = {},
): Result {
  hold('the options of explore()', options, OPTIONS);
  const erased = scenario as unknown as Scenario<string, string>;
  return simulate(erased, (prepared) => search(prepared, options));
}
