/** Pools and processes whose workers run the user's own file, as bundlers need. */
import { Worker } from 'node:worker_threads';
import {
  type AsyncResult,
  fromModule,
  Pool,
  Process,
  Queue,
  type SyncError,
  WorkerDiedError,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import type * as forThreads from '../tasks/served.worker.js';
import type * as served from './served.worker.js';

const test = suite('pools of served functions');

const worker = (): Worker => new Worker(new URL('./served.worker.js', import.meta.url));
const threads = (): Worker => new Worker(new URL('../tasks/served.worker.js', import.meta.url));
const { begin, times, exit, tell, fail, unserved } = fromModule<typeof served>(worker);

test('its workers call what their own module serves, blocking and async, and are replaced when they die', async () => {
  const pool = new Pool(2, { worker, initializer: begin, initargs: [10] });
  atTestEnd(() => pool.terminate());
  assert.equal(pool.map(times, [1, 2, 3], { chunkSize: 1 }), [10, 20, 30]);
  const errorOf = (result: AsyncResult): Promise<unknown> =>
    result.then(
      () => undefined,
      (error: unknown) => error,
    );
  const refused = (await errorOf(pool.applyAsync(unserved))) as SyncError;
  assert.equal(
    [refused.code, refused.message],
    ['ERR_FUNCTION', 'the worker does not serve unserved, only begin, times, exit, tell, fail'],
  );
  assert.instance(await errorOf(pool.applyAsync(exit, [3])), WorkerDiedError);
  assert.equal(await pool.mapAsync(times, [4, 5]), [40, 50]);
  pool.close();
  await pool.joinAsync();
});

test('functions of other workers are refused, and so are child processes', () => {
  const other = fromModule<typeof served>(() => worker());
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  for (const { times } of [other, fromModule<typeof served>(worker)])
    assert.throws(() => pool.applyAsync(times, [1]), /this pool has other workers/);
  assert.throws(() => new Pool(1, { worker, context: 'process' }), /are the package's/);
  assert.throws(() => new Pool(1, { worker: 'work.js' as never }), TypeError);
  pool.terminate();
  pool.join();
});

for (const [does, target, arg, code] of [
  ['returns a number ends with 0', times, 7, 0],
  ['calls process.exit ends with its code', exit, 3, 3],
] as const) {
  test(`a process whose served function ${does}, reported while the caller blocks`, () => {
    const process = new Process({ target, args: [arg] });
    process.start();
    process.join(20_000);
    assert.is(process.exitcode, code);
  });
}

test('a process whose function is served knows itself, and its exit code', () => {
  const queue = new Queue<unknown>();
  const process = new Process({ target: tell, args: [queue], name: 'teller' });
  process.start();
  assert.equal(queue.get(20_000), ['teller', 'MainProcess']);
  process.join(20_000);
  assert.is(process.exitcode, 5);
  const failing = new Process({ target: fail });
  failing.start();
  failing.join(20_000);
  assert.is(failing.exitcode, 1);
});

test('a file that serves functions only for threads causes an error that says what pools and processes need', async () => {
  const { cube } = fromModule<typeof forThreads>(threads);
  const process = new Process({ target: cube, args: [2] });
  process.start();
  process.join(20_000);
  assert.is(process.exitcode, 1);
  const pool = new Pool(1, { worker: threads });
  atTestEnd(() => pool.terminate());
  const error = await pool.applyAsync(cube, [2]).catch((error: Error) => error);
  assert.match(String(error), /only cube, hold; take serve from atomics-sync-free\/multiprocessing there/);
});

test.run();
