import * as assert from 'uvu/assert';
import { matrixOf, type SettingReport, settings } from '#dist/cli/stress-matrix.js';
import { runCommand } from '../support/command.js';
import { suite } from '../support/suite.js';

const test = suite('stress matrix');

test('--matrix runs each setting in a process of its own, and gives the reports of each', async () => {
  const args = ['stress', 'store-buffering', '--seconds', '0.2', '--matrix', '--json'];
  const { code, stdout, stderr } = await runCommand(args);
  assert.equal([code, stderr], [0, '']);
  const { settings: reports } = JSON.parse(stdout) as { settings: SettingReport[] };
  assert.equal(
    reports.map(({ name, tests }) => [name, tests.map((each) => each.name)]),
    settings().map(({ name }) => [name, ['store-buffering/plain', 'store-buffering/atomics']]),
  );
  const text = matrixOf(reports);
  for (const { name } of reports)
    assert.match(text, new RegExp(`^${name} \\(.*\\): [\\d,]+ samples, nothing failed$`, 'm'));
});

test.run();
