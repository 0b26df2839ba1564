import type { TestReport } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { matrixOf, type SettingReport, settings } from '#dist/cli/stress-matrix.js';
import { suite } from '../support/suite.js';

const test = suite('stress matrix');

const report = (seen: number): TestReport => ({
  name: 'race/plain',
  description: 'A race.',
  subject: 'Lock',
  verdict: seen > 4 ? 'FAILED' : 'PASSED',
  reason: seen > 4 ? 'FORBIDDEN seen: lost' : '',
  outcomes: [
    { result: 'right', samples: 10 - seen, expectation: 'ACCEPTABLE', description: '' },
    { result: 'lost', samples: seen, expectation: 'FORBIDDEN', description: '' },
  ],
  threads: 2,
  seconds: 1,
  samples: 10,
  samplesPerSecond: 10,
  overlap: 1,
});
const setting = (name: string, ...tests: TestReport[]): SettingReport => ({ name, flags: [], tests, problem: '' });

test('a row for each outcome, a column for each setting that ran, and a line for each', () => {
  const broken = { ...setting('maglev'), flags: ['--maglev'], problem: 'bad option' };
  const text = matrixOf([setting('as usual', report(0)), setting('interpreter', report(5)), broken]);
  assert.match(text, /│ test +│ result │ expectation │ as usual │ interpreter │\n/);
  assert.match(text, /│ race\/plain +│ right +│ ACCEPTABLE +│ +100 % │ +50\.00 % │\n/);
  assert.match(text, /│ +│ lost +│ FORBIDDEN +│ +0 % │ +50\.00 % │\n/);
  assert.match(text, /\nas usual \(no flags\): 10 samples, nothing failed\n/);
  assert.match(text, /\ninterpreter \(no flags\): 10 samples, FAILED {2}race\/plain: FORBIDDEN seen: lost\n/);
  assert.match(text, /\nmaglev \(--maglev\): did not run: bad option$/);
});

test('this V8 has an interpreter and a baseline compiler', () => {
  const names = settings().map(({ name }) => name);
  for (const name of ['as usual', 'interpreter', 'baseline']) assert.ok(names.includes(name), names.join());
});

test.run();
