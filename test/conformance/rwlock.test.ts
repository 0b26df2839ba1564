import { RWLock } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { until } from '../support/workers.js';
import { conform, elapsed, isAbout, refused } from './conform.js';
import { READS, STOP, WRITES } from './roles/rwlock.js';

const rwlock = { name: 'RWLock', role: 'readerWriter', make: () => new RWLock() } as const;

/** How long, in ms, constant readers or writers may keep anybody waiting. */
const PATIENCE = 2000;

conform(rwlock, {
  async readersShare({ make, cast }) {
    const lock = make();
    const [a, b, c] = await cast(3, lock);
    for (const actor of [a, b, c]) assert.is(await actor.acquireRead(), true);
    assert.is(lock.readers, 3);
    assert.not(lock.writing);
    for (const actor of [a, b, c]) await actor.releaseRead();
    assert.is(lock.readers, 0);
  },

  async writerExcludes({ make, cast }) {
    const lock = make();
    const [a, b, c] = await cast(3, lock);
    assert.is(await a.acquireWrite(), true);
    assert.ok(lock.writing);
    assert.is(await b.acquireRead(0), false);
    assert.is(await b.acquireWrite(0), false);
    const reads = b.acquireRead();
    const writes = c.acquireWrite().then(async (had) => {
      assert.is(lock.readers, 0);
      await c.releaseWrite();
      return had;
    });
    await until(() => b.waits && c.waits);
    await a.releaseWrite();
    assert.is(await reads, true);
    await b.releaseRead();
    assert.is(await writes, true);
    assert.match(String(lock), /\bunlocked\b/);
  },

  async writerWaitsForAllReaders({ make, cast }) {
    const lock = make();
    const [a, b, c] = await cast(3, lock);
    await a.acquireRead();
    await b.acquireRead();
    const writes = c.acquireWrite();
    await until(() => c.waits);
    await a.releaseRead();
    assert.is(lock.readers, 1);
    assert.not(lock.writing);
    await b.releaseRead();
    assert.is(await writes, true);
    await c.releaseWrite();
  },

  async timeout({ make, cast }) {
    const lock = make();
    const [a, b, c] = await cast(3, lock);
    await a.acquireRead();
    isAbout(await elapsed(async () => assert.is(await b.acquireWrite(100), false)), 100);
    // A writer that has given up keeps nobody out.
    assert.is(await c.acquireRead(), true);
    await c.releaseRead();
    await a.releaseRead();
    await a.acquireWrite();
    isAbout(await elapsed(async () => assert.is(await b.acquireRead(100), false)), 100);
    isAbout(await elapsed(async () => assert.is(await c.acquireWrite(100), false)), 100);
    await a.releaseWrite();
    assert.is(await b.acquireWrite(5), true);
    await b.releaseWrite();
    for (const bad of [-1, Number.NaN]) {
      await refused(a.acquireRead(bad), 'RangeError');
      await refused(a.acquireWrite(bad), 'RangeError');
    }
    assert.match(String(lock), /\bunlocked\b/);
  },

  async releaseUnacquired({ make, cast }) {
    const lock = make();
    const [a] = await cast(1, lock);
    await refused(a.releaseRead(), 'ERR_NOT_HELD');
    await refused(a.releaseWrite(), 'ERR_NOT_HELD');
    await a.acquireRead();
    await refused(a.releaseWrite(), 'ERR_NOT_OWNER');
    await a.releaseRead();
    await a.acquireWrite();
    await refused(a.releaseRead(), 'ERR_NOT_OWNER');
    assert.ok(lock.writing);
    await a.releaseWrite();
  },

  async writerBesideConstantReaders({ make, cast, scratch }) {
    const lock = make();
    const [writer, ...readers] = await cast(3, lock);
    const broken = readers.map((reader) => reader.takeTurns('reading'));
    for (let turn = 0; turn < 20; turn++) {
      const readsSoFar = Atomics.load(scratch, READS);
      await until(() => Atomics.load(scratch, READS) > readsSoFar, { what: 'the readers go on' });
      assert.is(await writer.acquireWrite(PATIENCE), true);
      await writer.releaseWrite();
    }
    Atomics.store(scratch, STOP, 1);
    assert.equal(await Promise.all(broken), [0, 0]);
  },

  async readerBesideConstantWriters({ make, cast, scratch }) {
    const lock = make();
    const [reader, ...writers] = await cast(3, lock);
    const broken = writers.map((writer) => writer.takeTurns('writing'));
    for (let turn = 0; turn < 20; turn++) {
      const writesSoFar = Atomics.load(scratch, WRITES);
      await until(() => Atomics.load(scratch, WRITES) > writesSoFar, { what: 'the writers go on' });
      assert.is(await reader.acquireRead(PATIENCE), true);
      await reader.releaseRead();
    }
    Atomics.store(scratch, STOP, 1);
    assert.equal(await Promise.all(broken), [0, 0]);
  },
});

