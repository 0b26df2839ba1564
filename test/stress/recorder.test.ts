import * as assert from 'uvu/assert';
import { buildStage } from '#dist/stress/stage.js';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';
import { steady } from './fixtures/races.fixture.js';
import type { RecorderData } from './recorder.worker.js';

const test = suite('recorder');

test('accesses of all workers are numbered in the order in which they happen', async () => {
  const accesses = 100_000;
  const counter = new Int32Array(new SharedArrayBuffer(4));
  const workerData: RecorderData = { stage: buildStage(steady, 3, 1), counter, accesses };
  const crew = await Crew.start<number>(new URL('./recorder.worker.js', import.meta.url), { count: 3, workerData });
  assert.equal(await crew.done(), [0, 0, 0]);
  assert.is(counter[0], 3 * accesses);
});

test.run();
