/** What the GIL prevents and what it does not, measured on real worker threads. */
export { type Bar, type Chart, CPYTHON, drawBars, OURS } from './bars.js';
export { drawEffects } from './chart.js';
export { type Cores, coresWarning, measureCores } from './cores.js';
export {
  type Convoy,
  type Effects,
  measureConvoy,
  measureEffects,
  measureOverlap,
  measureScaling,
  measureSlices,
  type Overlap,
  type Recording,
  record,
  type Scaling,
  type Slices,
} from './effects.js';
export { compileWith, literalOf, type PythonConvoy, type PythonRun, runForResult, runInPython } from './python.js';
export { type RaceOptions, type RaceResult, runRace, runRaces } from './races.js';
export { effectTables, raceTable, type TableData } from './tables.js';
export { drawTimeline } from './timeline.js';
