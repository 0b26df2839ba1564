import * as assert from 'uvu/assert';
import { type SettingReport, settings } from '#dist/cli/stress-matrix.js';
import { runCommand } from '../support/command.js';
import { suite } from '../support/suite.js';

const test = suite('stress matrix');

test('--matrix runs each setting in a process of its own, and compares', async () => {
  const args = ['stress', 'store-buffering', '--seconds', '0.2', '--matrix'];
  const { code, stdout, stderr } = await runCommand(args);
  assert.equal([code, stderr], [0, '']);
  for (const { name } of settings())
    assert.match(stdout, new RegExp(`^${name} \\(.*\\): [\\d,]+ samples, nothing failed$`, 'm'));
  assert.match(stdout, /│ store-buffering\/plain +│ 0 1 +│ ACCEPTABLE +│/);
});

test('--matrix --json prints one object with the reports of each setting', async () => {
  const { code, stdout } = await runCommand(['stress', 'lost-update/lock', '--seconds', '0.1', '--matrix', '--json']);
  assert.is(code, 0);
  const { settings: reports } = JSON.parse(stdout) as { settings: SettingReport[] };
  assert.equal(
    reports.map(({ name, tests }) => [name, tests.map((each) => each.name)]),
    settings().map(({ name }) => [name, ['lost-update/lock']]),
  );
});

test.run();
