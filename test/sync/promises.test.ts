// Functions that should have done their work when they return, but return a promise.
import { Barrier, Condition, Lock, RLock, RWLock } from 'atomics-sync-free';
import { explore, exploreAsync, type Memory } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { otherAgent } from '../support/other-agent.js';
import { suite } from '../support/suite.js';

const test = suite('promises of functions');

const REFUSED = /returned a promise, which cannot be awaited here; use (waitForAsync|waitAsync|recoverAsync)\(\)/;
const LONG = 20_000;

for (const Kind of [Lock, RLock, RWLock]) {
  test(`a repair that goes on after recover() leaves the ${Kind.name} abandoned`, async () => {
    const lock = new Kind();
    const other = otherAgent(lock.arena);
    const theirs = other.attach(Kind as typeof Lock, lock as Lock);
    if (theirs instanceof RWLock) theirs.acquireWrite();
    else theirs.acquire();
    other.die();
    assert.throws(() => lock.recover(async () => {}), REFUSED);
    assert.ok(lock.abandoned);
    assert.ok(await lock.recoverAsync(async () => {}));
    assert.not(lock.abandoned);
  });
}

test('waitFor refuses a predicate that returns a promise, which is always true', () => {
  const condition = new Condition();
  condition.run(() => assert.throws(() => condition.waitFor(async () => false, LONG), REFUSED));
  assert.not(String(condition).includes('locked by'));
});

test('waitForAsync awaits what its predicate returns, with the lock held', async () => {
  const condition = new Condition(new Lock());
  let ready = false;
  let asked = 0;
  const waits = condition.runAsync(() =>
    condition.waitForAsync(
      async () => {
        asked++;
        await new Promise((resolve) => setTimeout(resolve));
        assert.not(condition.tryAcquire());
        return ready;
      },
      { timeout: LONG },
    ),
  );
  await condition.runAsync(() => {
    ready = true;
    condition.notify();
  });
  assert.is(await waits, true);
  assert.is(asked, 2);
  const inVain = condition.runAsync(() => condition.waitForAsync(async () => false, { timeout: 1 }));
  assert.is(await inVain, false);
});

test('a barrier breaks when the action of a blocking party returns a promise', async () => {
  const barrier = new Barrier(1, { action: async () => {} });
  assert.throws(() => barrier.wait(), REFUSED);
  assert.ok(barrier.broken);
  barrier.reset();
  assert.is(await barrier.waitAsync(), 0);
});

test('explorations refuse and await promises in the same way', async () => {
  const [condition, barrier] = [new Condition(new Lock()), new Barrier(1, { action: async () => {} })];
  const threads = [
    () => condition.run(() => condition.waitFor(async () => true)),
    () => {
      barrier.wait();
    },
  ];
  for (const thread of threads) {
    const result = explore({ objects: { condition, barrier }, threads: [thread] });
    assert.match(String(result), REFUSED);
  }
  const isReady = ({ words, at }: Memory<'ready'>): boolean => Atomics.load(words, at.ready) === 1;
  const result = await exploreAsync({
    memory: { ready: 0 },
    objects: { condition },
    threads: [
      async (memory) => {
        await condition.runAsync(() => condition.waitForAsync(async () => isReady(memory)));
        if (!isReady(memory)) throw new Error('gone too early');
      },
      ({ words, at }) => {
        condition.run(() => {
          Atomics.store(words, at.ready, 1);
          condition.notify();
        });
      },
    ],
  });
  assert.is(result.verdict, 'ok', String(result));
});

test.run();
