import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { runCommand } from '../support/command.js';
import { atTestEnd, suite } from '../support/suite.js';

const test = suite('command compare');

test('prints one table, draws it, and says when there is no such Python', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'compare-'));
  atTestEnd(() => rmSync(folder, { recursive: true }));
  const out = join(folder, 'compare.svg');
  const { code, stdout, stderr } = await runCommand(['compare', '--python', 'no-such-python', '--out', out]);
  assert.is(code, 0);
  assert.is(stderr, 'There is no no-such-python on this machine, so its rows are missing.\n');
  assert.match(stdout, /│ by +│ CPU-bound, ms │ +× │ I\/O-bound, ms │ +× │/);
  for (const row of ['one thread', 'threads, one GIL', 'threads, no GIL', 'Pool of']) assert.match(stdout, row);
  assert.match(readFileSync(out, 'utf8'), /CPU-bound work: times faster than one thread/);
});

test('refuses a number of workers among which nothing can be shared', async () => {
  const { code, stderr } = await runCommand(['compare', '--workers', '1']);
  assert.is(code, 2);
  assert.match(stderr, /at least 2/);
});

test.run();
