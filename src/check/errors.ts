/**
 * The code under test or the scenario does something the explorer cannot follow: an undeclared plain access, a cached
 * Atomics, a replay that went another way, a swallowed suspension. Its message says what, where and what to do.
 */
export class ScenarioError extends Error {
  override readonly name = 'ScenarioError';
}
