/**
 * The possible outcomes of a program under the GIL: every interleaving of its threads, explored by the checker. It is
 * an entry of its own, so that users who only run programs do not load the checker.
 *
 * @module atomics-sync-free/gil/outcomes
 */
export type { Heat } from '../python/checks.js';
export { type ExplainedInstruction, type ExplainedLine, explainPython } from '../python/explain.js';
export {
  type ListedCode,
  type ListedConstant,
  type ListedHandler,
  type ListedInstruction,
  type Listing,
  PYTHON_VERSIONS,
  type PythonVersion,
  readListing,
  UnsupportedError,
} from '../python/listing.js';
export {
  type PythonOutcome,
  type PythonOutcomes,
  type PythonQuestion,
  pythonOutcomes,
} from '../python/outcomes.js';
export type { PythonOptions } from '../python/program.js';
export { type PythonRunOptions, runPython } from '../python/sampling.js';
export { LISTING_SCRIPT } from '../python/script.js';
export { type Possible, possibleValues, type Question, type ThreadCall } from './possible-values.js';
