/** What a worker loads for a function whose module does not import the package, when small.ts is not enough. */
import { sayLoaded } from '../core/memory/agent-names.js';
import { detectDeadlocks } from '../recover/detector.js';
import { countWaits } from '../trace/statistics.js';
import { finding } from './finder.js';
import { duty } from './order.js';
import { runner } from './runner.js';

detectDeadlocks();
countWaits();
sayLoaded();
const here = duty();
if (here !== undefined) here.runner = finding(here, runner);
