import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('the end of the supervisor, later');

const PROGRAM = new URL('./supervisor-slow-death.program.js', import.meta.url).pathname;

test('whoever blocks is told also of a supervisor that is long in ending', () => {
  const { stdout, stderr } = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: 50_000 });
  assert.is(stdout, 'ERR_WORKER_DIED\n', stderr);
});

test.run();
