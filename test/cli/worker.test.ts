// What the command says when it cannot begin to work for other machines.
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { sparingly } from '#dist/cli/worker.js';
import { runCommand } from '../support/command.js';
import { suite } from '../support/suite.js';

const test = suite('worker');
const here = fileURLToPath(import.meta.url);

test('a URL after --tasks is taken for a file, and the error says where a URL goes', async () => {
  const before = process.env.REDIS_URL;
  // As a shell sets it when it is given no value.
  process.env.REDIS_URL = '';
  try {
    const { code, stdout, stderr } = await runCommand(['worker', '--tasks', here, 'redis://127.0.0.1:1']);
    assert.equal([code, stdout], [2, '']);
    assert.match(stderr, /^error: there is neither a URL nor REDIS_URL; the URL goes before --tasks, /);
  } finally {
    if (before === undefined) delete process.env.REDIS_URL;
    else process.env.REDIS_URL = before;
  }
});

test('the same trouble is reported once a minute', () => {
  const told: string[] = [];
  let now = 0;
  const tell = sparingly(
    (message) => told.push(`${now} ${message}`),
    () => now,
  );
  for (; now < 100_000; now += 400) tell('away');
  tell('full');
  tell('away');
  assert.equal(told, ['0 away', '60000 away', '100000 full', '100000 away']);
});

test.run();
