/**
 * The interleaving explorer: runs ordinary synchronous code that uses Atomics under every schedule there is.
 *
 * - {@link explore}(scenario) → {@link Result}: all interleavings; verdict, figures, and a shortest schedule that
 *   fails.
 * - {@link exploreAsync}(scenario) → Promise<Result>: the same for threads that are async functions.
 * - {@link sample}(scenario, options) → Result: many random schedules, for what is too large to explore.
 * - {@link replay}(scenario, seed) → Result: one schedule again.
 * - {@link sampleAsync}, {@link replayAsync}: the same for threads that are async functions.
 * - {@link region}(image, options): an existing Int32Array as memory, with names for its words.
 *
 * A {@link Scenario} is `{ memory, objects?, threads, ghosts?, plain?, memoryModel?, invariant?, final?, outcome?, kills?, timeouts?,
 * pauseMarks?, preemptionBound?, maxStates? }`. A thread is a function `(memory, thread) => …`, or `{ name?,
 * killable?, run }`, or `{ name?, killable?, phases: (memory, thread) => [() => …, …] }`; it gets `memory.words` (and
 * `memory.at.name`, `memory.regions`), and a {@link Thread}: `choose(n)`, `mark(key)`, `ghost.add / set`,
 * `joinDead(...names)`, `later(callback, delay)`, `abandonWaits()`.
 *
 * The guide [Checking Atomics code](../../docs/checking.md) explains how it works and what it requires of the code.
 *
 * @module atomics-sync-free/check
 */
// For maintainers: execution.ts (advances a thread by re-executing it), history.ts (pasts and marks), machine.ts (states
// and moves), search.ts (breadth first, livelock), objects/ (the package's primitives, by their specifications).
export { ScenarioError } from './errors.js';
export type { ExploreOptions, ExploreProgress } from './exploration.js';
export { explore, exploreAsync } from './explore.js';
export { type Region, type RegionOptions, region } from './region.js';
export { replay, replayAsync } from './replay.js';
export type { Failure, FailureKind, Result, Schedule, Step, VerdictName } from './result.js';
export { sample, sampleAsync } from './sample.js';
export type { SampleOptions } from './sampler.js';
export type { Body, Check, Memory, Scenario, Thread, ThreadOptions, ThreadView, Values, View } from './scenario.js';
