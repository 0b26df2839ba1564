// Ten thousand short tasks in a pool whose workers are ended from outside at random, so that deaths hit every step: taking
// a task, doing it, and putting its result.
import { Pool } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { client } from '#dist/tasks/client.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { osPid, toil, untilGivenUp } from './pool.tasks.js';

const test = suite('pools whose workers are killed');

const TASKS = 10_000;
const KILLS = 20;
/** The longest that any of these tests waits, in ms. */
const LONG = 60_000;

for (const retries of [0, 100]) {
  test(`each of ${TASKS} tasks has one outcome, and no worker is left; ${retries} retries`, async () => {
    const { roll } = client();
    const before = roll.list().length;
    const pool = new Pool(2);
    atTestEnd(() => pool.terminate());
    const words = new Int32Array(new SharedArrayBuffer(4 * (TASKS + 1)));
    const outcomes = new Int32Array(TASKS);
    const results = Array.from({ length: TASKS }, (_, id) => {
      const count = (): void => void outcomes[id]++;
      return pool.applyAsync(toil, [words, id], { callback: count, errorCallback: count, retries });
    });
    let kills = 0;
    let random = 12345;
    const done = (): boolean => results.every((result) => result.ready());
    for (const end = performance.now() + LONG; !done() && performance.now() < end; ) {
      random = (random * 1103515245 + 12345) & 0x7fffffff;
      await new Promise((resolve) => setTimeout(resolve, (random >> 8) % 30));
      // A worker that has had a task, because one that dies before its first breaks the pool.
      const victim = roll.list().find(({ ident }) => ident === Atomics.load(words, TASKS));
      if (victim === undefined || kills === KILLS) continue;
      kills++;
      client().send({ kind: 'terminate', entry: victim });
    }
    const { completed, failed, retried, deaths, waiting, running } = pool.statistics();
    assert.equal([done(), waiting, running], [true, 0, 0]);
    assert.is(
      outcomes.findIndex((count) => count !== 1),
      -1,
    );
    assert.is(completed + failed, TASKS);
    assert.ok(deaths > 0 && deaths <= kills, `${deaths} of ${kills} have died`);
    assert.ok(retries === 0 ? failed <= deaths : failed === 0 && retried <= deaths, `${failed} failed`);
    const calls = words.subarray(0, TASKS).reduce((sum, count) => sum + count);
    assert.ok(calls >= completed && calls <= TASKS + retried, `${calls} calls`);
    pool.close();
    await pool.joinAsync();
    await until(() => roll.list().length === before);
  });
}

test('a pool may have 512 workers', () => {
  const pool = new Pool(512);
  atTestEnd(() => pool.terminate());
  assert.is(pool.applyAsync(osPid).get(LONG), process.pid);
});

test('a child process is told that its task was given up, too, and is kept if the task ends in time', async () => {
  const pool = new Pool(1, { context: 'process', grace: LONG });
  atTestEnd(() => pool.terminate());
  const before = await pool.applyAsync(osPid);
  const task = pool.applyAsync(untilGivenUp);
  await until(() => pool.statistics().running === 1);
  task.cancel();
  assert.is(await pool.applyAsync(osPid), before);
  assert.equal([pool.statistics().cancelled, pool.statistics().deaths], [1, 0]);
});

test.run();
