// Parallel over machines, which are processes in folders of their own with the same file of functions.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { inspect } from 'node:util';
import { delayed, fromModule, Parallel, type ParallelConfig } from 'atomics-sync-free/joblib/bullmq';
import { Redis } from 'ioredis';
import * as assert from 'uvu/assert';
import { carry, fetchCarried, QUEUE } from '#dist/bullmq/queue.js';
import { addressOf } from '#dist/distributed/address.js';
import { Server } from '#dist/distributed/server.js';
import { atTestEnd, suite } from '../support/suite.js';
import type * as Functions from './queue.functions.js';
import { checkSecret, RedisServer } from './redis-server.js';

const test = suite('Parallel over machines');

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const source = fileURLToPath(new URL('queue.functions.js', import.meta.url));
const folders: string[] = [];
const machines: ChildProcess[] = [];
/** The output of all machines. */
let printed = '';
let server: RedisServer;

const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'machine-'));
  folders.push(made);
  return made;
};

/** The folder with the program's own copy of that file. */
const home = folder();
copyFileSync(source, join(home, 'functions.mjs'));
const { square, echo, slow, failing, unsendable } = fromModule<typeof Functions>(
  pathToFileURL(join(home, 'functions.mjs')),
);

test.before(async () => {
  server = await RedisServer.start({ durable: true });
});
test.after(async () => {
  for (const machine of machines) machine.kill('SIGKILL');
  await server.close();
  for (const each of folders) rmSync(each, { recursive: true, force: true });
});

/** A machine with a worker. */
async function machine(
  namespace: string,
  change: (text: string) => string = (text) => text,
  url = server.url,
): Promise<ChildProcess> {
  const own = folder();
  writeFileSync(join(own, 'tasks.mjs'), change(readFileSync(source, 'utf8')));
  const args = [command, 'worker', '--tasks', 'tasks.mjs', '--concurrency', '2', '--namespace', namespace];
  const env = { ...process.env, REDIS_URL: url };
  const child = spawn(process.execPath, args, { cwd: own, env, stdio: ['ignore', 'pipe', 'pipe'] });
  machines.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      output += chunk;
      printed += chunk;
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

async function until(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
  for (let left = 2000; left > 0; left--) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it has not come to this: ${what}`);
}

/** @returns the error with which a Parallel fails, checked for the password */
async function failureOf(promise: Promise<unknown>): Promise<{ code: string; message: string; stack: string }> {
  const error = await promise.then(
    () => {
      throw new Error('nothing was thrown');
    },
    (thrown) => thrown,
  );
  checkSecret(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`);
  return error;
}

function ask(): Redis {
  const redis = new Redis(server.url);
  redis.on('error', () => {});
  atTestEnd(() => redis.disconnect());
  return redis;
}

test('a program can call functions on another machine, blocking or not, and gets what they throw', async () => {
  await machine('calls');
  const calls = numbers(50).map((x) => delayed(square)(x));
  const squares = numbers(50).map((x) => x * x);
  assert.equal(await new Parallel(on('calls')).runAsync(calls), squares);
  assert.equal(new Parallel(on('calls')).run(calls), squares);
  const file = join(home, 'fails');
  const error = await failureOf(new Parallel(on('calls')).runAsync([delayed(failing)(2, file)]));
  assert.instance(error, RangeError);
  assert.match(error.stack, 'task 0 of Parallel, failing(2');
  rmSync(file);
  assert.equal(await new Parallel(on('calls', { retries: 2 })).runAsync([delayed(failing)(3, file)]), ['done']);
  const large = new Uint8Array(3_000_001).map((_, at) => at);
  assert.equal(await new Parallel(on('calls')).runAsync([delayed(echo)(large)]), [large]);
  for (const [x, kind] of [
    [1, 'function'],
    [2, 'SharedArrayBuffer'],
  ] as const) {
    const batch = [0, x].map((each) => delayed(unsendable)(each));
    const refused = await failureOf(new Parallel({ ...on('calls'), batchSize: 2 }).runAsync(batch));
    assert.match(refused.message, new RegExp(`^the result is a ${kind}`));
    assert.match(refused.stack, `task 1 of Parallel, unsendable(${x})`);
  }
  const batch = [1, { call: () => 1 }].map((each) => delayed(square)(each as number));
  const refused = await failureOf(new Parallel({ ...on('calls'), batchSize: 2 }).runAsync(batch));
  assert.match(refused.message, /^args\[0\]\.call is a function/);
});

test('code that a worker does not have is refused, and the source of functions is not sent', async () => {
  await machine('other-code', (text) => `${text}\n// changed`);
  const refused = await failureOf(new Parallel(on('other-code')).runAsync([delayed(square)(1)]));
  assert.is(refused.code, 'ERR_FUNCTION');
  assert.match(refused.message, 'functions.mjs');
  const source = delayed((x: number) => x);
  assert.throws(() => new Parallel(on('other-code')).run([source(1)]), /make it a task/);
});

