// A lease is over when the server considers it over, and the server knows nothing of fake timers.
import { inspect } from 'node:util';
import { install } from '@sinonjs/fake-timers';
import * as assert from 'uvu/assert';
import { now } from '#dist/distributed/clock.js';
import { LeaseHold } from '#dist/distributed/lease-hold.js';
import { atTestEnd, suite } from '../support/suite.js';

const test = suite('what is held of a lease');

test('its signal aborts in real time, under fake timers that nobody advances', async () => {
  const end = now() + 50;
  const { uninstall } = install();
  atTestEnd(() => uninstall());
  const held = new LeaseHold({ label: 'Lock accounts', deadline: () => end, release: async () => true }, 1, false);
  assert.ok(held.remaining > 0 && held.remaining <= 50, `${held.remaining}`);
  await new Promise<void>((resolve) => held.signal.addEventListener('abort', () => resolve(), { once: true }));
  assert.is(held.remaining, 0);
});

test('it shows what it holds, and whether it still does', async () => {
  let end = now() + 60_000;
  const lease = { label: 'Lock "accounts"', deadline: () => end, release: async () => true };
  const held = new LeaseHold(lease, 7, false);
  assert.is(inspect(held), 'LeaseHold (Lock "accounts", fence 7)');
  end = now() - 1;
  assert.is(String(held), 'LeaseHold (Lock "accounts", lost)');
  await held.releaseAsync();
  assert.is(String(held), 'LeaseHold (Lock "accounts", released)');
});

test.run();
