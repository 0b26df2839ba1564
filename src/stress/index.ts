/**
 * Race-condition runs on real workers: what a primitive prevents, and what is still possible.
 *
 * @module atomics-sync-free/stress
 */
export { catalogue } from './catalogue/index.js';
export type { Step, StepEnd } from './recorder.js';
export { type RecordedStep, type Recording, type RecordOptions, recordOutcome } from './recording.js';
export type { OutcomeReport, TestReport, Verdict } from './report.js';
export { type Progress, type RunOptions, run } from './run.js';
export { selectTests } from './select.js';
export {
  type Actor,
  type AnyCell,
  type Cell,
  type CellBasics,
  defineStressTest,
  type Expectation,
  type Outcome,
  type StressTest,
  type StressTestDefinition,
  subjectOf,
  testsOf,
} from './test.js';
