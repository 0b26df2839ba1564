// An RWLock among the tasks and the blocking calls of one agent: what could never end is refused at once, everything else
// goes on, and what is given back is what was held.
import { Arena, RWLock, type SyncError, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew, type Member, until } from '../support/workers.js';
import type { RWLockData } from './rwlock-tasks.worker.js';

const test = suite('an RWLock and tasks');
const WORKER = new URL('./rwlock-tasks.worker.js', import.meta.url);

async function start<Result>(order: RWLockData['order'], lock: RWLock): Promise<Member<Result>> {
  const workerData: RWLockData = { order, shared: share(lock) };
  return (await Crew.start<Result>(WORKER, { workerData })).members[0];
}

const newLock = (): RWLock => new RWLock({ arena: new Arena() });

const codeOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as SyncError).code;
  }
  return 'nothing thrown';
};

test("a blocking read beside its own task's read gets in while another agent's writer waits", async () => {
  const lock = newLock();
  const reader = await start<unknown[]>('readBesideOwnTask', lock);
  await until(() => lock.readers === 1);
  const writer = await start<boolean>('write', lock);
  assert.equal(await reader.result(), [true, true, true, 5]);
  assert.ok(await writer.result());
  assert.match(`${lock}`, 'unlocked');
});

test("a blocking read beside its own blocking read gets in while another agent's writer waits", async () => {
  const lock = newLock();
  const reader = await start<boolean>('readBesideOwnBlockingRead', lock);
  await until(() => lock.readers === 1);
  const writer = await start<boolean>('write', lock);
  assert.ok(await reader.result());
  assert.ok(await writer.result());
});

for (const [order, expected] of [
  ['blockBesideWaitingTasks', [true, 'ERR_SELF_DEADLOCK', true, true]],
  ['readBesideWaitingTasks', [true, true, true, true]],
] as const) {
  test(`what an agent's tasks wait for is no reason to refuse it a blocking call: ${order}`, async () => {
    const lock = newLock();
    const holder = await start('holdWrite', lock);
    await holder.next('holds');
    const worker = await start<unknown[]>(order, lock);
    await worker.next('blocks');
    holder.tell('let go');
    assert.equal(await worker.result(), expected);
    assert.match(`${lock}`, 'unlocked');
  });
}

// --- what could never end ------------------------------------------------------------------------------------------------

const reads: Readonly<Record<string, (lock: RWLock) => unknown>> = {
  'a read of its task': (lock) => lock.acquireReadAsync(),
  "its task's hold for reading": (lock) => lock.holdReadAsync(),
  "its task's read by the view": (lock) => lock.readLock.acquireAsync(),
  "its task's run for reading": (lock) => lock.readLock.runAsync(() => new Promise(() => {})),
  'its own read': (lock) => lock.acquireRead(),
  'its own hold for reading': (lock) => lock.readLock.hold(),
};
const writes: Readonly<Record<string, (lock: RWLock) => unknown>> = {
  'a write of its task': (lock) => lock.acquireWriteAsync(),
  "its task's hold for writing": (lock) => lock.holdWriteAsync(),
  "its task's write by the view": (lock) => lock.writeLock.acquireAsync(),
  "its task's run for writing": (lock) => lock.writeLock.runAsync(() => new Promise(() => {})),
  'its own write': (lock) => lock.acquireWrite(),
  'its own hold for writing': (lock) => lock.writeLock.hold(),
};

/** Blocking calls that get the lock for writing, and for reading. */
const toWrite: Readonly<Record<string, (lock: RWLock) => unknown>> = {
  acquireWrite: (lock) => lock.acquireWrite(),
  'acquireWrite with a time-out': (lock) => lock.acquireWrite(10_000),
  holdWrite: (lock) => lock.holdWrite(),
  'writeLock.run': (lock) => lock.writeLock.run(() => {}),
};
const toRead: Readonly<Record<string, (lock: RWLock) => unknown>> = {
  acquireRead: (lock) => lock.acquireRead(),
  'acquireRead with a time-out': (lock) => lock.acquireRead(10_000),
  holdRead: (lock) => lock.holdRead(),
  'readLock.run': (lock) => lock.readLock.run(() => {}),
};

