// One timer bounds all commands of a connection.
import { stat } from 'node:fs';
import * as assert from 'uvu/assert';
import { Limits } from '#dist/distributed/limits.js';
import { TIMED_OUT } from '#dist/distributed/server-error.js';
import { suite } from '../support/suite.js';

const test = suite('limits of commands');

const LIMIT = 30;

test('a command that has no answer in time is rejected, each by its own time', async () => {
  const limits = new Limits(LIMIT);
  const began = performance.now();
  const late = async (): Promise<number> => {
    const error = await limits.within(new Promise<never>(() => {})).catch((thrown: Error) => thrown.message);
    assert.is(error, TIMED_OUT);
    return performance.now() - began;
  };
  const first = late();
  await new Promise((resolve) => setTimeout(resolve, LIMIT / 2));
  const second = late();
  const keepsAlive = setInterval(() => {}, LIMIT);
  assert.ok((await first) >= LIMIT - 1);
  assert.ok((await second) >= 1.5 * LIMIT - 2, 'the later one has as long as the first');
  clearInterval(keepsAlive);
});

test('answers and errors that come in time go through', async () => {
  const limits = new Limits(LIMIT);
  assert.is(await limits.within(Promise.resolve(5)), 5);
  const refused = new Error('refused');
  const error = await limits.within(Promise.reject(refused)).catch((thrown: unknown) => thrown);
  assert.is(error, refused);
});

test('an answer that arrives while the event loop is busy has come in time', async () => {
  const limits = new Limits(LIMIT);
  // After this, timers are looked at before answers.
  await new Promise((resolve) => setImmediate(resolve));
  const answer = limits.within(new Promise((resolve) => stat('.', resolve)));
  for (const end = performance.now() + 5 * LIMIT; performance.now() < end; );
  assert.is(await answer, null);
});

test.run();
