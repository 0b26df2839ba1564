// Sleeps that others end, also those that have not yet begun.
import * as assert from 'uvu/assert';
import { Nap } from '#dist/distributed/nap.js';
import { suite } from '../support/suite.js';

const test = suite('naps');

/** In ms. */
const LONG = 20_000;
const SHORT = 30;

async function timeOf(sleep: Promise<void>): Promise<number> {
  const began = performance.now();
  await sleep;
  return performance.now() - began;
}

test('waking ends the sleep, or else the next one, and no other', async () => {
  const nap = new Nap();
  const sleeping = timeOf(nap.sleep(LONG));
  nap.wake();
  assert.ok((await sleeping) < LONG / 2);
  nap.wake();
  assert.ok((await timeOf(nap.sleep(LONG))) < LONG / 2);
  assert.ok((await timeOf(nap.sleep(SHORT))) >= SHORT - 1);
});

test.run();
