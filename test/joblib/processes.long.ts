// The backend 'processes' of Parallel.
import { existsSync, readFileSync } from 'node:fs';
import { delayed, Parallel, WorkerDiedError } from 'atomics-sync-free/joblib';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';
import { until } from '../support/workers.js';
import { ownFolder } from './folder.js';
import { diesAt, nested, square, staysAlive } from './parallel.tasks.js';

const test = suite('Parallel in processes');

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test('its workers are processes, which are kept, die alone and share nothing', () => {
  const parallel = new Parallel({ nJobs: 2, backend: 'processes', batchSize: 1 });
  const pid = delayed(() => process.pid);
  const pids = new Set([...parallel.run(range(8).map(() => pid())), ...parallel.run(range(8).map(() => pid()))]);
  assert.ok(pids.size <= 2 && !pids.has(process.pid));
  assert.equal(
    parallel.run(range(20).map((x) => square(x))),
    range(20).map((x) => x * x),
  );
  const died = thrownBy(() => parallel.run(range(9).map((x) => diesAt(x, 5))));
  assert.ok(died instanceof WorkerDiedError && died.exitCode === 7);
  assert.match(died.message, /busy with task 5 of Parallel, diesAt\(5, 5\)$/);
  assert.equal(parallel.run([square(3)]), [9]);
  // A Parallel within a call makes its own calls there.
  assert.equal(parallel.run([nested(3)]), [{ jobs: 1, squares: [9, 36, 81], blocking: [9] }]);
  const shared = thrownBy(() =>
    parallel.run([delayed((x: Int32Array) => x.length)(new Int32Array(new SharedArrayBuffer(8)))]),
  );
  assert.is((shared as { code?: string }).code, 'ERR_NOT_CLONEABLE');
  assert.match((shared as Error).stack ?? '', /in task 0 of Parallel/);
});

test('a process killed in the middle of a task causes an error within a second, and the next call works', async () => {
  const parallel = new Parallel({ nJobs: 2, backend: 'processes', batchSize: 1 });
  // The least of several, because on a busy machine this agent itself may not run for a moment.
  const delays: number[] = [];
  for (let i = 0; i < 3; i++) {
    const file = `${ownFolder()}/pid`;
    const failed = parallel.runAsync([square(1), staysAlive(file), square(2)]).then(
      () => assert.unreachable() as never,
      (error: unknown) => ({ error, at: performance.now() }),
    );
    const pid = (): number => Number(existsSync(file) && readFileSync(file, 'utf8'));
    await until(() => pid() > 0);
    const killedAt = performance.now();
    process.kill(pid(), 'SIGKILL');
    const { error, at } = await failed;
    assert.match(String(error), /busy with task 1 of Parallel, staysAlive\(/);
    delays.push(at - killedAt);
    assert.equal(await parallel.runAsync([square(3)]), [9]);
  }
  assert.ok(Math.min(...delays) < 1000, `${delays} ms`);
});

test.run();
