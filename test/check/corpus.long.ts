import { suite } from '../support/suite.js';
import { testRows } from './corpus/rows.js';

const test = suite<Record<string, never>>('corpus');

testRows(test, true);
test.run();
