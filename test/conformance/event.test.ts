import { Event } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { until } from '../support/workers.js';
import { conform, elapsed, isAbout, refused } from './conform.js';

conform(
  { name: 'Event', role: 'watcher', make: () => new Event() },
  {
    async isSet({ make, cast }) {
      const event = make();
      const [a, b] = await cast(2, event);
      const expect = async (set: boolean): Promise<void> => {
        assert.equal([event.isSet, await a.isSet(), await b.isSet()], [set, set, set]);
      };
      await expect(false);
      for (const actor of [a, b]) {
        await actor.set();
        await expect(true);
      }
      for (const actor of [a, b]) {
        await actor.clear();
        await expect(false);
      }
    },

    async notify({ make, cast }) {
      const event = make();
      const [a, ...waiters] = await cast(6, event);
      for (let round = 0; round < 2; round++) {
        let woken = 0;
        const all = waiters.map(async (waiter) => {
          assert.is(await waiter.wait(), true);
          woken++;
          // The second wait finds it set.
          assert.is(await waiter.wait(), true);
        });
        await until(() => waiters.every((waiter) => waiter.waits));
        assert.is(woken, 0);
        await a.set();
        await Promise.all(all);
        await a.clear();
      }
    },

    async timeout({ make, cast }) {
      const event = make();
      const [a, ...waiters] = await cast(6, event);
      await Promise.all(
        waiters.map(async (waiter) => {
          assert.is(await waiter.wait(0), false);
          isAbout(await elapsed(async () => assert.is(await waiter.wait(100), false)), 100);
        }),
      );
      await a.set();
      for (const waiter of waiters) {
        assert.is(await waiter.wait(0), true);
        assert.is(await waiter.wait(100), true);
      }
    },

    async setAndClear({ make, cast }) {
      const event = make();
      const [a, ...waiters] = await cast(6, event);
      const all = waiters.map((waiter) => waiter.wait(10_000));
      await until(() => waiters.every((waiter) => waiter.waits));
      // At once, so that no waiter gets to see it set.
      event.set();
      event.clear();
      assert.equal(await Promise.all(all), [true, true, true, true, true]);
      assert.is(await a.isSet(), false);
    },

    async repr({ make, cast }) {
      const event = make();
      const [a] = await cast(1, event);
      assert.match(await a.text(), /^Event#\d+ \(unset,/);
      await a.set();
      assert.match(await a.text(), /^Event#\d+ \(set,/);
      assert.match(String(event), /^Event#\d+ \(set,/);
    },

    async negativeTimeout({ make, cast }) {
      const event = make();
      const [a] = await cast(1, event);
      await refused(a.wait(-1), 'RangeError');
      await a.set();
      await refused(a.wait(-1), 'RangeError');
    },
  },
);
