// Parallel over machines: processes in folders of their own, which have the same file of functions.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { delayed, fromModule, Parallel, type ParallelConfig } from 'atomics-sync-free/joblib/bullmq';
import { Redis } from 'ioredis';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import type * as Functions from './queue.functions.js';
import { RedisServer } from './redis-server.js';

const test = suite('Parallel over machines');

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const source = fileURLToPath(new URL('queue.functions.js', import.meta.url));
const folders: string[] = [];
const machines: ChildProcess[] = [];
let server: RedisServer;

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'machine-'));
  folders.push(made);
  return made;
};

/** What the program calls: the same file in a third folder. */
const home = folder();
copyFileSync(source, join(home, 'functions.mjs'));
const { square, echo, slow, failing } = fromModule<typeof Functions>(pathToFileURL(join(home, 'functions.mjs')));

test.before(async () => {
  server = await RedisServer.start({ durable: true });
});
test.after(async () => {
  for (const machine of machines) machine.kill('SIGKILL');
  await server.close();
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

/** A machine with a worker. */
async function machine(namespace: string, change: (text: string) => string = (text) => text): Promise<ChildProcess> {
  const own = folder();
  writeFileSync(join(own, 'tasks.mjs'), change(readFileSync(source, 'utf8')));
  const args = [command, 'worker', '--tasks', 'tasks.mjs', '--concurrency', '2', '--namespace', namespace];
  const env = { ...process.env, REDIS_URL: server.url };
  const child = spawn(process.execPath, args, { cwd: own, env, stdio: ['ignore', 'pipe', 'pipe'] });
  machines.push(child);
  let output = '';
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const exit = once(child, 'exit').then(() => {
    throw new Error(`the worker has ended: ${output}`);
  });
  exit.catch(() => {});
  await Promise.race([once(child.stdout, 'data'), exit]);
  atTestEnd(() => void child.kill('SIGKILL'));
  return child;
}

const on = (namespace: string, more: ParallelConfig = {}): ParallelConfig => ({
  backend: 'bullmq',
  url: server.url,
  nJobs: 4,
  namespace,
  ...more,
});

const numbers = (count: number): number[] => Array.from({ length: count }, (_, x) => x);
const linesOf = (file: string): string[] =>
  readFileSync(file, { encoding: 'utf8', flag: 'a+' }).split('\n').slice(0, -1);

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let left = 2000; left > 0; left--) {
    if (condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it has not come to this: ${what}`);
}

test('a program calls functions of another machine, blocking or not, and is told what they throw', async () => {
  await machine('calls');
  const calls = numbers(50).map((x) => delayed(square)(x));
  const squares = numbers(50).map((x) => x * x);
  assert.equal(await new Parallel(on('calls')).runAsync(calls), squares);
  assert.equal(new Parallel(on('calls')).run(calls), squares);
  const file = join(home, 'fails');
  const error = await new Parallel(on('calls')).runAsync([delayed(failing)(2, file)]).catch((thrown) => thrown);
  assert.instance(error, RangeError);
  assert.match(error.stack, 'task 0 of Parallel, failing(2');
  rmSync(file);
  assert.equal(await new Parallel(on('calls', { retries: 2 })).runAsync([delayed(failing)(3, file)]), ['done']);
  const large = new Uint8Array(3_000_001).map((_, at) => at);
  assert.equal(await new Parallel(on('calls')).runAsync([delayed(echo)(large)]), [large]);
});

test('code that a worker does not have is refused, and text of functions is not sent', async () => {
  await machine('other-code', (text) => `${text}\n// changed`);
  const refused = await new Parallel(on('other-code')).runAsync([delayed(square)(1)]).catch((error) => error);
  assert.is(refused.code, 'ERR_FUNCTION');
  assert.match(refused.message, 'functions.mjs');
  const source = delayed((x: number) => x);
  assert.throws(() => new Parallel(on('other-code')).run([source(1)]), /make it a task/);
});

test('one of four workers is killed, one frozen, and the server restarts: each task has one result', async () => {
  const [killed, frozen] = [await machine('deaths'), await machine('deaths')];
  await machine('deaths');
  await machine('deaths');
  const file = join(home, 'deaths');
  const results = new Parallel(on('deaths', { nJobs: 8 })).runAsync(
    numbers(60).map((x) => delayed(slow)(x, 100, file)),
  );
  await until(() => linesOf(file).length > 8, 'work has begun');
  killed.kill('SIGKILL');
  frozen.kill('SIGSTOP');
  await until(() => linesOf(file).length > 20, 'work goes on');
  await server.kill();
  await server.begin();
  assert.equal(await results, numbers(60));
});

test('what is given up is not begun, and what runs is stopped', async () => {
  await machine('given-up');
  const file = join(home, 'given up');
  const abandoned = new Parallel({ ...on('given-up', { nJobs: 8 }), timeout: 1500 });
  const began = performance.now();
  const error = await abandoned
    .runAsync(numbers(16).map((x) => delayed(slow)(x, 60_000, file)))
    .catch((thrown) => thrown);
  assert.is(error.code, 'ERR_TIMEOUT');
  // The worker is free for others at once.
  assert.equal(await new Parallel(on('given-up')).runAsync([delayed(square)(3)]), [9]);
  assert.ok(performance.now() - began < 20_000);
  const redis = new Redis(server.url);
  atTestEnd(() => redis.disconnect());
  assert.is(await redis.llen('given-up:{bull}:tasks:wait'), 0);
});

test('a worker that is told to end ends what it has begun, and another may come later', async () => {
  const first = await machine('scale');
  const file = join(home, 'scale');
  const results = new Parallel(on('scale')).runAsync(numbers(12).map((x) => delayed(slow)(x, 50, file)));
  await until(() => linesOf(file).length > 2, 'work has begun');
  first.kill('SIGTERM');
  await once(first, 'exit');
  assert.is(first.exitCode, 0);
  await machine('scale');
  assert.equal(await results, numbers(12));
  assert.is(new Set(linesOf(file)).size, linesOf(file).length);
});

test('a server that is not there fails the calls, without the password', async () => {
  const url = 'redis://:s3cret@127.0.0.1:1';
  const error = await new Parallel({ ...on('nowhere'), url }).runAsync([delayed(square)(1)]).catch((thrown) => thrown);
  assert.is(error.code, 'ERR_UNREACHABLE');
  assert.not.match(error.stack, 's3cret');
});

test.run();
