// Counters at their ends: an error there, and nothing changed; those that wrap do it well.
import {
  Arena,
  attach,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  retire,
  Semaphore,
  share,
} from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { countBehind } from '#dist/core/memory/death.js';
import { agentId, MAX_AGENT_ID } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { CLAIM, LIFE } from '#dist/core/memory/slots.js';
import { WORD as EVENT_WORD, WORD as MUTEX_WORD } from '#dist/sync/mutex.js';
import { WORD as RW_WORD } from '#dist/sync/rwmutex.js';
import { rangeError, refuses, syncError } from '../errors/refuses.js';
import { suite } from '../support/suite.js';

const test = suite('limits');

const LIVE = 1;

const newArena = () => new Arena({ byteLength: 4096, agents: 4 });

// --- reads of an RWLock ----------------------------------------------------------------------------------------------

/** Offset in a record, whose lowest bit is not of the count. */
const HELD = 4;

/** Says that this agent, which reads the lock, does so that many times. */
function setReads(lock: RWLock, reads: number): void {
  const { words, tallies } = lock.arena.member;
  const tally = tallies.get(lock.cell + RW_WORD);
  assert.ok(tally);
  words[tally.record + HELD] = (reads << 1) | (words[tally.record + HELD] & 1);
}

const TOO_MANY = syncError('ERR_LIMIT', /holds RWLock\.readLock#\d+ for reading 1073741823 times, which is the most/);

test('an agent reads an RWLock 2³⁰ − 1 times, and not once more, whichever way', async () => {
  const arena = newArena();
  const lock = new RWLock({ arena });
  lock.acquireRead();
  setReads(lock, 2 ** 30 - 2);
  lock.acquireRead();
  const ways: Readonly<Record<string, () => unknown>> = {
    acquireRead: () => lock.acquireRead(),
    'acquireRead with a time-out': () => lock.acquireRead(1000),
    'acquireRead(0)': () => lock.acquireRead(0),
    tryAcquire: () => lock.readLock.tryAcquire(),
    hold: () => lock.holdRead(),
    run: () => lock.readLock.run(() => {}),
    acquireReadAsync: () => lock.acquireReadAsync(),
    'acquireReadAsync with a time-out': () => lock.acquireReadAsync({ timeout: 1 }),
    holdReadAsync: () => lock.holdReadAsync(),
    runAsync: () => lock.readLock.runAsync(() => {}),
  };
  for (const [what, way] of Object.entries(ways)) await refuses(arena, way, TOO_MANY, what);
  // It is a lock that is read still: nobody writes, and there is room for one when one is given back.
  assert.not(lock.acquireWrite(0));
  assert.not(lock.writing);
  assert.match(`${lock}`, 'readers=1073741823');
  lock.releaseRead();
  assert.ok(await lock.acquireReadAsync());
  setReads(lock, 2);
  lock.releaseRead();
  lock.releaseRead();
  assert.is(lock.readers, 0);
  assert.ok(lock.acquireWrite(0));
});

test('a read that the word does not know of is an error, not a count below zero', async () => {
  const arena = newArena();
  const lock = new RWLock({ arena });
  lock.acquireRead();
  Atomics.store(arena.words, lock.cell + RW_WORD, 0);
  await refuses(arena, () => lock.releaseRead(), syncError('ERR_INVARIANT', /has no readers/));
});

// --- acquisitions of an RLock -----------------------------------------------------------------------------------------

test('an RLock is acquired 2³¹ times by its owner, and not once more, whichever way', async () => {
  const arena = newArena();
  const lock = new RLock({ arena });
  const condition = new Condition(lock);
  const another = attach(share(lock));
  lock.acquire();
  Atomics.store(arena.words, countBehind(lock.cell + MUTEX_WORD), 2 ** 31 - 2);
  assert.is(lock.recursionCount, 2 ** 31 - 1);
  assert.ok(lock.acquire());
  assert.is(lock.recursionCount, 2 ** 31);
  const limit = syncError('ERR_LIMIT', /has been acquired 2147483648 times by its owner/);
  const ways: Readonly<Record<string, () => unknown>> = {
    acquire: () => lock.acquire(),
    'acquire with a time-out': () => lock.acquire(10),
    'acquire(0)': () => lock.acquire(0),
    tryAcquire: () => lock.tryAcquire(),
    hold: () => lock.hold(),
    run: () => lock.run(() => {}),
    'Condition.acquire': () => condition.acquire(),
    'Condition.run': () => condition.run(() => {}),
    'by another object': () => another.acquire(),
  };
  for (const [what, way] of Object.entries(ways)) await refuses(arena, way, limit, what);
  assert.ok(lock.isOwned);
  assert.match(`${lock}`, 'count=2147483648');
  // A wait gives all of it up, and gets all of it back.
  assert.not(condition.wait(1));
  assert.is(lock.recursionCount, 2 ** 31);
  lock.release();
  assert.is(lock.recursionCount, 2 ** 31 - 1);
});

// --- permits, parties, sizes ---------------------------------------------------------------------------------------------

test('a Semaphore has 2²⁰ − 1 permits, and not one more', async () => {
  const most = 2 ** 20 - 1;
  const arena = newArena();
  const over = syncError('ERR_OVER_RELEASE', /would exceed them/);
  const semaphore = new Semaphore(most, { arena });
  for (const n of [1, 2, most]) await refuses(arena, () => semaphore.release(n), over, `${n}`);
  semaphore.acquire();
  await refuses(arena, () => semaphore.release(2), over);
  semaphore.release();
  assert.is(semaphore.value, most);
  const empty = new Semaphore(0, { arena });
  empty.release(most);
  assert.is(empty.value, most);
  await refuses(arena, () => empty.release(), over);
  const waiting = new Semaphore(0, { arena });
  const got = waiting.acquireAsync();
  waiting.release(most);
  assert.ok(await got);
  assert.is(waiting.value, most - 1);
  const bounded = new BoundedSemaphore(most, { arena });
  await refuses(arena, () => bounded.release(), over);
  for (const n of [0, -1, 1.5, most + 1, 2 ** 31, Number.MAX_SAFE_INTEGER, NaN, Infinity]) {
    await refuses(arena, () => empty.release(n), rangeError(/n must be a whole number from 1 to 1048575/), `${n}`);
  }
  for (const n of [-1, 0.5, most + 1, 2 ** 32, NaN]) {
    await refuses(arena, () => new Semaphore(n, { arena }), rangeError(/value must be a whole number/), `${n}`);
    await refuses(arena, () => new BoundedSemaphore(n, { arena }), rangeError(/value must be a whole number/), `${n}`);
  }
});

test('a Barrier has up to 16,383 parties, all of which meet', async () => {
  const most = 2 ** 14 - 1;
  const arena = new Arena({ byteLength: 4 << 20, agents: 4 });
  for (const parties of [0, -1, most + 1, 2 ** 31, 1.5, NaN]) {
    await refuses(
      arena,
      () => new Barrier(parties, { arena }),
      rangeError(/parties must be a whole number/),
      `${parties}`,
    );
  }
  const barrier = new Barrier(most, { arena });
  for (const round of [1, 2]) {
    const places = await Promise.all(Array.from({ length: most }, () => barrier.waitAsync()));
    assert.equal(
      [Math.min(...places), Math.max(...places), new Set(places).size],
      [0, most - 1, most],
      `round ${round}`,
    );
  }
  assert.is(barrier.nWaiting, 0);
  assert.not(barrier.broken);
});

// --- what wraps -------------------------------------------------------------------------------------------------------------

test("an Event's generation wraps, and no wait notices", async () => {
  const arena = newArena();
  const event = new Event({ arena });
  const index = event.cell + EVENT_WORD;
  const last = (2 ** 24 - 1) << 3;
  for (let round = 0; round < 3; round++) {
    Atomics.store(arena.words, index, last);
    const pulsed = event.waitAsync();
    event.set();
    event.clear();
    assert.ok(await pulsed, 'a pulse over the end');
    assert.is(Atomics.load(arena.words, index) >>> 3, 0);
    assert.not(event.isSet);
    assert.not(await event.waitAsync({ timeout: 1 }));
    assert.not(event.wait(1));
    const set = event.waitAsync();
    event.set();
    assert.ok(await set);
    assert.ok(event.isSet && event.wait(0));
    event.clear();
  }
});

/** An arena in which the one slot that is free has had all generations but the last. */
function lastGeneration(): Arena {
  const slots = 1023;
  const bytes = 1 << 18;
  const buffer = new SharedArrayBuffer(bytes);
  const words = new Int32Array(buffer);
  words.set(new Arena({ byteLength: bytes, agents: slots }).words);
  // By another identity it is another arena.
  words[2] ^= 1;
  for (let slot = 0; slot < slots; slot++) {
    const index = slotIndex(slot);
    const isFree = slot === slots - 1;
    words.fill(0, index, slotIndex(slot + 1));
    words[index + LIFE] = isFree ? (2 ** 14 - 2) << 2 : (1 << 2) | LIVE;
    words[index + CLAIM] = isFree ? 0 : 1;
  }
  return Arena.over(buffer);
}

test('an agent with the largest possible id can own every primitive', async () => {
  const arena = lastGeneration();
  assert.is(arena.agentId, MAX_AGENT_ID - 1);
  const name = 'agent 1022.16383';
  const lock = new Lock({ arena });
  assert.ok(lock.acquire());
  assert.match(`${lock}`, `locked by ${name}`);
  lock.release();
  await lock.runAsync(() => assert.match(`${lock}`, `locked by a task of ${name}`));
  const rlock = new RLock({ arena });
  assert.is(
    rlock.run(() => rlock.run(() => rlock.recursionCount)),
    2,
  );
  const rwlock = new RWLock({ arena });
  rwlock.acquireWrite();
  assert.match(`${rwlock}`, `written by ${name}`);
  assert.ok(rwlock.writing && rwlock.writeLock.locked && !rwlock.readLock.locked);
  assert.is(rwlock.readers, 0);
  assert.not(rwlock.acquireRead(0));
  assert.throws(
    () => rwlock.acquireRead(),
    (error: { code: string }) => error.code === 'ERR_SELF_DEADLOCK',
  );
  const reading = rwlock.holdReadAsync();
  const writing = rwlock.holdWriteAsync();
  rwlock.releaseWrite();
  (await reading).release();
  const held = await writing;
  assert.match(`${rwlock}`, `written by a task of ${name}`);
  assert.throws(
    () => rwlock.acquireWrite(),
    (error: { code: string }) => error.code === 'ERR_SELF_DEADLOCK',
  );
  held.release();
  assert.match(`${rwlock}`, 'unlocked');
  const condition = new Condition(undefined, { arena });
  const notified = condition.runAsync((hold) => condition.waitAsync({ hold }));
  await condition.runAsync((hold) => condition.notify(1, { hold }));
  assert.ok(await notified);
  const gil = new GIL({ arena });
  gil.run(() => {
    assert.ok(gil.held);
    gil.checkpoint();
  });
  assert.is(gil.statistics().total.acquisitions, 1);
});

test('after the last generation of a slot comes the first, which nobody is taken for', () => {
  const arena = newArena();
  const index = slotIndex(1) + LIFE;
  assert.is(Atomics.load(arena.words, index), 0);
  // As if it had had all of them, and the last one had just been retired.
  Atomics.store(arena.words, index, (2 ** 14 - 1) << 2);
  assert.not(retire(arena, agentId(1, 2 ** 14 - 1)));
  assert.not(retire(arena, agentId(1, 1)));
});

test("a Barrier's epoch wraps, and breaks no wait of another", async () => {
  const arena = newArena();
  const barrier = new Barrier(2, { arena });
  const word = barrier.cell + 3;
  for (const epoch of [4094, 4095, 4096]) {
    Atomics.store(arena.words, word, epoch << 18);
    for (let round = 0; round < 3; round++) {
      assert.equal(await Promise.all([barrier.waitAsync(), barrier.waitAsync()]), [0, 1], `epoch ${epoch}`);
    }
    assert.not(barrier.broken);
    barrier.abort();
    assert.ok(barrier.broken);
    barrier.reset();
    assert.is(barrier.nWaiting, 0);
  }
});

test.run();
