import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { counts, testRows } from './corpus/rows.js';

const test = suite<Record<string, never>>('corpus');

testRows(test, false);

test('the guide lists all algorithms, and no others', () => {
  assert.is(counts.rows, counts.algorithms);
  assert.ok(counts.algorithms >= 60);
});

test.run();