for (const when of ['at once', 'once it is awaited'] as const) {
  for (const [what, has] of Object.entries({ ...reads, ...writes })) {
    test(`a blocking call beside ${what}, which it waits for, throws; ${when}`, async () => {
      const lock = newLock();
      const had = has(lock);
      if (when !== 'at once') await Promise.race([had, null]);
      for (const [name, call] of Object.entries({ ...toWrite, ...(what in writes ? toRead : {}) })) {
        const before = performance.now();
        assert.is(
          codeOf(() => call(lock)),
          'ERR_SELF_DEADLOCK',
          name,
        );
        assert.ok(performance.now() - before < 5_000, `${name} waited`);
      }
      assert.not(lock.acquireWrite(0));
      assert.not(lock.writeLock.tryAcquire());
      if (what in writes) assert.not(lock.readLock.tryAcquire());
      assert.is(lock.readers, what in reads ? 1 : 0);
      assert.is(lock.writing, what in writes);
    });
  }
}

test('a task that waits to read while its agent writes gets in when that ends', async () => {
  const lock = newLock();
  lock.acquireWrite();
  const reading = lock.holdReadAsync();
  assert.is(
    codeOf(() => lock.acquireWrite()),
    'ERR_SELF_DEADLOCK',
  );
  lock.releaseWrite();
  const hold = await reading;
  assert.is(lock.readers, 1);
  hold.release();
});

test('a task that waits to write while its agent reads gets in when that ends, and keeps no read of it out', async () => {
  const lock = newLock();
  lock.acquireRead();
  const writing = lock.holdWriteAsync();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(lock.acquireRead());
  lock.releaseRead();
  lock.releaseRead();
  (await writing).release();
  assert.match(`${lock}`, 'unlocked');
});

// --- what is given back ----------------------------------------------------------------------------------------------------

test('reads of blocking calls and of tasks are given back in any order, by any way', async () => {
  const takes: readonly ((lock: RWLock) => unknown)[] = [
    (lock) => lock.acquireRead() && (() => lock.releaseRead()),
    (lock) => lock.acquireReadAsync().then(() => () => lock.readLock.release()),
    (lock) => {
      const hold = lock.holdRead();
      return () => hold.release();
    },
    (lock) => lock.holdReadAsync().then((hold) => () => hold.release()),
  ];
  const orders = [0, 1, 2, 3].flatMap((a) =>
    [0, 1, 2, 3].flatMap((b) => [0, 1, 2, 3].map((c) => [a, b, c, 6 - a - b - c])),
  );
  for (const order of orders.filter((each) => new Set(each).size === 4 && Math.max(...each) < 4)) {
    const lock = newLock();
    const give: (() => void)[] = [];
    for (const take of takes) give.push((await take(lock)) as () => void);
    for (const [left, at] of [3, 2, 1, 0].entries()) {
      assert.is(lock.readers, 4 - left, `${order}`);
      assert.is(
        codeOf(() => lock.acquireWrite()),
        'ERR_SELF_DEADLOCK',
      );
      give[order[3 - at]]();
    }
    assert.is(
      codeOf(() => lock.releaseRead()),
      'ERR_NOT_HELD',
      `${order}`,
    );
    assert.ok(lock.acquireWrite(0), `${order}`);
  }
});

test('a hold that was given back gives nothing back again, whoever reads', async () => {
  const lock = newLock();
  const [hold, other] = [lock.holdRead(), await lock.holdReadAsync()];
  hold.release();
  assert.is(
    codeOf(() => hold.release()),
    'ERR_NOT_HELD',
  );
  assert.is(lock.readers, 1);
  other.release();
  assert.is(
    codeOf(() => other.release()),
    'ERR_NOT_HELD',
  );
});

test('a read that came too late, or was aborted, does not count as one', async () => {
  const lock = newLock();
  lock.acquireWrite();
  const abort = new AbortController();
  const aborted = lock.acquireReadAsync({ signal: abort.signal }).catch(() => 'aborted');
  const late = lock.acquireReadAsync({ timeout: 1 });
  assert.not(await late);
  abort.abort();
  assert.is(await aborted, 'aborted');
  lock.releaseWrite();
  assert.is(
    codeOf(() => lock.releaseRead()),
    'ERR_NOT_HELD',
  );
  assert.ok(lock.acquireWrite(0));
});

test('what is held for reading is not given back as a write, nor the reverse', async () => {
  const lock = newLock();
  const reading = await lock.holdReadAsync();
  assert.is(
    codeOf(() => lock.releaseWrite()),
    'ERR_NOT_OWNER',
  );
  reading.release();
  const writing = await lock.holdWriteAsync();
  assert.is(
    codeOf(() => lock.releaseRead()),
    'ERR_NOT_OWNER',
  );
  assert.is(
    codeOf(() => lock.readLock.release()),
    'ERR_NOT_OWNER',
  );
  writing.release();
  for (const release of [() => lock.releaseRead(), () => lock.writeLock.release()]) {
    assert.is(codeOf(release), 'ERR_NOT_HELD');
  }
});

test.run();
