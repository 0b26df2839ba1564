import { type StressTest, testsOf } from '../test.js';
import * as lostUpdate from './lost-update.js';
import * as storeBuffering from './store-buffering.js';

/** Every race of the package, one module a race. */
export const catalogue: readonly StressTest[] = [lostUpdate, storeBuffering].flatMap(testsOf);
