import { Lock } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { until } from '../support/workers.js';
import { conform, refused } from './conform.js';
import { type LockArgs, mutexProperties } from './mutex.properties.js';

const lock = { name: 'Lock', role: 'holder', make: (...args: LockArgs) => new Lock(...args) } as const;

conform(lock, {
  ...mutexProperties,

  async reacquire({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await a.acquire();
    const again = a.acquire();
    await until(() => a.waits);
    await b.release();
    assert.is(await again, true);
    assert.ok(lock.locked);
    await a.release();
    assert.not(lock.locked);
  },

  async differentThread({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await a.acquire();
    await b.release();
    assert.not(lock.locked);
    assert.is(await b.acquire(0), true);
    await a.release();
  },

  async stateAfterTimeout({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await a.acquire();
    assert.is(await b.acquire(10), false);
    await a.release();
    assert.not(lock.locked);
    assert.is(await a.tryAcquire(), true);
    await a.release();
    assert.is(await b.acquire(), true);
    await b.release();
  },

  async releaseOfUnlocked({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await refused(a.release(), 'ERR_NOT_HELD');
    assert.not(lock.locked);
    await a.acquire();
    await a.release();
    await refused(b.release(), 'ERR_NOT_HELD');
    assert.is(await b.tryAcquire(), true);
    await b.release();
  },
});

conform(
  lock,
  {
    async ownTaskHoldsIt({ make, cast }) {
      const lock = make();
      const [a] = await cast(1, lock);
      await a.acquire();
      await refused(() => lock.acquire(), 'ERR_SELF_DEADLOCK');
      assert.is(lock.tryAcquire(), false);
      await a.release();
      assert.is(lock.acquire(), true);
      lock.release();
    },
  },
  ['tasks of one agent'],
);
