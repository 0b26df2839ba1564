import { Arena, Condition, dumpAgents, Event, Lock, RWLock, share, statistics } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { countHold, countsFor, countWait, holdsFor, quantile, readCounts } from '#dist/trace/counts.js';
import { suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import type { HoldingData } from './statistics.worker.js';

const test = suite('statistics');

const NOTHING = { waits: 0, givenUp: 0, waited: 0, longestWait: 0, p99: 0, acquisitions: 0, held: 0, longestHold: 0 };

test('what need not wait is no wait', () => {
  const lock = new Lock();
  lock.run(() => {});
  assert.not.ok(lock.run(() => lock.tryAcquire()));
  assert.not.ok(lock.run(() => lock.acquire(0)));
  assert.equal(statistics(lock), NOTHING);
});

test('a wait that ends by its time-out counts as given up', () => {
  const lock = new Lock();
  lock.acquire();
  assert.not.ok(lock.acquire(12));
  const { waits, givenUp, waited, longestWait, p99 } = statistics(lock);
  assert.equal([waits, givenUp], [1, 1]);
  assert.ok(longestWait >= 12, `${longestWait} ms`);
  assert.is(waited, longestWait);
  assert.is(p99, longestWait);
});

test('the waits of tasks are counted as well, also those that a signal ends', async () => {
  const lock = new Lock();
  await lock.acquireAsync();
  const aborted = lock.acquireAsync({ signal: AbortSignal.timeout(5) }).catch(() => 'aborted');
  assert.is(await aborted, 'aborted');
  const got = lock.acquireAsync();
  lock.release();
  assert.ok(await got);
  const { waits, givenUp } = statistics(lock);
  assert.equal([waits, givenUp], [2, 1]);
});

test('an Event, both sides of an RWLock and a Condition count what waited for them', async () => {
  const event = new Event();
  event.wait(1);
  const lock = new RWLock();
  lock.acquireRead();
  await lock.acquireWriteAsync({ timeout: 1 });
  const condition = new Condition();
  condition.run(() => condition.wait(1));
  for (const each of [event, lock, lock.writeLock, condition]) assert.is(statistics(each).waits, 1, String(each));
});

test('all agents count in one place', async () => {
  const arena = new Arena();
  const lock = new Lock({ arena });
  lock.acquire();
  const workerData: HoldingData = { shared: share({ lock }) };
  const crew = await Crew.start<number>(new URL('./statistics.worker.js', import.meta.url), { count: 2, workerData });
  await until(() => dumpAgents(arena).agents.filter(({ waitsFor }) => waitsFor !== undefined).length === 2);
  lock.release();
  assert.is(Math.max(...(await crew.done())), 2);
  const { waits, givenUp, longestWait } = statistics(lock);
  assert.equal([waits, givenUp], [2, 0]);
  assert.ok(longestWait >= 10, `${longestWait} ms`);
});

test('a primitive has one cell of counts, whoever looks for it', () => {
  const { arena, cell } = new Lock({ arena: new Arena() }) as unknown as {
    arena: Arena & { words: Int32Array };
    cell: number;
  };
  const counts = countsFor(arena.words, cell);
  assert.ok(counts > 0);
  assert.is(countsFor(arena.words, cell), counts);
});

test('an arena that is more than half full is left its room', () => {
  const arena = new Arena({ agents: 4, byteLength: 2048 });
  const lock = new Lock({ arena });
  while (arena.bytesFree > 1024) new Lock({ arena });
  const { bytesFree } = arena;
  lock.acquire();
  lock.acquire(1);
  assert.is(arena.bytesFree, bytesFree);
  assert.equal(statistics(lock), NOTHING);
});

test('a quantile is no less than the true value, and greater by no more than a bucket', () => {
  const { words } = new Arena() as unknown as { words: Int32Array };
  const counts = countsFor(words, 1);
  for (let us = 1; us <= 1000; us++) countWait(words, counts, us / 1000, true);
  const read = readCounts(words, 1);
  for (const share of [0.5, 0.9, 0.99]) {
    const told = quantile(read, share);
    assert.ok(told >= share * 1000 && told <= Math.min(share * 1000 * Math.SQRT2, 1000), `${share}: ${told} µs`);
  }
  assert.is(quantile(read, 1), 1000);
});

test('sums go on beyond 32 bits', () => {
  const { words, agentId } = new Arena() as unknown as { words: Int32Array; agentId: number };
  const counts = holdsFor(words, 1, agentId);
  const long = 2 ** 31 / 1000;
  for (let i = 0; i < 3; i++) countHold(words, counts, long);
  const { taken, held, longestHeld } = readCounts(words, 1);
  assert.equal([taken, held, longestHeld], [3, 3 * (2 ** 31 - 1), 2 ** 31 - 1]);
});

test('each agent counts its acquisitions in a cell of its own, and goes on in that of one that has died', () => {
  const { words, agentId } = new Arena() as unknown as { words: Int32Array; agentId: number };
  const dead = agentId + 1;
  const left = holdsFor(words, 1, dead);
  countHold(words, left, 1);
  assert.is.not(countsFor(words, 1), left);
  assert.is(holdsFor(words, 1, agentId), left);
  const second = holdsFor(words, 1, dead);
  assert.is.not(second, left);
  countHold(words, left, 2);
  countHold(words, second, 3);
  const { taken, held, longestHeld, waits } = readCounts(words, 1);
  assert.equal([taken, held, longestHeld, waits], [3, 6000, 3000, 0]);
});

test('what is not a primitive is refused', () => {
  for (const bad of [undefined, {}, new Arena()] as unknown[]) {
    assert.throws(
      () => statistics(bad as Lock),
      (error: unknown) => error instanceof TypeError && /primitive/.test(error.message),
    );
  }
});

test.run();
