// Programs without a file that a worker could load.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('functions that are typed in');

const PROGRAM = `
import { Thread, task } from 'atomics-sync-free/threading';
for (const target of [(x) => x * x, task(import.meta.url, 'square', (x) => x * x)]) {
  const thread = new Thread({ target, args: [7] });
  thread.start();
  thread.join();
  try {
    console.log(thread.result);
  } catch ({ code, message }) {
    console.log(code, message);
  }
}`;

test('by node -e: a plain function runs, and a task causes an error that names the remedy', () => {
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', PROGRAM], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    encoding: 'utf8',
    timeout: 60_000,
  });
  const [result, error] = stdout.split('\n');
  assert.is(result, '49');
  assert.match(error, /^ERR_FUNCTION .* code that is typed in has no file .* give a plain function/);
});

test.run();
