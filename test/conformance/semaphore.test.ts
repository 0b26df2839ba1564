import { BoundedSemaphore, type PlaceOptions, Semaphore } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { until } from '../support/workers.js';
import { conform, elapsed, isAbout, type Properties, refused } from './conform.js';
import type { Holder } from './roles/holder.js';
import type { Actor, Stage } from './stage.js';

type Args = [value?: number, options?: PlaceOptions];
type SemaphoreProperties = Properties<'holder', Semaphore, Args>;

/** Makes each actor acquire twice; the result counts the permits granted. */
function acquireTwice(actors: readonly Actor<Holder>[]) {
  const grants = { count: 0, all: Promise.resolve<unknown>(undefined) };
  const waiting = new Set(actors);
  grants.all = Promise.all(
    actors.map(async (actor) => {
      for (let i = 0; i < 2; i++) {
        assert.is(await actor.acquire(), true);
        grants.count++;
      }
      waiting.delete(actor);
    }),
  );
  /** Asserts that exactly `count` permits have been granted, that none is left, and that all others wait. */
  const areExactly = async (count: number, semaphore: Semaphore): Promise<void> => {
    const what = `${count} are granted, not ${grants.count}`;
    await until(() => grants.count >= count && [...waiting].every((actor) => actor.waits), { what });
    assert.is(grants.count, count);
    assert.is(semaphore.value, 0);
  };
  return { grants, areExactly };
}

const common: SemaphoreProperties = {
  async constructor({ make, cast }: Stage<'holder', Semaphore, Args>) {
    assert.throws(() => make(-1), RangeError);
    assert.throws(() => make(Number.MIN_SAFE_INTEGER), RangeError);
    for (const value of [0, 1, 1000]) assert.is(make(value).value, value);
    const [a] = await cast(1, make(0));
    assert.is(await a.tryAcquire(), false);
  },

  async acquire({ make, cast }) {
    const one = make(1);
    const [a] = await cast(1, one);
    assert.is(await a.acquire(), true);
    assert.is(one.value, 0);
    await a.release();
    assert.is(one.value, 1);

    const two = make(2);
    const [b, c] = await cast(2, two);
    await b.acquire();
    await c.acquire();
    assert.is(two.value, 0);
    await b.release();
    await c.release();
    assert.is(two.value, 2);
  },

  async acquireContended({ make, cast }) {
    const semaphore = make(7);
    const [a, ...others] = await cast(11, semaphore);
    await a.acquire();
    const { grants, areExactly } = acquireTwice(others);
    await areExactly(6, semaphore);
    let granted = 6;
    for (const releases of [7, 6, 1]) {
      for (let i = 0; i < releases; i++) await a.release();
      granted += releases;
      await areExactly(granted, semaphore);
    }
    await grants.all;
    await a.release();
    assert.is(semaphore.value, 1);
  },

  async multirelease({ make, cast }) {
    const semaphore = make(7);
    const [a, ...others] = await cast(11, semaphore);
    await a.acquire();
    const { grants, areExactly } = acquireTwice(others);
    await areExactly(6, semaphore);
    let granted = 6;
    for (const n of [7, 6, 1]) {
      await a.release(n);
      granted += n;
      await areExactly(granted, semaphore);
    }
    await grants.all;
    await a.release(7);
    assert.is(semaphore.value, 7);
  },

  async tryAcquire({ make, cast }) {
    const semaphore = make(2);
    const [a, b] = await cast(2, semaphore);
    assert.is(await a.tryAcquire(), true);
    assert.is(await b.tryAcquire(), true);
    assert.is(await a.tryAcquire(), false);
    await b.release();
    assert.is(await a.tryAcquire(), true);
    assert.is(await b.tryAcquire(), false);
  },

  async tryAcquireContended({ make, cast }) {
    const semaphore = make(4);
    const [a, ...others] = await cast(11, semaphore);
    await a.acquire();
    const got = await Promise.all(others.map((other) => other.tryAcquire()));
    assert.is(got.filter(Boolean).length, 3);
    assert.is(semaphore.value, 0);
  },

  async acquireTimeout({ make, cast }) {
    const semaphore = make(2);
    const [a, b] = await cast(2, semaphore);
    assert.is(await a.acquire(5), true);
    assert.is(await b.acquire(5), true);
    isAbout(await elapsed(async () => assert.is(await b.acquire(100), false)), 100);
    assert.is(semaphore.value, 0);
    await a.release();
    assert.is(await b.acquire(5), true);
    for (const bad of [-1, Number.NaN]) await refused(a.acquire(bad), 'RangeError');
    assert.is(semaphore.value, 0);
  },

  async defaultValue({ make, cast }) {
    const semaphore = make();
    const [a, b] = await cast(2, semaphore);
    assert.is(semaphore.value, 1);
    await a.acquire();
    assert.is(await b.tryAcquire(), false);
    await a.release();
    assert.is(await b.tryAcquire(), true);
  },

  async with({ make, cast }) {
    const semaphore = make(2);
    const [a] = await cast(1, semaphore);
    for (const by of ['run', 'using'] as const) {
      assert.match(await a.enter(1, by, false), /\bvalue=1\b/);
      assert.match(await a.enter(2, by, false), /\bvalue=0\b/);
      assert.is(semaphore.value, 2);
      await refused(a.enter(2, by, true), 'Mishap');
      assert.is(semaphore.value, 2);
    }
  },

  async releaseOfNothing({ make, cast }) {
    const semaphore = make(3);
    const [a] = await cast(1, semaphore);
    await a.acquire();
    for (const n of [0, -1]) await refused(a.release(n), 'RangeError');
    assert.is(semaphore.value, 2);
  },
};

