/** Every schedule of a scenario: the public calls, with their options checked. */
import type { ExploreOptions } from './exploration.js';
import type { Result } from './result.js';
import { BOOLEAN, FUNCTION, hold, POSITIVE, type Rules } from './rules.js';
import type { Scenario } from './scenario.js';
import { search, searchAsync } from './search.js';
import { simulate, simulateAsync } from './simulate.js';

const OPTIONS: Rules<ExploreOptions> = { ms: POSITIVE, onProgress: FUNCTION, reduction: BOOLEAN };

/**
 * Explores every interleaving of a scenario.
 *
 * The code runs with simulated `Atomics` and `performance.now`; the real ones are back when this returns or throws.
 *
 * @param scenario - The program, what must hold, and how far to look.
 * @param options - Its time limit, whether to reduce it, and a callback for progress.
 * @returns Verdict, figures and, on failure, a shortest schedule. The code's errors are failures, not exceptions.
 * @throws ScenarioError if the scenario itself is invalid: no threads, unknown names, an exploration within another.
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

/**
 * Explores a scenario whose threads are async functions: `await`, promises and timers are followed, as turns of each
 * thread's event loop. A turn ends when all microtasks are done; the explorer chooses which turn comes next, and when.
 *
 * While it runs, `Atomics`, `performance.now` and the timers of the whole process are simulated, so nothing else should
 * run in it. Loops need {@link Thread.mark}.
 *
 * @param scenario - As for {@link explore}; the code of a thread may be async.
 * @param options - As for {@link explore}; `reduction` makes no difference.
 * @returns Verdict, figures and, on failure, a shortest schedule.
 * @throws ScenarioError as {@link explore} does, by rejection.
 * @example
 * ```ts
 * import { exploreAsync } from 'atomics-sync-free/check';
 *
 * const result = await exploreAsync({
 *   memory: { ready: 0 },
 *   threads: [
 *     async ({ words, at }) => {
 *       while (Atomics.load(words, at.ready) === 0) await Atomics.waitAsync(words, at.ready, 0).value;
 *     },
 *     ({ words, at }) => {
 *       Atomics.store(words, at.ready, 1);
 *       Atomics.notify(words, at.ready);
 *     },
 *   ],
 * });
 * console.log(result.verdict); // ok
 * ```
 */
export async function exploreAsync<N extends string = string, G extends string = never>(
  scenario: Scenario<N, G>,
  options: ExploreOptions = {},
): Promise<Result> {
  hold('the options of exploreAsync()', options, OPTIONS);
  const erased = scenario as unknown as Scenario<string, string>;
  return simulateAsync(erased, (prepared) => searchAsync(prepared, options));
}