conform(
  rwlock,
  {
    async readAgainBesideAWaitingWriter({ make, cast }) {
      const lock = make();
      const [reader, writer, newcomer] = await cast(3, lock);
      const starves = async (): Promise<boolean> => {
        const got = await newcomer.acquireRead(0);
        if (got) await newcomer.releaseRead();
        return !got;
      };
      await reader.acquireRead();
      let writes = writer.acquireWrite();
      await until(() => writer.waits);
      // A writer that was passed over often enough keeps newcomers out.
      for (let tries = 0; !(await starves()); tries++) {
        assert.ok(tries < 1000, 'the writer never starves');
        if (await reader.readOn()) continue;
        await writes;
        await writer.releaseWrite();
        await reader.acquireRead();
        writes = writer.acquireWrite();
        await until(() => writer.waits);
      }
      assert.is(await reader.acquireRead(), true);
      assert.is(await reader.acquireRead(0), true);
      assert.is(lock.readers, 3);
      for (let i = 0; i < 3; i++) await reader.releaseRead();
      assert.is(await writes, true);
      await writer.releaseWrite();
    },

    async selfDeadlocksAreRefused({ make, cast }) {
      const lock = make();
      const [a, b] = await cast(2, lock);
      await a.acquireRead();
      await refused(a.acquireWrite(), 'ERR_SELF_DEADLOCK');
      assert.is(await a.acquireWrite(0), false);
      assert.is(lock.readers, 1);
      await a.releaseRead();
      await a.acquireWrite();
      await refused(a.acquireWrite(), 'ERR_SELF_DEADLOCK');
      await refused(a.acquireRead(), 'ERR_SELF_DEADLOCK');
      assert.is(await a.acquireRead(0), false);
      assert.ok(lock.writing);
      await a.releaseWrite();
      assert.is(await b.acquireWrite(), true);
      await b.releaseWrite();
    },

    async differentThread({ make, cast }) {
      const lock = make();
      const [a, b] = await cast(2, lock);
      await a.acquireRead();
      await refused(b.releaseRead(), 'ERR_NOT_OWNER');
      assert.is(lock.readers, 1);
      await a.releaseRead();
      await a.acquireWrite();
      await refused(b.releaseWrite(), 'ERR_NOT_OWNER');
      assert.ok(lock.writing);
      await a.releaseWrite();
    },
  },
  ['threads'],
);

conform(
  rwlock,
  {
    async ownTaskHoldsIt({ make, cast }) {
      const lock = make();
      const [a] = await cast(1, lock);
      await a.acquireWrite();
      await refused(() => lock.acquireRead(), 'ERR_SELF_DEADLOCK');
      await refused(() => lock.acquireWrite(), 'ERR_SELF_DEADLOCK');
      await a.releaseWrite();
      await a.acquireRead();
      await refused(() => lock.acquireWrite(), 'ERR_SELF_DEADLOCK');
      assert.is(lock.acquireRead(), true);
      lock.releaseRead();
      await a.releaseRead();
      assert.match(String(lock), /\bunlocked\b/);
    },
  },
  ['tasks of one agent'],
);
