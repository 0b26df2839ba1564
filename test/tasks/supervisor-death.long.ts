import { spawnSync } from 'node:child_process';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('the end of the supervisor, later');

const PROGRAM = new URL('./supervisor-slow-death.program.js', import.meta.url).pathname;

const cases: [kind: string, of: string][] = [
  ['held', 'that is long in ending'],
  ['unborn', 'that ends before it has begun'],
];
for (const [kind, of] of cases) {
  test(`whoever blocks is told even of a supervisor ${of}`, () => {
    const args = [PROGRAM, kind];
    const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8', timeout: 100_000 });
    assert.is(stdout, 'ERR_WORKER_DIED\n', stderr);
  });
}

test.run();
