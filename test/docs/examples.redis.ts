// The examples of doc comments that need a server run on one of the tests' own.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { RedisServer } from '../distributed/redis-server.js';
import { suite } from '../support/suite.js';
import { examples, isAlone, SERVER } from './examples.js';
import { compile, LIMIT, run } from './run-examples.js';

const test = suite('examples with a server');

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

test('a late write is accepted without a fence, and refused with one', async () => {
  const server = await RedisServer.start();
  try {
    const file = fileURLToPath(new URL('../../../docs/examples/fencing.redis.mjs', import.meta.url));
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
