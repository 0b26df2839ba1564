import { setImmediate } from 'node:timers/promises';
import { Condition, Lock, RLock } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { until } from '../support/workers.js';
import { conform, elapsed, isAbout, type Properties, refused } from './conform.js';
import { type Notifier, STATE } from './roles/condition.js';
import type { Actor } from './stage.js';

type AnyCondition = Condition<Lock | RLock>;

/** The end of a wait, wrapped so that it is not awaited with its beginning. */
interface Attending {
  readonly ended: Promise<void>;
}

/** Makes an actor wait; it is in the queue when this resolves. It adds its name to the log when it is notified. */
async function attend<Name>(waiter: Actor<Notifier>, log: Name[], name: Name): Promise<Attending> {
  await waiter.acquire();
  const ended = waiter.wait().then(async (notified) => {
    assert.is(notified, true);
    log.push(name);
    await waiter.release();
  });
  await until(() => waiter.waits);
  return { ended };
}

const allOf = (attending: readonly Attending[]): Promise<unknown> => Promise.all(attending.map(({ ended }) => ended));

function waitingIn(condition: AnyCondition): number {
  return Number(/(\d+) waiting\)$/.exec(String(condition))?.[1]);
}

async function notifying(notifier: Actor<Notifier>, how: () => Promise<void>): Promise<void> {
  await notifier.acquire();
  await how();
  await notifier.release();
}

