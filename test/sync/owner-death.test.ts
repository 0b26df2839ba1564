import {
  type Arena,
  Condition,
  Lock,
  type OwnedOptions,
  OwnerDiedError,
  RLock,
  type RLockHold,
  TimeoutError,
} from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import type { Place } from '#dist/core/share/place.js';
import { otherAgent } from '../support/other-agent.js';
import { suite } from '../support/suite.js';

const test = suite('the death of an owner');

type Owned = Lock | RLock;
type Kind<T extends Owned> = (new (options?: OwnedOptions) => T) & (new (place: Place) => T);
const KINDS = [Lock, RLock] as unknown as readonly Kind<Owned>[];

/** A lock that a dead agent held, and that agent's id. */
function abandoned<T extends Owned>(Kind: Kind<T>): [T, number] {
  const lock = new Kind();
  const other = otherAgent(lock.arena);
  const theirs = other.attach(Kind, lock);
  theirs.acquire();
  if (theirs instanceof RLock) theirs.acquire();
  other.die();
  return [lock, other.id];
}

const isOwnerDied = (error: unknown): boolean => error instanceof OwnerDiedError && error.code === 'ERR_OWNER_DIED';

async function rejects(promise: Promise<unknown>): Promise<void> {
  const reason = await promise.then(
    () => assert.unreachable('it was resolved'),
    (error) => error,
  );
  assert.ok(isOwnerDied(reason), String(reason));
}

