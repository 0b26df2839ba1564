/**
 * Race-condition runs on real workers: what a primitive prevents, and what is still possible.
 *
 * @module
 */
export { catalogue } from './catalogue/index.js';
export { type RecordedStep, type Recording, type RecordOptions, recordOutcome } from './recording.js';
export type { OutcomeReport, TestReport, Verdict } from './report.js';
export { type Progress, type RunOptions, run } from './run.js';
export { selectTests } from './select.js';
export {
  type Actor,
  type Cell,
  defineStressTest,
  type Expectation,
  type Outcome,
  type StressTest,
  type StressTestDefinition,
  subjectOf,
  testsOf,
} from './test.js';