const properties: Properties<'notifier', AnyCondition> = {
  async acquire({ make, cast }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    assert.is(await a.acquire(), true);
    assert.ok(condition.locked);
    assert.ok(condition.lock.locked);
    assert.is(await b.acquire(0), false);
    await a.release();
    assert.not(condition.lock.locked);
    assert.is(await b.acquire(0), true);
    await b.release();

    assert.instance(new Condition().lock, RLock);
    for (const lock of [new Lock(), new RLock()]) assert.is(new Condition(lock).lock, lock);
  },

  async unacquiredWait({ make, cast }) {
    const condition = make();
    const [a] = await cast(1, condition);
    await refused(a.wait(), 'ERR_NOT_HELD');
    await refused(a.waitFor(0), 'ERR_NOT_HELD');
    assert.is(waitingIn(condition), 0);
    assert.not(condition.locked);
  },

  async unacquiredNotify({ make, cast }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    const { ended } = await attend(b, [], 'b');
    await refused(a.notify(), 'ERR_NOT_HELD');
    await refused(a.notifyAll(), 'ERR_NOT_HELD');
    assert.is(waitingIn(condition), 1);
    await notifying(a, () => a.notify());
    await ended;
  },

  async notify({ make, cast }) {
    const condition = make();
    const [a, ...waiters] = await cast(9, condition);
    for (let round = 0; round < 2; round++) {
      const log: number[] = [];
      const attending: Attending[] = [];
      const attendWith = async (from: number, to: number): Promise<void> => {
        for (let i = from; i < to; i++) attending.push(await attend(waiters[i], log, i));
      };
      const haveLeft = (): number[] => [...log].sort((x, y) => x - y);

      await attendWith(0, 6);
      await notifying(a, async () => {
        await a.notify(3);
        assert.is(waitingIn(condition), 3);
        assert.equal(log, []);
      });
      // Those who arrive now find a notification under way that is not theirs.
      await attendWith(6, 8);
      await allOf(attending.splice(0, 3));
      assert.equal(haveLeft(), [0, 1, 2]);
      assert.is(waitingIn(condition), 5);

      await notifying(a, () => a.notify(5));
      await allOf(attending.splice(0, 5));
      assert.equal(haveLeft(), [0, 1, 2, 3, 4, 5, 6, 7]);

      log.length = 0;
      // Nobody waits, and no notification is kept for later waiters.
      await notifying(a, () => a.notifyAll());
      await attendWith(0, 3);
      assert.equal(log, []);
      assert.is(waitingIn(condition), 3);
      await notifying(a, () => a.notifyAll());
      await allOf(attending);
      assert.equal(haveLeft(), [0, 1, 2]);
      assert.is(waitingIn(condition), 0);
    }
  },

  async timeout({ make, cast }) {
    const condition = make();
    await Promise.all(
      (await cast(5, condition)).map(async (actor) => {
        await actor.acquire();
        isAbout(await elapsed(async () => assert.is(await actor.wait(100), false)), 100);
        await actor.release();
      }),
    );
    assert.is(waitingIn(condition), 0);
    assert.not(condition.locked);
  },

  async waitfor({ make, cast, scratch }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    await a.acquire();
    const waited = a.waitFor(4);
    for (let state = 1; state <= 4; state++) {
      await until(() => a.waits && waitingIn(condition) === 1);
      await notifying(b, async () => {
        Atomics.store(scratch, STATE, state);
        await b.notify();
      });
    }
    assert.equal(await waited, { value: 'state 4', calls: 5 });
    assert.ok(condition.locked);
    await a.release();
  },

  async waitforTimeout({ make, cast }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    // Longer with each try, until it has been notified in between.
    for (let ms = 100, asked = 0; asked < 3; ms *= 2) {
      await a.acquire();
      let over = false;
      const took = elapsed(async () => {
        const { value, calls } = await a.waitFor(4, ms);
        assert.is(value, false);
        asked = calls;
        await a.release();
      }).finally(() => {
        over = true;
      });
      while (!over) {
        await notifying(b, () => b.notify());
        // Among tasks of one agent nothing else lets the event loop turn, which delivers the notifications.
        await setImmediate();
      }
      isAbout(await took, ms);
    }
  },

  async waitersAreFirstInFirstOut({ make, cast }) {
    const condition = make();
    const [a, ...waiters] = await cast(6, condition);
    const log: number[] = [];
    const attending: Attending[] = [];
    for (const [i, waiter] of waiters.entries()) attending.push(await attend(waiter, log, i));
    for (const { ended } of attending) {
      await notifying(a, () => a.notify());
      await ended;
    }
    assert.equal(log, [0, 1, 2, 3, 4]);
  },

  async waitZero({ make, cast }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    await a.acquire();
    assert.is(await a.wait(0), false);
    await refused(a.wait(-1), 'RangeError');
    assert.is(await b.acquire(0), false);
    assert.is(waitingIn(condition), 0);
    await a.release();
  },

  async notifyZeroOrLess({ make, cast }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    const log: string[] = [];
    const { ended } = await attend(b, log, 'b');
    await notifying(a, async () => {
      await a.notify(0);
      await a.notify(-1);
      assert.is(waitingIn(condition), 1);
      await a.notify(1);
      assert.is(waitingIn(condition), 0);
    });
    await ended;
  },

  async timeUpWhenNotified({ make, cast }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    let late: Promise<boolean>;
    // Longer with each try, until the other has the lock before the wait ends. A `tryAcquire` leaves no evidence of a waiter.
    for (let ms = 10, had = false; ; ms *= 2) {
      await b.acquire();
      let over = false;
      late = b.wait(ms).finally(() => {
        over = true;
      });
      while (!had && !over) {
        had = await a.tryAcquire();
        // A task's `tryAcquire` alone would not let the event loop turn.
        await setImmediate();
      }
      if (had) break;
      assert.is(await late, false);
      await b.release();
    }
    // Its time is up once it wants the lock back.
    await until(() => /waiters: (agents|tasks)/.test(String(condition)));
    assert.is(waitingIn(condition), 1);
    await a.notify();
    assert.is(waitingIn(condition), 0);
    await a.release();
    assert.is(await late, true);
    await b.release();
    assert.not(condition.locked);
  },

  async waitForAsksThePredicateFirst({ make, cast, scratch }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    Atomics.store(scratch, STATE, 7);
    await a.acquire();
    const waiting = b.acquire();
    await until(() => b.waits);
    assert.equal(await a.waitFor(7, 0), { value: 'state 7', calls: 1 });
    assert.ok(b.waits);
    await a.release();
    assert.is(await waiting, true);
    await b.release();
  },

  async waitForZeroAsksTwice({ make, cast }) {
    const condition = make();
    const [a] = await cast(1, condition);
    await a.acquire();
    assert.equal(await a.waitFor(7, 0), { value: false, calls: 2 });
    await a.release();
    assert.not(condition.locked);
  },
};

const overRLock = {
  name: 'Condition',
  role: 'notifier',
  make: (): AnyCondition => new Condition<Lock | RLock>(),
} as const;

conform(overRLock, {
  ...properties,

  async waitFreesAllDepths({ make, cast }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    for (let i = 0; i < 3; i++) await a.acquire();
    const notified = a.wait();
    await until(() => a.waits);
    assert.not(condition.locked);
    await notifying(b, () => b.notify());
    assert.is(await notified, true);
    for (let depth = 3; depth > 0; depth--) {
      assert.is(await a.recursionCount(), depth);
      assert.is(await b.acquire(0), false);
      await a.release();
    }
    assert.not(condition.locked);
  },

  async onlyTheOwnerMay({ make, cast }) {
    const condition = make();
    const [a, b] = await cast(2, condition);
    await a.acquire();
    await refused(b.wait(), 'ERR_NOT_OWNER');
    await refused(b.notify(), 'ERR_NOT_OWNER');
    await refused(b.notifyAll(), 'ERR_NOT_OWNER');
    assert.is(await a.recursionCount(), 1);
    await a.release();
  },
});

conform(
  { ...overRLock, name: 'Condition over a Lock', make: (): AnyCondition => new Condition(new Lock()) },
  properties,
);