for (const Kind of KINDS) {
  test(`an abandoned ${Kind.name} refuses every way of acquiring it, and says who died and since when`, async () => {
    const before = Date.now() - 1000;
    const [lock, agent] = abandoned(Kind);
    assert.ok(lock.abandoned);
    assert.ok(lock.locked);
    for (const acquire of [
      () => lock.acquire(),
      () => lock.acquire(10),
      () => lock.acquire(0),
      () => lock.tryAcquire(),
      () => lock.hold(),
      () => lock.run(() => assert.unreachable('it ran')),
    ]) {
      assert.throws(acquire, isOwnerDied);
    }
    await rejects(lock.holdAsync());
    await rejects(lock.runAsync(() => assert.unreachable('it ran')));
    if (lock instanceof Lock) await rejects(lock.acquireAsync());
    try {
      lock.acquire();
    } catch (error) {
      if (!(error instanceof OwnerDiedError)) throw error;
      assert.is(error.agentId, agent);
      assert.ok(error.since.getTime() >= before && error.since.getTime() <= Date.now() + 1000);
      assert.match(error.message, new RegExp(`${Kind.name}#\\d+ is abandoned: agent \\d+\\.\\d+ died`));
    }
    assert.match(String(lock), 'abandoned');
    assert.ok(lock.abandoned);
  });

  test(`recover() repairs an abandoned ${Kind.name} with it held, once, and leaves it whole and free`, () => {
    const [lock] = abandoned(Kind);
    let repairs = 0;
    const repair = (): void => {
      repairs++;
      assert.ok(lock.locked);
      assert.not(lock.abandoned);
    };
    assert.is(lock.recover(repair), true);
    assert.not(lock.locked);
    assert.is(lock.recover(repair), false);
    assert.is(repairs, 1);
    assert.is(
      lock.run(() => 1),
      1,
    );
    assert.not(lock.locked);
  });

  test(`a repair that throws leaves the ${Kind.name} abandoned`, async () => {
    const [lock] = abandoned(Kind);
    const failure = new Error('no repair');
    const fails = (): never => {
      throw failure;
    };
    assert.throws(
      () => lock.recover(fails),
      (error: unknown) => error === failure,
    );
    assert.ok(lock.abandoned);
    assert.is(await lock.recoverAsync(fails).catch((error) => error), failure);
    assert.throws(() => lock.tryAcquire(), isOwnerDied);
    assert.is(await lock.recoverAsync(), true);
    assert.not(lock.locked);
  });

  test(`tasks that wait for a ${Kind.name} are rejected when its holder dies`, async () => {
    const lock = new Kind();
    const other = otherAgent(lock.arena);
    const theirs = other.attach(Kind, lock);
    theirs.acquire();
    const waits = [lock.holdAsync(), lock.holdAsync({ timeout: 60_000 }), lock.runAsync(() => {})];
    other.die();
    for (const wait of waits) await rejects(wait as Promise<unknown>);
  });

  test(`a ${Kind.name} whose repairer dies is abandoned again`, () => {
    const [lock] = abandoned(Kind);
    const other = otherAgent(lock.arena);
    const theirs = other.attach(Kind, lock);
    // It is dead from there on, and what it still does changes nothing.
    theirs.recover(() => other.die());
    assert.ok(lock.abandoned);
    assert.throws(() => lock.acquire(), isOwnerDied);
  });

  test(`recover() of a ${Kind.name} waits for another's repair, and gives up in time`, async () => {
    const [lock] = abandoned(Kind);
    const other = otherAgent(lock.arena);
    const theirs = other.attach(Kind, lock);
    theirs.recover(() => {
      assert.throws(
        () => lock.recover(() => assert.unreachable('two repair it'), 10),
        (error: unknown) => error instanceof TimeoutError,
      );
    });
    let end = (): void => {};
    const repairing = theirs.recoverAsync(() => new Promise<void>((resolve) => (end = resolve)));
    assert.is(await repairing, false);
    const [second] = abandoned(Kind);
    const again = otherAgent(second.arena).attach(Kind, second);
    const first = again.recoverAsync(() => new Promise<void>((resolve) => (end = resolve)));
    const waits = second.recoverAsync(() => assert.unreachable('two repair it'));
    while (second.abandoned) await new Promise((resolve) => setImmediate(resolve));
    end();
    assert.is(await first, true);
    assert.is(await waits, false);
  });

  test(`a ${Kind.name} with onOwnerDeath: 'release' is free when its holder dies`, () => {
    const lock = new Kind({ onOwnerDeath: 'release' });
    const other = otherAgent(lock.arena);
    const theirs = other.attach(Kind, lock);
    theirs.acquire();
    if (theirs instanceof RLock) theirs.acquire();
    other.die();
    assert.not(lock.locked);
    assert.not(lock.abandoned);
    assert.is(lock.recover(), false);
    assert.ok(lock.acquire(0));
    if (lock instanceof RLock) assert.is(lock.recursionCount, 1);
    lock.release();
    assert.not(lock.locked);
  });

  test(`a wait for a Condition that cannot have its ${Kind.name} again ends without it, and run() gives nothing back`, () => {
    const lock = new Kind();
    const condition = new Condition<Owned>(lock);
    const other = otherAgent(lock.arena);
    const theirs = other.attach(Kind, lock);
    const dies = (): void => {
      lock.run(() => {
        // The moment in which the waiter has freed the lock is the other's to take it.
        queueDeath(lock, theirs, () => other.die());
        condition.wait(50);
      });
    };
    assert.throws(dies, isOwnerDied);
    assert.ok(lock.abandoned);
    lock.recover();
    assert.not(lock.locked);
    // Its record is taken out by whoever comes past it.
    condition.run(() => condition.notifyAll());
    assert.match(String(condition), ' 0 waiting');
  });
}

/** Lets another agent take the lock as soon as it is released, and die with it. */
function queueDeath(lock: Owned, theirs: Owned, die: () => void): void {
  const { wait } = Atomics;
  Atomics.wait = ((...call: Parameters<typeof wait>) => {
    Atomics.wait = wait;
    theirs.acquire();
    die();
    return wait(...call);
  }) as typeof wait;
  void lock;
}

