// How the table of what works where is made; its contents come from the runs.
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import type { Host, Verdict } from './check.js';
import type { Report } from './report.js';
import { tableOf, withoutBrowsers, withTable } from './table.js';

const test = suite('table of hosts');

const verdicts: readonly Verdict[] = [
  { feature: 'threads', name: 'start' },
  { feature: 'threads', name: 'exit' },
  { feature: 'Memory', name: 'keep' },
];
const [start, , keep] = verdicts;
const exit: Verdict = { feature: 'threads', name: 'exit', reason: 'nothing exits' };
const noFiles: Verdict = { ...keep, reason: 'no files' };

const report = (host: Host, version: string, own = verdicts): Report => ({ host, version, verdicts: own });
const all: readonly Report[] = [
  report('bun', '1.4.5'),
  report('firefox', '153.0', [start, exit, noFiles]),
  ...['26.1.0', '24.2.0', '22.3.0', '20.19.0'].map((version) => report('node', version)),
  report('deno', '2.9.6'),
  report('chromium', '156.0.1.2'),
];

const TABLE = `
| | Node 20, 22, 24, 26 | Deno 2.9 | Bun 1.4 | Chromium 156 | Firefox 153 |
|---|---|---|---|---|---|
| threads | yes | yes | yes | yes | yes, but nothing exits |
| Memory | yes | yes | yes | yes | no: no files |`.trim();

test('it has a column a host, and says why a host cannot', () => {
  assert.is(tableOf(all), TABLE);
});

test('of a host whose older versions could not do something it says the same by any version', () => {
  const formerly = 'before 145 nothing exits';
  for (const told of [{ formerly }, { formerly, reason: 'nothing exits' }]) {
    const own = report('firefox', '140.0', [start, { ...exit, ...told }, noFiles]);
    const table = tableOf(all.map((each) => (each.host === 'firefox' ? own : each)));
    assert.match(table, '| threads | yes | yes | yes | yes | yes, but before 145 nothing exits |');
  }
});

test('it is not made while a host is missing, has run in two versions, or has failed', () => {
  const without = all.filter(({ version }) => version !== '22.3.0');
  assert.throws(() => tableOf(without), 'node 22 has not run');
  assert.throws(() => tableOf([...all, report('deno', '2.10.0')]), 'several versions');
  const failed = { ...start, failed: 'Error: no end' };
  assert.throws(() => tableOf([...without, report('node', '22.3.0', [failed])]), 'threads: start\nError: no end');
  // One that has fewer checks than others is no host without an exception.
  assert.throws(
    () => tableOf(all.map((each) => (each.host === 'bun' ? report('bun', '1.4.5', [keep]) : each))),
    'no check',
  );
});

test('it takes the place of the one in the page, where only the version of a browser may differ', () => {
  const page = `# Title\n\n<!-- hosts -->\n\n${TABLE}\n\n<!-- end -->\n\nText.\n`;
  assert.is(withTable(page, TABLE), page);
  const other = TABLE.replace('Firefox 153', 'Firefox 154');
  assert.not.equal(withTable(page, other), page);
  assert.is(withoutBrowsers(withTable(page, other)), withoutBrowsers(page));
  const wrong = TABLE.replace('no files', 'no disk');
  assert.not.equal(withoutBrowsers(withTable(page, wrong)), withoutBrowsers(page));
  assert.throws(() => withTable('# Title\n', TABLE), 'no place');
});

test.run();
