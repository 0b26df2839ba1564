/**
 * The code under test or the scenario does something the explorer cannot follow: a view of its own, a cached Atomics, a
 * replay that diverged, a swallowed suspension. The message says what, where and what to do.
 *
 * @example
 * ```ts
 * import { explore, ScenarioError } from 'atomics-sync-free/check';
 * try {
 *   explore({ memory: { word: 0 }, threads: [] });
 * } catch (error) {
 *   console.log(error instanceof ScenarioError); // true
 * }
 * ```
 */
export class ScenarioError extends Error {
  /** `'ScenarioError'` */
  override readonly name = 'ScenarioError';
}
