// The counts and times that the design promises.
import { suite } from '../support/suite.js';
import { testBusyLoop, testCounting } from './lock-tests.js';

const test = suite('Lock, at length');

for (const count of [2, 4, 8, 16]) testCounting(test, count, 100_000, 50_000);
testBusyLoop(test, 5_000);

test.run();
