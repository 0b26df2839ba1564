// Threads that die, or end while they hold a lock: whoever waits for them or for the lock is told.
import { SHARE_ENV, Worker } from 'node:worker_threads';
import { fromModule, Lock, OwnerDiedError, WorkerDiedError } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { joined, resultOf, started, thrownBy } from '../support/threads.js';
import type * as served from '../tasks/served.worker.js';
import { dies, keeps } from './targets.worker.js';

const test = suite('deaths of threads');

/** How long it may take until whoever blocks for a dead thread or its lock is told, in ms. */
const NOTICED = 20_000;

function isAbandoned(lock: Lock): void {
  assert.instance(
    thrownBy(() => lock.acquire(NOTICED)),
    OwnerDiedError,
  );
  lock.recover(() => {});
  assert.not(lock.locked);
}

for (const { how, exitCode, message } of [
  { how: 'exit', exitCode: 3, message: /dies.* died before its function ended: it ended with exit code 3$/ },
  {
    how: 'nothing left',
    exitCode: 0,
    message:
      /it ended with exit code 0, by process.exit, self.close or because nothing was left that could settle its promise$/,
  },
  { how: 'memory', exitCode: 1, message: /memory/ },
] as const) {
  test(`when a thread dies of ${how}, its join returns, its result says so, and its lock is abandoned`, () => {
    const lock = new Lock();
    const thread = joined(started(dies, [how, lock], { resourceLimits: { maxOldGenerationSizeMb: 24 } }));
    const error = thrownBy(() => thread.result);
    assert.instance(error, WorkerDiedError);
    assert.equal([error.code, error.exitCode], ['ERR_WORKER_DIED', exitCode]);
    assert.match(error.message, message);
    isAbandoned(lock);
  });
}

test('a thread that ends while it holds a lock abandons it', () => {
  const lock = new Lock();
  assert.is(resultOf(keeps, lock), undefined);
  isAbandoned(lock);
});

/** A thread that holds the lock, and how to kill it. */
function holder(lock: Lock, how: 'block' | 'spin') {
  let worker: Worker | undefined;
  const { hold } = fromModule<typeof served>(
    () => (worker = new Worker(new URL('../tasks/served.worker.js', import.meta.url))),
  );
  const said = new Int32Array(new SharedArrayBuffer(8));
  const thread = started(hold, [lock, said, how]);
  return { thread, said, kill: () => worker?.terminate() };
}

for (const how of ['block', 'spin'] as const) {
  test(`whoever blocks for a thread terminated in a ${how}, or for its lock, is told`, () => {
    const lock = new Lock();
    const { thread, said, kill } = holder(lock, how);
    assert.is.not(Atomics.wait(said, 0, 0, NOTICED), 'timed-out');
    void kill();
    joined(thread);
    assert.match(thrownBy(() => thread.result).message, /was terminated/);
    isAbandoned(lock);
  });
}

test('a thread killed at any moment ends, and leaves nobody waiting', async () => {
  const lock = new Lock({ onOwnerDeath: 'release' });
  const threads = await Promise.all(
    [0, 5, 15, 30, 50, 80].map(async (ms) => {
      const { thread, kill } = holder(lock, 'spin');
      await new Promise((resolve) => setTimeout(resolve, ms));
      await kill();
      return thread;
    }),
  );
  for (const thread of threads) {
    await thread.joinAsync({ timeout: NOTICED });
    assert.not(thread.isAlive());
    assert.instance(
      thrownBy(() => thread.result),
      WorkerDiedError,
    );
  }
  assert.ok(lock.acquire(NOTICED));
  lock.release();
});

test('settings with which no worker can start end the thread, or are refused', () => {
  const lock = new Lock();
  const thread = joined(started(keeps, [lock], { execArgv: ['--no-such-option'] }));
  assert.match(thrownBy(() => thread.result).message, /no-such-option/);
  for (const [settings, kind] of [
    [{ env: SHARE_ENV }, TypeError],
    [{ env: { A: 1 } }, TypeError],
    [{ execArgv: 'a' }, TypeError],
    [{ resourceLimits: { maxOldGenerationSizeMb: 'much' } }, TypeError],
    [{ resourceLimits: 5 }, TypeError],
    [{ resourceLimits: new Map([['stackSizeMb', 1]]) }, TypeError],
    [{ env: new Map([['A', '1']]) }, TypeError],
    [{ resourceLimits: { stackSizeMb: 0.1 } }, RangeError],
    [{ resourceLimits: { maxOldGenerationSizeMb: 0 } }, RangeError],
  ] as const)
    assert.instance(
      thrownBy(() => started(keeps, [lock], settings as never)),
      kind,
    );
});

test.run();
