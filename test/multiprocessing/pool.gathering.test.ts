import * as assert from 'uvu/assert';
import { Gathering } from '#dist/multiprocessing/pool/gathering.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('results of a pool that gather');

test('they do while the workers have far more to do than they finish meanwhile, and only then', async () => {
  const gathering = new Gathering();
  const start = performance.now();
  await until(() => performance.now() - start > 1);
  assert.ok(gathering.pause(1, 1e9) > 0);
  assert.is(gathering.pause(1, 0), 0);
  assert.is(gathering.pause(1e9, 1000), 0);
});

test('the longer the workers have enough to do, the longer they gather, step by step and up to a bound', async () => {
  const gathering = new Gathering();
  const pauses: number[] = [];
  for (const left of [1e9, 1e9, 1e9, 1e9, 1e9, 0, 1e9]) {
    const start = performance.now();
    await until(() => performance.now() - start > 0.1);
    pauses.push(gathering.pause(1, left));
  }
  assert.equal(pauses, [1, 2, 4, 8, 10, 0, 1]);
});

test('they do not when none has come: the next one is waited for', () => {
  assert.is(new Gathering().pause(0, 1e9), 0);
});

test.run();
