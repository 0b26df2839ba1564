// What the workers of processes and pools are made with: env, execArgv, resourceLimits, stdio.
import { Worker } from 'node:worker_threads';
import {
  fromModule,
  Manager,
  Pool,
  Process,
  SimpleQueue,
  type SyncError,
  WorkerDiedError,
  type WorkerOptions,
} from 'atomics-sync-free/multiprocessing';
import { Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { exitWith, fill, keep, type Made, made, print, tell } from './workers.tasks.js';

const test = suite('what workers are made with');

const OPTIONS = {
  env: { FRUIT: 'fig' },
  execArgv: ['--no-warnings'],
  resourceLimits: { maxOldGenerationSizeMb: 48 },
} as const;
const MADE: Made = { fruit: 'fig', execArgv: ['--no-warnings'], heap: 48 };

function poolOf(...args: ConstructorParameters<typeof Pool>): Pool {
  const pool = new Pool(...args);
  atTestEnd(() => pool.terminate());
  return pool;
}

function managerOf(options: WorkerOptions) {
  const manager = new Manager({ ...options, classes: { Kept: keep } });
  atTestEnd(() => manager.shutdown());
  return manager;
}

test('a pool makes its workers with these options, even those that replace others', async () => {
  const pool = poolOf(1, { ...OPTIONS, maxTasksPerChild: 1 });
  for (let i = 0; i < 2; i++) assert.equal(await pool.applyAsync(made), MADE);
});

test('a process is made with these options', () => {
  const queue = new SimpleQueue<Made>();
  const process = new Process({ target: tell, args: [queue], ...OPTIONS });
  process.start();
  assert.equal(queue.get(20_000), MADE);
  process.join(20_000);
});

test('a manager makes its worker with these options', () => {
  const manager = managerOf(OPTIONS);
  assert.equal(manager.create('Kept').made(), MADE);
});

test('a manager that fills its heap ends, and its owner learns why', async () => {
  const kept = managerOf({ resourceLimits: { maxOldGenerationSizeMb: 24 } }).create('Kept');
  const failed = (await kept.fillAsync().catch((error: unknown) => error)) as SyncError;
  assert.is(failed.code, 'ERR_MANAGER_ENDED');
  assert.instance(failed.cause, WorkerDiedError);
  assert.match((failed.cause as Error).message, /memory limit/);
});

test('what the worker of a process died of is printed', async () => {
  const options = { resourceLimits: { maxOldGenerationSizeMb: 24 } };
  const full = new Process({ target: fill, ...options, name: 'full' });
  const ended = new Process({ target: fill, ...options });
  const printed: string[] = [];
  const { error } = console;
  console.error = (text: string) => void printed.push(text);
  atTestEnd(() => {
    console.error = error;
  });
  for (const process of [full, ended]) process.start();
  ended.terminate();
  await ended.joinAsync({ timeout: 20_000 });
  await until(() => printed.length > 0);
  assert.equal([full.exitcode, ended.exitcode, printed.length], [1, -15, 1]);
  assert.match(printed[0], /^Process full: the worker of full died .* heap out of memory/);
});

test('a worker of a pool that fills its heap is replaced, and only its own task is lost', async () => {
  const pool = poolOf(1, { resourceLimits: { maxOldGenerationSizeMb: 24 } });
  const failed = await pool.applyAsync(fill).catch((error: unknown) => error);
  assert.instance(failed, WorkerDiedError);
  assert.match((failed as Error).message, /memory limit/);
  assert.is((await pool.applyAsync(made)).heap, 24);
});

test('what workers print goes to a function, or nowhere', async () => {
  const printed = { stdout: '', stderr: '' };
  const stdio = (text: string, stream: 'stdout' | 'stderr') => {
    printed[stream] += text;
  };
  const said = () => `${printed.stdout}${printed.stderr}`.split('\n').sort();
  await poolOf(1, { stdio }).applyAsync(print, ['pool']);
  await until(() => said().length === 3);
  assert.equal(said(), ['', 'pool', 'pool!']);
  const process = new Process({ target: print, args: ['process'], stdio });
  process.start();
  await process.joinAsync();
  await until(() => said().length === 5);
  assert.equal(said(), ['', 'pool', 'pool!', 'process', 'process!']);
  const kept = managerOf({ stdio }).create('Kept');
  await kept.printAsync('manager');
  await until(() => said().length === 7);
  assert.equal(said(), ['', 'manager', 'manager!', 'pool', 'pool!', 'process', 'process!']);
  managerOf({ stdio: 'ignore' }).create('Kept').print('must not be seen');
  await poolOf(1, { stdio: 'ignore' }).applyAsync(print, ['must not be seen']);
});

test('child processes have the given environment and command-line options', async () => {
  const { env, execArgv } = OPTIONS;
  const pool = poolOf(1, { env, execArgv, context: 'process' });
  const { fruit, execArgv: options } = await pool.applyAsync(made);
  assert.equal([fruit, options[0]], ['fig', '--no-warnings']);
  const process = new Process({ target: exitWith, env, execArgv, context: 'process' });
  process.start();
  process.join(30_000);
  assert.is(process.exitcode, 42);
});

test('a child process may have an environment that no worker can have', async () => {
  const env = { ...process.env, NODE_OPTIONS: '--title=of-a-child' };
  const pool = poolOf(1, { env, context: 'process' });
  assert.is(await pool.applyAsync(() => process.title), 'of-a-child');
});

test('options that are invalid, or would have no effect, are refused', () => {
  const context = 'process';
  const worker = () => new Worker('');
  const { served } = fromModule<{ served: () => void }>(worker);
  const refused: [object, typeof TypeError, RegExp][] = [
    [{ stdio: 'pipe' }, TypeError, /stdio must be/],
    [{ env: { A: 1 } }, TypeError, /env must be/],
    [{ execArgv: '--no-warnings' }, TypeError, /execArgv must be/],
    [{ resourceLimits: { stackSizeMb: 0 } }, RangeError, /a size in MB/],
    [{ context, resourceLimits: {} }, TypeError, /use execArgv: \['--max-old-space-size/],
    [{ context, stdio: 'ignore' }, TypeError, /output goes where the program's goes/],
  ];
  const isA = (type: typeof TypeError, text: RegExp) => (error: Error) =>
    error instanceof type && text.test(error.message);
  for (const [options, type, text] of refused) {
    assert.throws(() => new Pool(1, options), isA(type, text));
    if (!('context' in options)) assert.throws(() => new Manager(options), isA(type, text));
    assert.throws(() => new Process({ target: made, ...options }), isA(type, text));
  }
  for (const options of [{ env: {} }, { execArgv: [] }, { resourceLimits: {} }, { stdio: 'inherit' }] as const) {
    const isServed = isA(TypeError, /from its `new Worker\(…\)`$/);
    assert.throws(() => new Pool(1, { worker, ...options }), isServed);
    assert.throws(() => new Process({ target: served, ...options }), isServed);
    assert.throws(() => new Thread({ target: served, ...options }), isServed);
  }
});

test.run();
