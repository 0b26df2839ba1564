// The tests of a Lock that go on as long as they are told: for a moment in lock.test.ts, for longer in lock.long.ts.
import { Lock, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { GATE } from '#dist/core/memory/cells.js';
import { ASYNC, BLOCKED, STARVING, TASK_WAITER } from '#dist/core/memory/owner.js';
import { WORD } from '#dist/sync/mutex.js';
import type { Suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import type { LockData, Tally } from './lock.worker.js';

const WORKER = new URL('./lock.worker.js', import.meta.url);
/** Ms that a crew, and so a test, may take. */
const LIMIT = 120_000;

/** How many waits it takes to see how many of them time out. */
const WAITS = 200;

/** Workers that do something with a lock. */
export function crew<Result>(lock: Lock, order: LockData['order'], count: number, much = 0) {
  const sum = new Int32Array(new SharedArrayBuffer(4));
  const signal = new Int32Array(new SharedArrayBuffer(4));
  const workerData: LockData = { order, shared: share({ lock }), count: sum, signal, much };
  return { sum, signal, started: Crew.start<Result>(WORKER, { count, workerData, limit: LIMIT }) };
}

async function countUp(order: LockData['order'], count: number, times: number): Promise<Tally> {
  const lock = new Lock();
  const { sum, started } = crew<Tally>(lock, order, count, times);
  const tallies = await (await started).done();
  assert.is(sum[0], count * times);
  assert.not(lock.locked, lock.toString());
  return tallies.reduce((a, b) => ({ waits: a.waits + b.waits, timeouts: a.timeouts + b.timeouts }));
}

/**
 * Workers that increment a word under the lock.
 *
 * @param count - how many workers
 * @param times - how often each increments, at once
 * @param timed - how often each increments in sections of 20 µs
 */
export function testCounting(test: Suite<unknown>, count: number, times: number, timed: number): void {
  const options = { limit: LIMIT };
  test(
    `${count} workers that increment under it lose nothing`,
    async () => {
      await countUp('increment', count, times);
    },
    options,
  );

  test(
    `${count} workers, half of them as async tasks, lose nothing`,
    async () => {
      await countUp('incrementMixed', count, times);
    },
    options,
  );

  test(
    `${count} workers, many of whose waits time out, lose nothing`,
    async () => {
      const all = { waits: 0, timeouts: 0 };
      const end = performance.now() + LIMIT / 2;
      // Again until there are some: that few workers meet at all is up to the machine.
      do {
        const { waits, timeouts } = await countUp('incrementTimed', count, timed);
        all.waits += waits;
        all.timeouts += timeouts;
      } while (all.waits < WAITS && performance.now() < end);
      assert.ok(all.timeouts > 0.1 * all.waits, `only ${all.timeouts} of ${all.waits} waits timed out`);
    },
    options,
  );
}

/** Whether a waiter for the held lock asks for its turn; wakes it in vain when it does not. */
export function starves(lock: Lock, kind: number): boolean {
  if ((wordOf(lock) & (STARVING << kind)) !== 0) return true;
  const gate = lock.cell + GATE + kind;
  Atomics.add(lock.arena.words, gate, 1);
  Atomics.notify(lock.arena.words, gate);
  return false;
}

export const wordOf = (lock: Lock): number => Atomics.load(lock.arena.words, lock.cell + WORD);

/**
 * Lets a task wait on a loop that gets busy, then a thread.
 *
 * @param spin for how long its event loop is busy, in ms
 * @param prepare what to do before the loop gets busy
 * @returns how long after the release the thread got it, in ms; the least of three times, because the machine is busy too
 */
async function passBusyLoop(spin: number, prepare: (lock: Lock) => Promise<unknown>): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && least > 100; attempt++) least = Math.min(least, await passOnce(spin, prepare));
  return least;
}

async function passOnce(spin: number, prepare: (lock: Lock) => Promise<unknown>): Promise<number> {
  const lock = new Lock();
  lock.acquire();
  const busy = crew(lock, 'waitOnBusyLoop', 1, spin);
  const [task] = (await busy.started).members;
  await task.next('waits');
  await until(() => (wordOf(lock) & ASYNC) !== 0);
  await prepare(lock);
  Atomics.store(busy.signal, 0, 1);
  await task.next('is busy');

  const [thread] = (await crew<bigint>(lock, 'block', 1).started).members;
  await thread.next('waits');
  await until(() => (wordOf(lock) & BLOCKED) !== 0);
  const released = process.hrtime.bigint();
  lock.release();
  const got = await thread.result();
  Atomics.store(busy.signal, 0, 2);
  await task.result();
  assert.not(lock.locked);
  return Number(got - released) / 1e6;
}

/** A loop that is busy for so many ms, and a thread behind it. */
export function testBusyLoop(test: Suite<unknown>, spin: number): void {
  test('a thread gets it within 100 ms although a task ahead of it is kept from running by its event loop', async () => {
    const ms = await passBusyLoop(spin, async () => {});
    assert.ok(ms < 100, `${ms} ms after the release`);
  });

  test('a thread gets it within 100 ms although it is reserved for a task whose event loop is busy', async () => {
    const ms = await passBusyLoop(spin, (lock) => until(() => starves(lock, TASK_WAITER)));
    assert.ok(ms < 100, `${ms} ms after the release`);
  });
}