conform(
  { name: 'Semaphore', role: 'holder', make: (...args: Args) => new Semaphore(...args) },
  {
    ...common,

    async releaseUnacquired({ make, cast }) {
      const semaphore = make(1);
      const [a, b] = await cast(2, semaphore);
      await a.release();
      assert.is(semaphore.value, 2);
      await a.release(3);
      assert.is(semaphore.value, 5);
      for (let i = 0; i < 5; i++) assert.is(await b.acquire(), true);
      assert.is(await a.tryAcquire(), false);
    },

    async repr({ make, cast }) {
      const semaphore = make(3);
      const [a] = await cast(1, semaphore);
      assert.match(await a.text(), /^Semaphore#\d+ \(value=3,/);
      await a.acquire();
      assert.match(String(semaphore), /^Semaphore#\d+ \(value=2,/);
    },
  },
);

conform(
  { name: 'BoundedSemaphore', role: 'holder', make: (...args: Args): Semaphore => new BoundedSemaphore(...args) },
  {
    ...common,

    async releaseUnacquired({ make, cast }) {
      const semaphore = make(1);
      const [a] = await cast(1, semaphore);
      await refused(a.release(), 'ERR_OVER_RELEASE');
      assert.is(semaphore.value, 1);
      await a.acquire();
      await a.release();
      await refused(a.release(), 'ERR_OVER_RELEASE');
      assert.is(semaphore.value, 1);
    },

    async overReleaseChangesNothing({ make, cast }) {
      const semaphore = make(3);
      const [a] = await cast(1, semaphore);
      await a.acquire();
      await refused(a.release(2), 'ERR_OVER_RELEASE');
      assert.is(semaphore.value, 2);
      await a.release(1);
      assert.is(semaphore.value, 3);
    },

    async repr({ make, cast }) {
      const semaphore = make(3);
      const [a] = await cast(1, semaphore);
      assert.match(await a.text(), /^BoundedSemaphore#\d+ \(value=3\/3,/);
      await a.acquire();
      assert.match(String(semaphore), /^BoundedSemaphore#\d+ \(value=2\/3,/);
    },
  },
);