test('each task has one result, although one of four workers is killed, one frozen, and the server restarts', async () => {
  const all = await Promise.all(numbers(4).map(() => machine('deaths')));
  const [killed, frozen] = all;
  const file = join(home, 'deaths');
  const isBusy = ({ pid }: ChildProcess): boolean => linesOf(file).some((line) => line.endsWith(` ${pid}`));
  const results = new Parallel(on('deaths', { nJobs: 8 })).runAsync(
    numbers(60).map((x) => delayed(slow)(x, 100, file)),
  );
  await until(() => all.every(isBusy), 'all work');
  killed.kill('SIGKILL');
  frozen.kill('SIGSTOP');
  const begun = linesOf(file).length;
  await until(() => linesOf(file).length > begun + 8, 'work goes on');
  await server.kill();
  await server.begin();
  assert.equal(await results, numbers(60));
  // What those two were doing was begun again by others.
  assert.ok(linesOf(file).length > 60);
  // The frozen one finds that its work is done, and goes on with other work.
  frozen.kill('SIGCONT');
  for (const each of all.slice(2)) each.kill('SIGKILL');
  assert.equal(await new Parallel(on('deaths')).runAsync([delayed(square)(3)]), [9]);
});

test('when a Parallel gives up, waiting calls are not begun, and running ones are stopped', async () => {
  await machine('given-up');
  const file = join(home, 'given up');
  const abandoned = new Parallel({ ...on('given-up', { nJobs: 8 }), timeout: 1500 });
  const error = await failureOf(abandoned.runAsync(numbers(16).map((x) => delayed(slow)(x, 600_000, file))));
  assert.is(error.code, 'ERR_TIMEOUT');
  // The worker is free for others at once.
  assert.equal(await new Parallel(on('given-up')).runAsync([delayed(square)(3)]), [9]);
  const redis = ask();
  assert.is(await redis.llen(`given-up:{bull}:${QUEUE}:wait`), 0);
});

test('machines may come and go while work is under way, and one that is told to end finishes what it has begun', async () => {
  const first = await machine('scale');
  const file = join(home, 'scale');
  const isBusy = ({ pid }: ChildProcess): boolean => linesOf(file).some((line) => line.endsWith(` ${pid}`));
  const goOn = join(home, 'scale is done');
  const results = new Parallel({ ...on('scale'), batchSize: 1 }).runAsync(
    numbers(400).map((x) => delayed(slow)(x, 50, file, goOn)),
  );
  await until(() => isBusy(first), 'the first works');
  const second = await machine('scale');
  await until(() => isBusy(second), 'the second has work, too');
  first.kill('SIGTERM');
  await once(first, 'exit');
  assert.is(first.exitCode, 0);
  second.kill('SIGTERM');
  await once(second, 'exit');
  const third = await machine('scale');
  await until(() => isBusy(third), 'the third goes on alone');
  writeFileSync(goOn, '');
  assert.equal(await results, numbers(400));
  assert.is(new Set(linesOf(file)).size, linesOf(file).length);
});

test('a lack of workers is reported after the patience', async () => {
  const error = await failureOf(new Parallel(on('nobody', { patience: 500 })).runAsync([delayed(square)(1)]));
  assert.is(error.code, 'ERR_NO_WORKERS');
  assert.match(error.message, 'npx atomics-sync-free worker');
  // What was given up will not be begun by a worker that comes later.
  const redis = ask();
  await until(async () => (await redis.llen(`nobody:{bull}:${QUEUE}:wait`)) === 0, 'nothing waits');
});

test('a worker that takes batches in another format does not count', async () => {
  // Listens as a worker of 0.7.0 does, in whose queue this program's batches are not.
  await ask().subscribe('old:tasks:cancelled');
  const error = await failureOf(new Parallel(on('old', { patience: 500 })).runAsync([delayed(square)(1)]));
  assert.is(error.code, 'ERR_NO_WORKERS');
  assert.match(error.message, 'of this version');
});

test('a server that becomes full, read-only, slow or unreachable is reported or waited for, and then work goes on', async () => {
  await machine('trouble');
  const redis = ask();
  const file = join(home, 'trouble');
  /** Runs a loop, in the middle of which something happens to the server. */
  const loop = async (happens: () => Promise<unknown>, patience?: number): Promise<number[]> => {
    rmSync(file, { force: true });
    const calls = numbers(40).map((x) => delayed(slow)(x, 25, file));
    const results = new Parallel({ ...on('trouble', { patience }), batchSize: 1 }).runAsync(calls);
    results.catch(() => {});
    await until(() => linesOf(file).length > 4, 'work has begun');
    await happens();
    return results;
  };
  const works = async (): Promise<void> =>
    assert.equal(await new Parallel(on('trouble')).runAsync([delayed(square)(3)]), [9]);

  const full = await failureOf(loop(() => redis.config('SET', 'maxmemory', '1', 'maxmemory-policy', 'noeviction')));
  assert.is(full.code, 'ERR_SERVER_FULL');
  await redis.config('SET', 'maxmemory', '0');
  await works();

  const readOnly = await failureOf(loop(() => redis.call('REPLICAOF', '127.0.0.1', '1'), 500));
  assert.is(readOnly.code, 'ERR_READ_ONLY');
  await redis.call('REPLICAOF', 'NO', 'ONE');
  await works();

  assert.equal(await loop(() => redis.call('CLIENT', 'PAUSE', '1500', 'ALL')), numbers(40));

  const away = await failureOf(loop(() => server.kill(), 500));
  assert.is(away.code, 'ERR_UNREACHABLE');
  await server.begin();
  await works();
});

