import { Lock } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { BLOCKED_WAITER, STARVING, STARVING_TASK, TASK, TASK_WAITER } from '#dist/core/memory/owner.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { crew, starves, testBusyLoop, testCounting, wordOf } from './lock-tests.js';
import { aroundNotify } from './notify.js';

const test = suite('Lock');

/** How often a waiter starves. */
const ROUNDS = 10;

for (const count of [2, 8]) testCounting(test, count, 5_000, 1_000);
testBusyLoop(test, 1_000);

for (const kind of [BLOCKED_WAITER, TASK_WAITER]) {
  test(`a release leaves it reserved for a ${kind === BLOCKED_WAITER ? 'thread' : 'task'} that starves`, async () => {
    const lock = new Lock();
    const { sum, started } = crew(lock, kind === BLOCKED_WAITER ? 'blockAgain' : 'waitAgain', 1, ROUNDS);
    const [waiter] = (await started).members;
    const reservation = kind === BLOCKED_WAITER ? STARVING : TASK | STARVING_TASK;
    let reserved = 0;
    for (let round = 0; round < ROUNDS; round++) {
      lock.acquire();
      waiter.tell('again');
      await until(() => starves(lock, kind));
      // Looked at while the waiter still sleeps: once it is woken it may take the lock.
      aroundNotify(
        () => lock.release(),
        (notify) => {
          if (wordOf(lock) === reservation) reserved++;
          return notify();
        },
      );
      await until(() => Atomics.load(sum, 0) > round);
    }
    await waiter.result();
    assert.not(lock.locked);
    // Not always: on a busy machine the waiter may be awake still, and have taken it.
    assert.ok(reserved > ROUNDS / 2, `reserved in ${reserved} rounds`);
  });
}

test.run();