test('release() by hand of an abandoned Lock frees it; of an abandoned RLock it is refused', () => {
  const [lock] = abandoned(Lock);
  lock.release();
  assert.not(lock.locked);
  assert.is(lock.recover(), false);
  const [owned] = abandoned(RLock);
  assert.throws(() => owned.release(), isOwnerDied);
  assert.ok(owned.abandoned);
});

test('a hold that was lost gives nothing back, whether the lock is abandoned or somebody else’s', async () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  const other = otherAgent(lock.arena);
  const theirs = other.attach(RLock, lock);
  let kept: RLockHold | undefined;
  const wait = condition.runAsync(async (hold) => {
    kept = hold;
    await condition.waitAsync({ hold, timeout: 20 });
  });
  while (lock.locked) await new Promise((resolve) => setImmediate(resolve));
  theirs.acquire();
  other.die();
  await rejects(wait);
  assert.ok(lock.abandoned);
  lock.recover();
  await lock.runAsync(() => assert.ok(kept?.released));
});

test('a repair may enter its RLock again, blocking and by the hold of recoverAsync', async () => {
  const [lock] = abandoned(RLock);
  lock.recover(() => lock.run(() => assert.is(lock.recursionCount, 2)));
  assert.not(lock.locked);
  const [second] = abandoned(RLock);
  await second.recoverAsync((hold) => {
    using again = hold.hold();
    assert.is(again.recursionCount, 2);
  });
  assert.not(second.locked);
});

test('repairing what one is already repairing is refused', () => {
  const [lock] = abandoned(Lock);
  assert.throws(
    () => lock.recover(() => lock.recover()),
    (error: { code?: string }) => error.code === 'ERR_SELF_DEADLOCK',
  );
  assert.ok(lock.abandoned);
});

test('a Condition is mended when the holder of its lock died while it changed the list', async () => {
  const lock = new Lock();
  const condition = new Condition(lock);
  const other = otherAgent(lock.arena);
  const theirs = other.attach<Condition<Lock>>(Condition, condition);
  const order: number[] = [];
  const waits = [1, 2, 3].map((n) =>
    condition.runAsync(async (hold) => {
      await condition.waitAsync({ hold });
      order.push(n);
    }),
  );
  while (lock.locked) await new Promise((resolve) => setImmediate(resolve));
  theirs.acquire();
  dieBefore(2, () => theirs.notify());
  other.die();
  assert.ok(lock.abandoned);
  lock.recover();
  condition.run(() => condition.notifyAll());
  await Promise.all(waits);
  assert.equal(order, [1, 2, 3]);
});

/** Runs something, and ends it before its n-th store. */
function dieBefore(n: number, run: () => void): void {
  const { store } = Atomics;
  let left = n;
  Atomics.store = ((words: Int32Array, index: number, value: number) => {
    if (--left === 0) throw new Error('dead');
    return store(words, index, value);
  }) as typeof store;
  try {
    run();
    assert.unreachable('it lived');
  } catch (error) {
    assert.is((error as Error).message, 'dead');
  } finally {
    Atomics.store = store;
  }
}

test('a GIL passes on when its holder dies', () => {
  const gil = new GIL();
  const other = otherAgent(gil.arena as Arena);
  const theirs = other.attach(GIL, gil);
  theirs.acquire();
  assert.ok(gil.locked);
  other.die();
  assert.not(gil.locked);
  gil.run(() => assert.ok(gil.held));
});

test('bad arguments are refused, and nothing is changed', async () => {
  assert.throws(() => new Lock({ onOwnerDeath: 'forget' as never }), /onOwnerDeath must be 'abandon' or 'release'/);
  const [lock] = abandoned(Lock);
  assert.throws(() => lock.recover(1 as never), TypeError);
  assert.throws(() => lock.recover(undefined, -1), RangeError);
  assert.ok((await lock.recoverAsync(1 as never).catch((error) => error)) instanceof TypeError);
  assert.ok(lock.abandoned);
});

test.run();