test('calls fail while the server is not there, and it is found once it is', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  await own.kill();
  const there = on('later', { url: own.url, patience: 500 });
  assert.is((await failureOf(new Parallel(there).runAsync([delayed(square)(1)]))).code, 'ERR_UNREACHABLE');
  assert.throws(() => new Parallel(there).run([delayed(square)(1)]), /cannot be reached/);
  await own.begin();
  assert.is((await failureOf(new Parallel(there).runAsync([delayed(square)(1)]))).code, 'ERR_NO_WORKERS');
});

test('a machine that is told to end while the server is away ends, even if it has work', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  const [idle, busy] = [await machine('idle', undefined, own.url), await machine('busy', undefined, own.url)];
  const file = join(home, 'busy');
  const there = on('busy', { url: own.url, patience: 500 });
  const results = failureOf(new Parallel(there).runAsync([delayed(slow)(1, 600_000, file)]));
  await until(() => linesOf(file).length > 0, 'it works');
  await own.kill();
  for (const each of [idle, busy]) each.kill('SIGTERM');
  const hasEnded = ({ exitCode }: ChildProcess): boolean => exitCode === 0;
  await until(() => hasEnded(idle) && hasEnded(busy), 'both have ended');
  assert.is((await results).code, 'ERR_UNREACHABLE');
});

test('large values arrive whole when commands are sent twice, and expire even if their sender dies', async () => {
  const real = await Server.open(addressOf(server.url), 10_000);
  atTestEnd(() => real.close());
  /** Sends each command twice, as after a connection that broke before the first answer. */
  const twice = {
    label: 'twice',
    command: (...args: Parameters<Server['command']>) => real.command(...args).then(() => real.command(...args)),
    run: (...args: Parameters<Server['run']>) => real.run(...args).then(() => real.run(...args)),
  } as unknown as Server;
  const bytes = new Uint8Array(3_000_001).map((_, at) => at);
  const carried = await carry(twice, 'left:twice', bytes);
  assert.is(Buffer.compare(await fetchCarried(real, carried), bytes), 0);
  // What is sent again replaces what was there.
  await carry(real, 'left:twice', bytes.subarray(0, 1_500_000));
  assert.is((await fetchCarried(real, carried)).length, 1_500_000);
  const dies = {
    label: 'dies',
    command: async (name: string, ...args: Parameters<Server['run']>[1]) => {
      await real.command(name, ...args);
      if (name === 'RPUSH') throw new Error('died');
    },
    run: async (...args: Parameters<Server['run']>) => {
      await real.run(...args);
      throw new Error('died');
    },
  } as unknown as Server;
  await carry(dies, 'left:dies', bytes).catch(() => {});
  assert.ok(Number(await real.command('TTL', 'left:dies')) > 0);
  await real.command('UNLINK', 'left:twice', 'left:dies');
});

test('finished work leaves nothing behind, all keys are in their namespaces, and no machine has printed the password', async () => {
  await machine('left');
  const large = new Uint8Array(1_500_000);
  const calls = [
    ...numbers(30).map((x) => delayed(square)(x)),
    delayed(echo)(large),
    delayed(failing)(9, join(home, 'left')),
  ];
  await failureOf(new Parallel(on('left')).runAsync(calls));
  assert.equal(await new Parallel(on('left')).runAsync([delayed(echo)(large)]), [large]);
  const redis = ask();
  const isLeft = (key: string): boolean =>
    new RegExp(`:${QUEUE}:([0-9a-f]{16}-|arguments|result|completed|failed|wait|active)`).test(key);
  await until(async () => !(await redis.keys('left:*')).some(isLeft), 'no job and no part is left');
  const namespaces = ['calls', 'other-code', 'deaths', 'given-up', 'scale', 'nobody', 'old', 'trouble', 'left'];
  const keys = await redis.keys('*');
  assert.equal(
    keys.filter((key) => !namespaces.some((each) => key.startsWith(`${each}:{bull}:${QUEUE}:`))),
    [],
  );
  assert.ok(keys.length > 0);
  checkSecret(printed);
});

test.run();
