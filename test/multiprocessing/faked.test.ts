// Under fake timers that nobody advances, what other agents do goes on in real time.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';

const test = suite('fake timers above the primitives');
const program = fileURLToPath(new URL('./faked.program.js', import.meta.url));

for (const fakes of ['sinon', 'node'])
  for (const order of ['before', 'after'])
    test(`pools, managers, threads and Memory work with those of ${fakes}, installed ${order} the package`, async () => {
      const cwd = await mkdtemp(join(tmpdir(), 'faked-'));
      atTestEnd(() => rm(cwd, { recursive: true }));
      const args = ['--disable-warning=ExperimentalWarning', program, fakes, order];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd, timeout: 50_000 });
      assert.equal(JSON.parse(stdout), [2, [2, 3, 4], [2, 3], 10, 1, 4, [6, 7], 'TimeoutError', 'failed', [9, 9]]);
    });

test.run();
