import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('memory that cannot be had');

const PROGRAM = fileURLToPath(new URL('./no-room.program.js', import.meta.url));

interface Outcome {
  readonly first: string;
  readonly again: string;
  /** How many allocations the first attempt made. */
  readonly count: number;
}

const outcomeOf = async (kind: string, nth: number): Promise<Outcome> => {
  const { stdout } = await promisify(execFile)(process.execPath, [PROGRAM, kind, String(nth)], { timeout: 20_000 });
  return JSON.parse(stdout);
};

test('when shared memory cannot be allocated, the attempt fails, and the next one succeeds', async () => {
  const { first, count } = await outcomeOf('SharedArrayBuffer', 0);
  assert.is(first, 'done');
  assert.ok(count > 5);
  for (let nth = 1; nth <= count; nth += 3) {
    const outcomes = [nth, nth + 1, nth + 2]
      .filter((each) => each <= count)
      .map((each) => outcomeOf('SharedArrayBuffer', each));
    for (const { first, again } of await Promise.all(outcomes)) assert.equal([first, again], ['RangeError', 'done']);
  }
});

test('when a worker of a pool cannot allocate memory, a task fails, and none waits for ever', async () => {
  const outcomes = await Promise.all([1, 2, 3].map((nth) => outcomeOf('Uint8Array', nth)));
  for (const { again } of outcomes) assert.is(again, 'done');
  assert.is(outcomes[0].first, 'RangeError');
});

test.run();
