import { Condition, RLock } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { until } from '../support/workers.js';
import { conform, type Properties, refused } from './conform.js';
import { type LockArgs, type LockLike, mutexProperties } from './mutex.properties.js';

const properties: Properties<'holder', LockLike, LockArgs> = {
  ...mutexProperties,

  async reacquire({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await a.acquire();
    assert.is(await a.acquire(), true);
    await a.release();
    await a.acquire(0);
    await a.tryAcquire();
    const waiting = b.acquire();
    await until(() => b.waits);
    for (let depth = 3; depth > 0; depth--) {
      assert.is(await a.recursionCount(), depth);
      assert.ok(b.waits);
      await a.release();
    }
    assert.is(await waiting, true);
    await b.release();
    assert.not(lock.locked);
  },

  async releaseUnacquired({ make, cast }) {
    const lock = make();
    const [a] = await cast(1, lock);
    await refused(a.release(), 'ERR_NOT_HELD');
    for (let i = 0; i < 3; i++) await a.acquire();
    for (let i = 0; i < 3; i++) await a.release();
    await refused(a.release(), 'ERR_NOT_HELD');
    assert.not(lock.locked);
    assert.is(await a.acquire(), true);
    await a.release();
  },

  async releaseSaveUnacquired({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await refused(a.waitOnIt(), 'ERR_NOT_HELD');
    assert.not(lock.locked);
    await b.acquire();
    await refused(a.waitOnIt(), 'ERR_NOT_OWNER');
    assert.is(await b.recursionCount(), 1);
    await b.release();
  },

  async recursionCount({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    const expect = async (own: number): Promise<void> => {
      assert.equal([await a.recursionCount(), await b.recursionCount()], [own, 0]);
    };
    await expect(0);
    await a.acquire();
    await expect(1);
    await a.acquire();
    await a.acquire();
    await expect(3);
    await a.release();
    await expect(2);
    await a.release();
    await a.release();
    await expect(0);
  },

  async differentThread({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await a.acquire();
    await refused(b.release(), 'ERR_NOT_OWNER');
    assert.ok(lock.locked);
    assert.is(await a.recursionCount(), 1);
    await a.release();
    assert.not(lock.locked);
  },

  async isOwned({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    const expect = async (...owned: boolean[]): Promise<void> => {
      assert.equal([await a.isOwned(), await b.isOwned()], owned);
    };
    await expect(false, false);
    await a.acquire();
    await a.acquire();
    await expect(true, false);
    await a.release();
    await expect(true, false);
    await a.release();
    await expect(false, false);
    await b.acquire();
    await expect(false, true);
    await b.release();
  },
};

const kinds = [
  { name: 'RLock', role: 'holder', make: (...args: LockArgs): LockLike => new RLock(...args) },
  {
    name: "Condition's lock",
    role: 'holder',
    make: (...args: LockArgs): LockLike => new Condition<RLock>(undefined, ...args),
  },
] as const;

for (const kind of kinds) {
  conform(kind, properties);

  conform(
    kind,
    {
      async ownTaskHoldsIt({ make, cast }) {
        const lock = make();
        const [a] = await cast(1, lock);
        await a.acquire();
        await refused(() => lock.acquire(), 'ERR_SELF_DEADLOCK');
        assert.is(lock.tryAcquire(), false);
        await refused(() => lock.release(), 'ERR_NOT_OWNER');
        await a.release();
        assert.is(lock.acquire(), true);
        lock.release();
      },
    },
    ['tasks of one agent'],
  );
}
