// The memory of arrays given to a Parallel.
import { delayed, Parallel } from 'atomics-sync-free/joblib';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('memory of arrays of Parallel');

test('memory that runs have let go of does not pile up', async () => {
  const first = delayed((array: Uint8Array) => array[0]);
  const parallel = new Parallel({ nJobs: 2, maxNbytes: 1_000_000 });
  const megabytes = 32;
  const before = process.memoryUsage().rss;
  for (let i = 0; i < 25; i++) {
    const array = new Uint8Array(megabytes * 2 ** 20).fill(i);
    assert.equal(await parallel.runAsync([first(array), first(array)]), [i, i]);
  }
  const grown = (process.memoryUsage().rss - before) / 2 ** 20;
  assert.ok(grown < 15 * megabytes, `${grown.toFixed(0)} MB`);
});

test.run();
