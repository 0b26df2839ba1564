// Pools by the start method 'process': what is the same as by 'worker', and tasks whose children are killed.
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Pool, WorkerDiedError } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';
import { until } from '../support/workers.js';
import { KILLED_EACH, mayDie, pidOf, spinAfter, tell, told } from './child.tasks.js';
import { isRunning } from './children.js';
import { notThree, square, unsendable } from './pool.tasks.js';

const test = suite('pools of child processes');

const context = 'process';
const TASKS = 10_000;
test('their children do what is asked, one task at a time, and go when the pool does', async () => {
  const pool = new Pool(1, { context, initializer: tell, initargs: ['first'] });
  const pid = pool.apply(pidOf);
  assert.ok(pid !== process.pid && isRunning(pid));
  assert.equal([pool.apply(told), process.env.TOLD], ['first', undefined]);
  assert.equal(pool.map(square, [1, 2, 3]), [1, 4, 9]);
  assert.equal([...pool.imap(square, [4, 5])], [16, 25]);
  assert.match(String(thrownBy(() => pool.map(notThree, [1, 3]))), /RangeError: three/);
  assert.is((thrownBy(() => pool.apply(unsendable)) as { code?: string }).code, 'ERR_NOT_CLONEABLE');
  const shared = { words: new Int32Array(new SharedArrayBuffer(4)) };
  const refused = thrownBy(() => pool.apply(square as never, [1, shared] as never)) as Error;
  assert.match(refused.message, /^args\[1\]\.words\.buffer is a SharedArrayBuffer, .*send a copy/);
  assert.match(
    (thrownBy(() => new Pool(1, { context, initializer: tell, initargs: [shared] })) as Error).message,
    /^initargs\[0\]\.words\.buffer is/,
  );
  pool.close();
  await pool.joinAsync();
  await until(() => !isRunning(pid));
});

test('a task that is given up ends its child, and another does the next', async () => {
  const pool = new Pool(1, { context, maxTasksPerChild: 2 });
  const first = pool.apply(pidOf);
  const file = join(mkdtempSync(join(tmpdir(), 'pool-')), 'runs');
  const spinning = pool.applyAsync(spinAfter, [file]);
  await until(() => existsSync(file));
  rmSync(dirname(file), { recursive: true });
  spinning.cancel();
  const pids = [1, 2, 3].map(() => pool.apply(pidOf));
  assert.equal([new Set([first, ...pids]).size, pids[0] === pids[1]], [3, true]);
  pool.terminate();
  pool.join();
  for (const pid of [first, ...pids]) await until(() => !isRunning(pid));
});

test(
  'each of many tasks has exactly one outcome, whoever is killed',
  async () => {
    const pool = new Pool(2, { context });
    const results = Array.from({ length: TASKS }, (_, id) => pool.applyAsync(mayDie, [id]));
    const outcomes = await Promise.allSettled(results);
    outcomes.forEach((outcome, id) => {
      const kind = id % KILLED_EACH;
      if (kind > 2) assert.equal(outcome, { status: 'fulfilled', value: id });
      else assert.is(outcome.status, 'rejected');
      if (outcome.status === 'fulfilled') return;
      const { reason } = outcome;
      if (kind === 2) assert.is((reason as Error).message, `failed ${id}`);
      else assert.ok(reason instanceof WorkerDiedError && reason.exitCode === (kind === 0 ? -9 : 7));
    });
    assert.is(pool.apply(square, [5]), 25);
    pool.close();
    await pool.joinAsync();
  },
  { limit: 200_000 },
);

test.run();
