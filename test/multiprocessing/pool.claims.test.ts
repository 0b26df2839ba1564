import * as assert from 'uvu/assert';
import { Claims, ENDING, nextGeneration, SLOTS, UNWANTED, WANTED } from '#dist/multiprocessing/pool/claims.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('claims of tasks');

/** Claims with a task in a slot. */
function queued(slot = 3, generation = 5): Claims {
  const claims = Claims.make(2);
  claims.queue(slot, generation);
  return claims;
}

test('one worker claims a task, and finishes it once', () => {
  const claims = queued();
  assert.equal([claims.isQueued(3, 5), claims.workerOf(3)], [true, 0]);
  assert.equal([claims.claim(3, 5, 1), claims.claim(3, 5, 2), claims.claim(3, 5, 1)], [true, false, false]);
  assert.equal([claims.isQueued(3, 5), claims.workerOf(3)], [false, 1]);
  assert.equal([claims.finish(3, 5, 2), claims.finish(3, 5, 1), claims.finish(3, 5, 1)], [ENDING, WANTED, ENDING]);
  assert.is(claims.workerOf(3), 1);
});

test('a withdrawn task cannot be claimed', () => {
  const claims = queued();
  assert.is(claims.giveUp(3, 5), 0);
  assert.equal([claims.isQueued(3, 5), claims.claim(3, 5, 1)], [false, false]);
});

test('giving up a running task names its worker, and the result is unwanted if the task ends in time', () => {
  const claims = queued();
  claims.claim(3, 5, 2);
  assert.is(claims.isGivenUp(3, 5, 2), false);
  assert.equal([claims.giveUp(3, 5), claims.giveUp(3, 5), claims.isGivenUp(3, 5, 2)], [2, 0, true]);
  assert.equal([claims.finish(3, 5, 2), claims.kill(3, 5, 2)], [UNWANTED, false]);
});

test('a worker is ended for a task at most once, and then does not finish it', () => {
  const claims = queued();
  claims.claim(3, 5, 2);
  assert.is(claims.kill(3, 5, 2), false);
  claims.giveUp(3, 5);
  assert.equal([claims.kill(3, 5, 1), claims.kill(3, 5, 2), claims.kill(3, 5, 2)], [false, true, false]);
  assert.is(claims.finish(3, 5, 2), ENDING);
});

test('giving up a finished task does not end its worker', () => {
  const claims = queued();
  claims.claim(3, 5, 2);
  claims.finish(3, 5, 2);
  assert.is(claims.giveUp(3, 5), 0);
});

test('a worker hears when one of its tasks is given up, and when it is to be ended for it', async () => {
  const claims = queued();
  claims.claim(3, 5, 2);
  const heard: [number, boolean, boolean][] = [];
  for (const worker of [1, 2]) {
    const end = claims.onNews(worker, () => heard.push([worker, claims.isGivenUp(3, 5, 2), claims.isKilled(3, 5, 2)]));
    atTestEnd(end);
  }
  const latest = () => heard.filter(([worker]) => worker === 2).pop();
  assert.equal(latest(), [2, false, false]);
  claims.giveUp(3, 5);
  await until(() => latest()?.[1] === true);
  claims.kill(3, 5, 2);
  await until(() => latest()?.[2] === true);
  assert.is(heard.filter(([worker]) => worker === 1).length, 1);
});

test('a claim applies to one generation of one slot, and to no other', () => {
  const claims = queued();
  const last = 2 ** 19 - 1;
  assert.equal([nextGeneration(5), nextGeneration(last)], [6, 0]);
  for (const generation of [4, 6, last]) assert.is(claims.claim(3, generation, 1), false);
  assert.is(claims.claim(SLOTS - 1, 5, 1), false);
  claims.queue(3, last);
  assert.equal([claims.claim(3, last, 512), claims.workerOf(3), claims.finish(3, last, 512)], [true, 512, WANTED]);
});

test('a worker is ready while it is set so, and others are not', () => {
  const claims = queued();
  claims.setReady(2, true);
  assert.equal([claims.isReady(1), claims.isReady(2)], [false, true]);
  claims.setReady(2, false);
  assert.is(claims.isReady(2), false);
});

test.run();
