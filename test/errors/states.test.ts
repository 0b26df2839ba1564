import { Arena, Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { Place } from '#dist/core/share/place.js';
import type { SharedObject } from '#dist/core/share/shared-object.js';
import { arenaFor, arenaOf, takeSlotOf } from '../properties/members.js';
import { suite } from '../support/suite.js';
import { refuses, syncError } from './refuses.js';

const test = suite('calls that come in the wrong state, or from the wrong agent');

/** An arena, as the test's agent (0.1) sees it and as another (1.1) does. */
function twoAgents(): { mine: Arena; other: Arena } {
  const mine = arenaFor(1);
  takeSlotOf(0, mine);
  return { mine, other: arenaOf(0, mine.words) };
}

/** Another agent's live object of the same primitive. */
const seenBy = <T extends SharedObject>(other: Arena, object: T): T =>
  new (object.constructor as new (place: Place) => T)(new Place(other, object.cell));

test('Lock: release of what nobody holds', async () => {
  const { mine } = twoAgents();
  const lock = new Lock({ arena: mine });
  const error = syncError('ERR_NOT_HELD', 'Lock#0 is not held by anyone; release() needs it held');
  await refuses(mine, () => lock.release(), error);
  lock.run(() => {});
  await refuses(mine, () => lock.release(), error);
});

test('RLock: release of what nobody holds, and of what another agent or a task holds', async () => {
  const { mine, other } = twoAgents();
  const lock = new RLock({ arena: mine });
  const theirs = seenBy(other, lock);
  await refuses(
    mine,
    () => lock.release(),
    syncError('ERR_NOT_HELD', 'RLock#0 is not held by anyone; release() needs it held'),
  );
  theirs.acquire();
  await refuses(
    mine,
    () => lock.release(),
    syncError('ERR_NOT_OWNER', 'RLock#0 is held by agent 1.1; release() needs it held by the caller'),
  );
  theirs.release();
  const hold = await lock.holdAsync();
  await refuses(
    mine,
    () => lock.release(),
    syncError('ERR_NOT_OWNER', 'RLock#0 is held by a task of agent 0.1; release() needs it held by the caller'),
  );
  hold.release();
});

test('holds: a second release, and entering again by one that was released', async () => {
  const { mine } = twoAgents();
  const lock = new RLock({ arena: mine });
  const semaphore = new Semaphore(1, { arena: mine });
  const released = (what: string) => syncError('ERR_NOT_HELD', `this hold of ${what} was already released`);
  const held = semaphore.hold();
  held.release();
  await refuses(mine, () => held.release(), released('Semaphore#1'));
  const hold = await lock.holdAsync();
  const again = hold.hold();
  hold.release();
  await refuses(mine, () => hold.release(), released('RLock#0'));
  await refuses(mine, () => hold.hold(), released('RLock#0'));
  assert.is(again.recursionCount, 1);
  again.release();
  assert.not(lock.locked);
});

test('hold: the time is up', async () => {
  const { mine, other } = twoAgents();
  const lock = new Lock({ arena: mine });
  const rwlock = new RWLock({ arena: mine });
  const semaphore = new Semaphore(0, { arena: mine });
  seenBy(other, lock).acquire();
  seenBy(other, rwlock).acquireWrite();
  const timedOut = (what: string) =>
    ({ name: 'TimeoutError', code: 'ERR_TIMEOUT', message: `${what} could not be acquired within 0 ms` }) as const;
  await refuses(mine, () => lock.hold(0), timedOut('Lock#0'));
  await refuses(mine, () => rwlock.holdRead(0), timedOut('RWLock.readLock#1'));
  await refuses(mine, () => rwlock.holdWrite(0), timedOut('RWLock.writeLock#1'));
  await refuses(mine, () => semaphore.hold(0), timedOut('Semaphore#2'));
  // A wait leaves evidence even if it is for no time, so these may change the memory.
  const apart = new SharedArrayBuffer(0);
  await refuses(apart, () => lock.holdAsync({ timeout: 0 }), timedOut('Lock#0'));
  await refuses(apart, () => rwlock.holdReadAsync({ timeout: 0 }), timedOut('RWLock.readLock#1'));
  await refuses(apart, () => rwlock.holdWriteAsync({ timeout: 0 }), timedOut('RWLock.writeLock#1'));
});

test('Semaphore and BoundedSemaphore: release beyond the bound', async () => {
  const { mine } = twoAgents();
  const semaphore = new Semaphore(2, { arena: mine });
  const bounded = new BoundedSemaphore(2, { arena: mine });
  const most = 2 ** 20 - 1;
  await refuses(
    mine,
    () => semaphore.release(most),
    syncError('ERR_OVER_RELEASE', `Semaphore#0 has 2 of at most ${most} permits; release(${most}) would exceed them`),
  );
  const error = (n: number, value: number) =>
    syncError(
      'ERR_OVER_RELEASE',
      `BoundedSemaphore#1 has ${value} of at most 2 permits; release(${n}) would exceed them`,
    );
  await refuses(mine, () => bounded.release(), error(1, 2));
  bounded.acquire();
  await refuses(mine, () => bounded.release(2), error(2, 1));
  assert.is(bounded.value, 1);
});

test('RWLock: release of what the agent does not hold', async () => {
  const { mine, other } = twoAgents();
  const lock = new RWLock({ arena: mine });
  const theirs = seenBy(other, lock);
  const none = 'reading waiters: none, writing waiters: none';
  const error = (
    what: 'reading' | 'writing',
    state: string,
    code: 'ERR_NOT_HELD' | 'ERR_NOT_OWNER' = 'ERR_NOT_OWNER',
  ) => {
    const view = what === 'reading' ? 'readLock' : 'writeLock';
    const said = `RWLock.${view}#0 (${state}, ${none}) is not held by this agent for ${what}; release() needs it held by the caller`;
    return syncError(code, said);
  };
  await refuses(mine, () => lock.releaseRead(), error('reading', 'unlocked', 'ERR_NOT_HELD'));
  await refuses(mine, () => lock.releaseWrite(), error('writing', 'unlocked', 'ERR_NOT_HELD'));
  theirs.acquireRead();
  await refuses(mine, () => lock.releaseRead(), error('reading', 'readers=1'));
  await refuses(mine, () => lock.releaseWrite(), error('writing', 'readers=1'));
  theirs.releaseRead();
  theirs.acquireWrite();
  await refuses(mine, () => lock.releaseRead(), error('reading', 'written by agent 1.1'));
  await refuses(mine, () => lock.releaseWrite(), error('writing', 'written by agent 1.1'));
  theirs.releaseWrite();
  lock.acquireRead();
  await refuses(mine, () => lock.releaseWrite(), error('writing', 'readers=1'));
});

test('a Barrier: an action that waits for the barrier itself', async () => {
  const { mine } = twoAgents();
  const barrier = new Barrier(1, { arena: mine });
  const error = syncError('ERR_SELF_DEADLOCK', 'the action of Barrier#0 would wait for its own end');
  barrier.action = () => barrier.wait(10);
  assert.throws(() => barrier.wait(), error.message as string);
  barrier.reset();
  barrier.action = async () => {
    await undefined;
    barrier.wait(10);
  };
  assert.match(String(await barrier.waitAsync().catch((reason: unknown) => reason)), error.message as string);
  barrier.reset();
  const again = seenBy(mine, barrier);
  const waits: (() => unknown)[] = [
    () => barrier.waitAsync(),
    () => again.waitAsync(),
    async () => {
      await barrier.waitAsync({ timeout: 10 });
    },
  ];
  for (const wait of waits) {
    barrier.action = wait;
    const late = setTimeout(() => barrier.abort(), 20_000);
    const told = barrier.waitAsync();
    void told.finally(() => clearTimeout(late)).catch(() => {});
    assert.match(String(await told.catch((reason: unknown) => reason)), error.message as string);
    barrier.reset();
  }
  barrier.action = () => again.wait(10);
  assert.throws(() => barrier.wait(), error.message as string);
  barrier.reset();
  barrier.action = undefined;
  assert.is(barrier.wait(), 0);
});

test('a Barrier: other tasks of an agent wait for the next round while its action is awaited', async () => {
  const barrier = new Barrier(1);
  let rounds = 0;
  let begun: (() => void) | undefined;
  let finish: (() => void) | undefined;
  const hasBegun = new Promise<void>((resolve) => {
    begun = resolve;
  });
  barrier.action = () => {
    rounds++;
    begun?.();
    return new Promise<void>((resolve) => {
      finish = resolve;
    });
  };
  const first = barrier.waitAsync();
  await hasBegun;
  barrier.action = () => void rounds++;
  const next = barrier.waitAsync({ signal: AbortSignal.timeout(20_000) });
  finish?.();
  assert.equal([await first, await next, rounds], [0, 0, 2]);
});

test('a blocking call that the agent itself would keep from ending', async () => {
  const { mine } = twoAgents();
  const lock = new Lock({ arena: mine });
  const rlock = new RLock({ arena: mine });
  const rwlock = new RWLock({ arena: mine });
  const task = (label: string) =>
    syncError(
      'ERR_SELF_DEADLOCK',
      `a task of this agent holds ${label}, and cannot release it while the agent blocks; use the form whose name ends ` +
        'in Async',
    );
  await lock.acquireAsync();
  await rlock.holdAsync();
  for (const timeout of [undefined, 60_000]) {
    await refuses(mine, () => lock.acquire(timeout), task('Lock#0'));
    await refuses(mine, () => rlock.acquire(timeout), task('RLock#1'));
  }
  assert.not(lock.acquire(0));
  assert.not(rlock.acquire(0));
  const own = (view: 'readLock' | 'writeLock', why: string) =>
    syncError(
      'ERR_SELF_DEADLOCK',
      `acquire() of RWLock.${view}#2 would never return: this agent holds it for ${why}; release that first`,
    );
  for (const timeout of [undefined, 60_000]) {
    rwlock.acquireRead();
    await refuses(mine, () => rwlock.acquireWrite(timeout), own('writeLock', 'reading'));
    rwlock.releaseRead();
    await rwlock.acquireReadAsync();
    await refuses(mine, () => rwlock.acquireWrite(timeout), own('writeLock', 'reading'));
    rwlock.releaseRead();
    rwlock.acquireWrite();
    await refuses(mine, () => rwlock.acquireWrite(timeout), own('writeLock', 'writing'));
    await refuses(mine, () => rwlock.acquireRead(timeout), own('readLock', 'writing'));
    rwlock.releaseWrite();
    await rwlock.acquireWriteAsync();
    await refuses(mine, () => rwlock.acquireWrite(timeout), task('RWLock.writeLock#2'));
    await refuses(mine, () => rwlock.acquireRead(timeout), task('RWLock.readLock#2'));
    assert.not(rwlock.acquireWrite(0));
    assert.not(rwlock.acquireRead(0));
    rwlock.releaseWrite();
  }
});

test('Condition: without its lock', async () => {
  for (const make of [(arena: Arena) => new Lock({ arena }), (arena: Arena) => new RLock({ arena })]) {
    const { mine } = twoAgents();
    const lock = make(mine);
    const condition = new Condition<Lock | RLock>(lock);
    const name = lock.constructor.name;
    const error = (call: string) =>
      syncError('ERR_NOT_HELD', `${name}#0 is not held by anyone; ${call}() needs it held`);
    await refuses(mine, () => condition.wait(), error('wait'));
    await refuses(mine, () => condition.waitFor(() => true), error('waitFor'));
    await refuses(mine, () => condition.waitAsync(), error('waitAsync'));
    await refuses(mine, () => condition.waitForAsync(() => true), error('waitForAsync'));
    await refuses(mine, () => condition.notify(), error('notify'));
    await refuses(mine, () => condition.notifyAll(), error('notifyAll'));
  }
});

test('Condition over an RLock: held by another agent, or by another of the agent itself', async () => {
  const { mine, other } = twoAgents();
  const condition = new Condition(undefined, { arena: mine });
  const theirs = seenBy(other, condition);
  theirs.acquire();
  const byThem = (call: string) =>
    syncError('ERR_NOT_OWNER', `RLock#0 is held by agent 1.1; ${call}() needs it held by the caller`);
  await refuses(mine, () => condition.wait(), byThem('wait'));
  await refuses(mine, () => condition.notify(), byThem('notify'));
  await refuses(mine, () => condition.waitAsync(), byThem('waitAsync'));
  theirs.release();

  condition.acquire();
  const noHold = (call: string) =>
    syncError(
      'ERR_NOT_OWNER',
      `${call}() of Condition#1 needs the hold with which the task acquired its RLock: ${call}({ hold })`,
    );
  await refuses(mine, () => condition.waitAsync(), noHold('waitAsync'));
  await refuses(mine, () => condition.waitForAsync(() => true), noHold('waitForAsync'));
  condition.release();

  const hold = await condition.holdAsync();
  const byTask = (call: string) =>
    syncError('ERR_NOT_OWNER', `RLock#0 is held by a task of agent 0.1; ${call}() needs it held by the caller`);
  await refuses(mine, () => condition.wait(), byTask('wait'));
  await refuses(mine, () => condition.notifyAll(), byTask('notifyAll'));
  hold.release();
});

test('Condition over an RLock: by a hold that is not one of its lock, or was released, or waits', async () => {
  const { mine } = twoAgents();
  const condition = new Condition(undefined, { arena: mine });
  const wrong = (call: string) =>
    syncError(
      'ERR_NOT_OWNER',
      `the hold given to ${call}() of Condition#1 is not a hold of its lock, or was released, or is waiting`,
    );
  const foreign = await new RLock({ arena: mine }).holdAsync();
  await refuses(mine, () => condition.waitAsync({ hold: foreign }), wrong('waitAsync'));
  await refuses(mine, () => condition.notify(1, { hold: foreign }), wrong('notify'));

  const hold = await condition.holdAsync();
  const again = hold.hold();
  again.release();
  await refuses(mine, () => condition.waitForAsync(() => true, { hold: again }), wrong('waitForAsync'));

  const waiting = condition.waitAsync({ hold });
  await refuses(mine, () => condition.waitAsync({ hold }), wrong('waitAsync'));
  await refuses(mine, () => condition.notifyAll({ hold }), wrong('notifyAll'));
  const lent = syncError(
    'ERR_NOT_HELD',
    'this hold of RLock#0 is waiting on a Condition and does not have the lock; await waitAsync() first',
  );
  await refuses(mine, () => hold.release(), lent);
  await refuses(mine, () => hold.hold(), lent);
  condition.run(() => condition.notify());
  assert.ok(await waiting);
  assert.is(hold.recursionCount, 1);
  hold.release();
  assert.not(condition.locked);
});

test('Condition: a hold is one of the lock, whichever live object it came from', async () => {
  const { mine } = twoAgents();
  const lock = new RLock({ arena: mine });
  const condition = seenBy(mine, new Condition(lock));
  assert.is.not(condition.lock, lock);
  const hold = await lock.holdAsync();
  assert.not(await condition.waitAsync({ hold, timeout: 0 }));
  hold.release();
});

test('Barrier: broken', async () => {
  const { mine } = twoAgents();
  const barrier = new Barrier(2, { arena: mine });
  barrier.abort();
  // The record that each agent keeps for its waits.
  await barrier.waitAsync().catch(() => {});
  const broken = {
    name: 'BrokenBarrierError',
    code: 'ERR_BROKEN_BARRIER',
    message: 'Barrier#0 is broken, or was reset during the wait; reset() makes it usable again',
  } as const;
  await refuses(mine, () => barrier.wait(), broken);
  await refuses(mine, () => barrier.waitAsync(), broken);
});

test('every constructor: no room in the chosen arena', async () => {
  const makers: Readonly<Record<string, (arena: Arena) => unknown>> = {
    Lock: (arena) => new Lock({ arena }),
    RLock: (arena) => new RLock({ arena }),
    Semaphore: (arena) => new Semaphore(1, { arena }),
    BoundedSemaphore: (arena) => new BoundedSemaphore(1, { arena }),
    Event: (arena) => new Event({ arena }),
    Barrier: (arena) => new Barrier(2, { arena }),
    RWLock: (arena) => new RWLock({ arena }),
    Condition: (arena) => new Condition(undefined, { arena }),
  };
  for (const packed of [false, true]) {
    for (const [name, make] of Object.entries(makers)) {
      const arena = new Arena({ byteLength: 1024, agents: 4, packed });
      const full = new RegExp(`^no room for an? ${name}: \\d+ of 1024 bytes of this arena are free; make it with more`);
      let made = 0;
      const fill = () => {
        for (; ; made++) make(arena);
      };
      assert.throws(fill, full);
      assert.ok(made > 0);
      await refuses(arena, () => make(arena), syncError('ERR_ARENA_FULL', full), name);
    }
  }
});

test('Condition: room for its lock alone is not enough', async () => {
  const arena = new Arena({ byteLength: 1024, agents: 4 });
  while (arena.bytesFree > 64) new Lock({ arena });
  await refuses(
    arena,
    () => new Condition(undefined, { arena }),
    syncError('ERR_ARENA_FULL', /^no room for a Condition: 64 of 1024 bytes of this arena are free/),
  );
});

test('waits that need a record: no room for it', async () => {
  const arena = new Arena({ byteLength: 1024, agents: 4 });
  const condition = new Condition(new Lock({ arena }));
  const barrier = new Barrier(2, { arena });
  while (arena.bytesFree > 0) new Event({ arena });
  condition.acquire();
  const full = syncError(
    'ERR_ARENA_FULL',
    'no room in this arena to record another wait: each task or agent that waits at the same time takes 32 bytes or ' +
      'more; make a larger one ({ byteLength: … })',
  );
  await refuses(arena, () => condition.wait(), full);
  await refuses(arena, () => condition.waitAsync(), full);
  await refuses(arena, () => barrier.wait(), full);
  await refuses(arena, () => barrier.waitAsync(), full);
  assert.ok(condition.locked);
});

test('the default arena keeps room for waits, however many primitives are made', () => {
  const condition = new Condition();
  const arena = condition.arena;
  let last = new Lock();
  while (last.arena === arena) last = new Lock();
  assert.not(condition.run(() => condition.wait(0)));
  const second = new Condition();
  assert.is(second.arena, second.lock.arena);
});

test('records of waits are used again by the same agent, however its memory arrives', () => {
  const mine = new Arena({ byteLength: 2048, agents: 2 });
  const condition = new Condition(new Lock({ arena: mine }));
  condition.run(() => condition.wait(0));
  const { bytesFree } = mine;
  for (let i = 0; i < 3; i++) {
    const { buffer, byteLength } = structuredClone({ buffer: mine.words.buffer, byteLength: mine.byteLength });
    const arrived = seenBy(Arena.over(buffer as SharedArrayBuffer, 0, byteLength), condition);
    arrived.run(() => arrived.wait(0));
  }
  assert.is(mine.bytesFree, bytesFree);
});

test.run();
