import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('the end of the supervisor');

const PROGRAM = new URL('./supervisor-death.program.js', import.meta.url).pathname;

test('whoever blocks for news that only it would have sent gets an error, and the next start has a new supervisor', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: 60_000 });
  assert.is(status, 0, stderr);
  const { told, last, after, ended } = JSON.parse(stdout);
  assert.equal(told, {
    'join of a thread': 'ERR_WORKER_DIED',
    'join of a process': 1,
    'a sentinel': 1,
    'a call of a pool': 'ERR_WORKER_DIED',
    'a call of a manager': 'ERR_MANAGER_ENDED',
  });
  assert.equal([last, after], ['ERR_WORKER_DIED', 'done']);
  assert.ok(ended > 5);
});

test.run();
