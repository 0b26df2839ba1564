// The examples of doc comments that need a server run on one of the tests' own.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import * as assert from 'uvu/assert';
import { RedisServer } from '../distributed/redis-server.js';
import { suite } from '../support/suite.js';
import { examples, isAlone, SERVER } from './examples.js';
import { compile, LIMIT, run } from './run-examples.js';

const test = suite('examples with a server');

const docs = (name: string): string => fileURLToPath(new URL(`../../../docs/examples/${name}`, import.meta.url));
const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));

test('all print what they say', async () => {
  const server = await RedisServer.start();
  try {
    const list = examples().filter((example) => !isAlone(example));
    assert.ok(list.length > 5, `${list.length} examples`);
    const moved = list.map((example) => ({ ...example, code: example.code.replaceAll(SERVER, server.url) }));
    assert.equal(compile(moved), []);
    assert.equal(await run(moved, LIMIT), []);
  } finally {
    await server.close();
  }
});

test("the compose file's command starts a server that keeps what it has and evicts nothing", async () => {
  const compose = readFileSync(docs('compose.yaml'), 'utf8');
  const [, line] = /command: valkey-server (.*)/.exec(compose) ?? [];
  // The password is the tests' own.
  const args = line.replace(/ --requirepass \S+/, '').split(' ');
  const server = await RedisServer.start({ args });
  const redis = new Redis(server.url);
  try {
    assert.equal(await redis.config('GET', 'appendonly'), ['appendonly', 'yes']);
    assert.equal(await redis.config('GET', 'maxmemory-policy'), ['maxmemory-policy', 'noeviction']);
    const page = readFileSync(docs('../distributed.md'), 'utf8');
    assert.ok(page.includes(line), 'the page says the same');
  } finally {
    redis.disconnect();
    await server.close();
  }
});

test('a program and its worker on another machine use one file', async () => {
  const server = await RedisServer.start();
  const file = docs('primes.redis.mjs');
  const env = { ...process.env, REDIS_URL: server.url };
  const worker = spawn(process.execPath, [command, 'worker', '--tasks', file], { env });
  try {
    await once(worker.stdout, 'data');
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    assert.is(stdout, '1229 of 10000 numbers are primes\n');
  } finally {
    worker.kill('SIGKILL');
    await server.close();
  }
});

test('a late write is accepted without a fence, and refused with one', async () => {
  const server = await RedisServer.start();
  try {
    const file = docs('fencing.redis.mjs');
    const env = { ...process.env, REDIS_URL: server.url };
    const { stdout } = await promisify(execFile)(process.execPath, [file], { env });
    const expected = [
      'without a fence:',
      '  overwritten by the old holder',
      'with a fence:',
      '  refused: ERR_STALE_FENCE',
      '  paid by the new holder',
    ];
    assert.equal(stdout.trimEnd().split('\n'), expected);
  } finally {
    await server.close();
  }
});

test.run();
