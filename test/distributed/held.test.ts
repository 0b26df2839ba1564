// A worker fetches some batches ahead if they are short; long ones are left to other machines.
import * as assert from 'uvu/assert';
import { Held } from '#dist/bullmq/held.js';
import { suite } from '../support/suite.js';

const test = suite('batches held by a worker');

/** How many are held once batches have taken `duration` ms for a while. */
function heldOf(duration: number): number {
  const held = new Held();
  let many = 0;
  for (let i = 0; i < 50; i++) many = held.after(duration);
  return many;
}

test('no more work is fetched ahead than can soon be done, and no more than a few batches', () => {
  assert.equal([0, 1, 5.1, 13, 19.9, 21, 60_000].map(heldOf), [8, 8, 7, 3, 2, 1, 1]);
});

test('none is fetched ahead before it is known how long batches take', () => {
  assert.is(new Held().after(0), 1);
});

test.run();
