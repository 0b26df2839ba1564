// The properties that Lock, RLock and a Condition's own lock have in common.
import { Arena, Condition, type Lock, type RLock, statistics } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { until } from '../support/workers.js';
import { elapsed, isAbout, type Properties, refused } from './conform.js';
import type { Holder } from './roles/holder.js';
import type { Actor, Stage } from './stage.js';

export type LockLike = Lock | RLock | Condition;
export type LockArgs = [options?: { readonly arena?: Arena }];

/** Whether the lock is free, tested by acquiring it. */
async function isFree(someone: Actor<Holder>): Promise<boolean> {
  const free = await someone.tryAcquire();
  if (free) await someone.release();
  return free;
}

export const mutexProperties: Properties<'holder', LockLike, LockArgs> = {
  async constructor({ make, cast }: Stage<'holder', LockLike, LockArgs>) {
    const lock = make();
    assert.not(lock.locked);
    for (const actor of await cast(2, lock)) assert.ok(await isFree(actor));
  },

  async repr({ make, cast }) {
    const lock = make();
    const [a] = await cast(1, lock);
    assert.match(String(lock), /\bunlocked\b/);
    assert.match(await a.text(), /\bunlocked\b/);
  },

  async lockedRepr({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await a.acquire();
    for (const text of [String(lock), await a.text(), await b.text()]) {
      assert.match(text, /\blocked by (a task of )?agent \d/);
      assert.not.match(text, /unlocked/);
    }
    await a.release();
    assert.match(await b.text(), /\bunlocked\b/);
  },

  async acquireRelease({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    for (const actor of [a, b, a]) {
      assert.is(await actor.acquire(), true);
      assert.ok(lock.locked);
      await actor.release();
      assert.not(lock.locked);
    }
  },

  async tryAcquire({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    for (const actor of [a, b]) {
      assert.is(await actor.tryAcquire(), true);
      assert.ok(lock.locked);
      await actor.release();
    }
  },

  async tryAcquireContended({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    await a.acquire();
    assert.is(await b.tryAcquire(), false);
    assert.ok(lock.locked);
    await a.release();
    assert.is(await b.tryAcquire(), true);
    await b.release();
  },

  async acquireContended({ make, cast }) {
    const lock = make();
    const [a, ...others] = await cast(6, lock);
    await a.acquire();
    let inside = 0;
    let finished = 0;
    const all = others.map(async (other) => {
      assert.is(await other.acquire(), true);
      assert.is(++inside, 1);
      // If the others could enter, they would enter here.
      await other.text();
      assert.is(--inside, 0);
      await other.release();
      finished++;
    });
    await until(() => others.every((other) => other.waits));
    assert.is(inside + finished, 0);
    await a.release();
    await Promise.all(all);
    assert.is(finished, 5);
    assert.not(lock.locked);
  },

  async with({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    for (const by of ['run', 'using'] as const) {
      assert.match(await a.enter(1, by, false), /\blocked by/);
      assert.ok(await isFree(b));
      await refused(a.enter(1, by, true), 'Mishap');
      assert.ok(await isFree(b));
    }
  },

  async threadLeak({ form, make, cast, dismiss }) {
    // Too few slots for fifteen agents, if each left something behind.
    const arena = new Arena({ agents: 4 });
    const lock = make({ arena });
    const bytesFree = arena.bytesFree;
    for (let i = 0; i < 5; i++) {
      const actors = await cast(3, lock);
      await Promise.all(
        actors.map(async (actor) => {
          await actor.acquire();
          await actor.release();
        }),
      );
      if (form === 'threads') await dismiss();
    }
    // Once somebody has waited for the lock, there is a cell that counts its waits.
    const counted = statistics(lock instanceof Condition ? lock.lock : lock).waits > 0 ? 256 : 0;
    assert.is(bytesFree - arena.bytesFree, counted);
    assert.match(String(lock), /\bunlocked\b.*\bwaiters: none\b/);
  },

  async timeout({ make, cast }) {
    const lock = make();
    const [a, b] = await cast(2, lock);
    for (const [bad, error] of [
      [-1, 'RangeError'],
      [Number.NaN, 'RangeError'],
      ['1', 'TypeError'],
      [null, 'TypeError'],
    ] as const) {
      await refused(a.acquire(bad as number), error);
      assert.not(lock.locked);
    }

    for (const huge of [2 ** 31, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
      assert.is(await a.acquire(huge), true);
      const waiting = b.acquire(huge);
      await until(() => b.waits);
      await a.release();
      assert.is(await waiting, true);
      await b.release();
    }

    const atOnce = await elapsed(async () => assert.is(await a.acquire(5000), true));
    assert.ok(atOnce < 2500, `${atOnce} ms for a free lock`);
    const inVain = await elapsed(async () => assert.is(await b.acquire(100), false));
    isAbout(inVain, 100);
    await a.release();
    assert.ok(await isFree(b));
  },
};
