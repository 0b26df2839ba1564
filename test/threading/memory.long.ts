// What a program has left of its threads when they have ended.
import { Worker } from 'node:worker_threads';
import { activeCount, fromModule, Lock, reserveSize, WorkerDiedError } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { collectGarbage } from '../support/garbage.js';
import { suite } from '../support/suite.js';
import { started, thrownBy } from '../support/threads.js';
import type * as served from '../tasks/served.worker.js';
import { collected, nothing } from './memory.worker.js';

const test = suite('many threads');

/** Starts so many threads, a few at a time, and awaits their ends. */
async function startThreads(count: number): Promise<void> {
  for (let i = 0; i < count; i += 4) {
    const threads = Array.from({ length: 4 }, () => started(nothing, []));
    await Promise.all(threads.map((thread) => thread.joinAsync({ timeout: 30_000 })));
    assert.ok(threads.every((thread) => thread.result === undefined));
  }
}

/** The least of some, for what is to be collected may be there for a while: here, and in the workers that are kept. */
async function residentBytes(): Promise<number> {
  const threads = Array.from({ length: reserveSize() }, () => started(collected, []));
  await Promise.all(threads.map((thread) => thread.joinAsync({ timeout: 30_000 })));
  let least = Infinity;
  for (let i = 0; i < 20; i++) {
    collectGarbage();
    await new Promise((resolve) => setTimeout(resolve, 20));
    least = Math.min(least, process.memoryUsage.rss());
  }
  return least;
}

for (const [workers, how] of [
  [0, 'on workers of their own'],
  [4, 'on workers of the reserve'],
] as const) {
  test(
    `after a thousand threads ${how} there is as much memory in use as after five hundred`,
    async () => {
      const size = reserveSize(workers);
      await startThreads(500);
      const before = await residentBytes();
      await startThreads(500);
      const after = await residentBytes();
      reserveSize(size);
      assert.ok(after <= before * 1.05, `${before} bytes, then ${after}`);
      assert.is(activeCount(), 1);
    },
    { limit: 400_000 },
  );
}

test(
  'of a hundred threads that are killed at random moments none keeps anybody waiting',
  async () => {
    const lock = new Lock({ onOwnerDeath: 'release' });
    for (let round = 0; round < 25; round++) {
      await Promise.all(
        [1, 2, 3, 4].map(async () => {
          let worker: Worker | undefined;
          const { hold } = fromModule<typeof served>(
            () => (worker = new Worker(new URL('../tasks/served.worker.js', import.meta.url))),
          );
          const thread = started(hold, [lock, new Int32Array(new SharedArrayBuffer(8)), 'spin']);
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 200));
          await worker?.terminate();
          await thread.joinAsync({ timeout: 30_000 });
          assert.instance(
            thrownBy(() => thread.result),
            WorkerDiedError,
          );
        }),
      );
      assert.ok(lock.acquire(30_000));
      lock.release();
    }
  },
  { limit: 200_000 },
);

test.run();
