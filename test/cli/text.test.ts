import { defineStressTest, type Expectation, type TestReport } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { ProgressLine } from '#dist/cli/progress.js';
import { listOf, progressOf, summaryOf, tableOf } from '#dist/cli/text.js';
import { suite } from '../support/suite.js';

const test = suite('text of a run');

const report: TestReport = {
  name: 'race/plain',
  description: 'A race.',
  subject: 'Lock',
  verdict: 'FAILED',
  reason: 'FORBIDDEN seen: wrong (1 ×)',
  outcomes: [
    { result: 'right', samples: 999_999, expectation: 'ACCEPTABLE', description: 'As it should be, at great length.' },
    { result: 'wrong', samples: 1, expectation: 'FORBIDDEN', description: 'Wrong.' },
    { result: 'other', samples: 0, expectation: 'INTERESTING', description: 'Never seen.' },
  ],
  threads: 2,
  seconds: 1,
  samples: 1_000_000,
  samplesPerSecond: 1_000_000,
  overlap: 0.5,
};
const define = (name: string, subject?: string, ...expectations: Expectation[]) =>
  defineStressTest({
    module: import.meta.url,
    name,
    ...(subject !== undefined && { subject }),
    description: 'A race.',
    words: {},
    actors: () => {},
    arbiter: () => '',
    outcomes: expectations.map((expectation) => ({ result: expectation, expectation, description: '' })),
  });

test('rare outcomes have a frequency, and those never seen a row', () => {
  const lines = tableOf(report).split('\n');
  assert.ok(lines.some((line) => /│ wrong +│ +1 │ 0\.00010 % │ FORBIDDEN +│ Wrong\. +│/.test(line)));
  assert.ok(lines.some((line) => /│ other +│ +0 │ +0 % │ INTERESTING │ Never seen\. +│/.test(line)));
});

test('the verdict says why', () => {
  assert.match(
    tableOf(report),
    /\nFAILED: FORBIDDEN seen: wrong \(1 ×\) {2}\(1,000,000 samples, 1,000,000 a second, 2 threads, overlap 50\.00 %\)\n/,
  );
});

test('a table keeps to its width and wraps the description', () => {
  const lines = tableOf(report, 80).split('\n');
  assert.ok(lines.filter((line) => line.startsWith('│')).every((line) => line.length <= 80));
  assert.ok(lines.some((line) => line.includes('length.') && !line.includes('As it should')));
});

test('a test that saw nothing has no frequencies', () => {
  const nothing = report.outcomes.map((outcome) => ({ ...outcome, samples: 0 }));
  assert.match(tableOf({ ...report, samples: 0, outcomes: nothing }), /│ right +│ +0 │ +- │/);
});

test('the summary names what did not pass and counts verdicts and races seen', () => {
  const passed: TestReport = { ...report, name: 'race/lock', verdict: 'PASSED', reason: '' };
  const seen = { ...passed, outcomes: [{ ...report.outcomes[2], samples: 1 }] };
  assert.is(
    summaryOf([report, passed, seen], { skipped: 2, interrupted: true, seconds: 3 }),
    [
      'FAILED  race/plain: FORBIDDEN seen: wrong (1 ×)',
      'interrupted, 2 not run',
      '3 tests in 3.0 s: 2 passed, 0 not seen, 1 failed; race seen in 1, still possible but not seen in 2',
    ].join('\n'),
  );
});

test('the list goes by subject and by verdict, in the order of the tests', () => {
  const tests = [
    define('a/plain', 'Lock', 'ACCEPTABLE', 'INTERESTING'),
    define('b/longer', 'Event', 'ACCEPTABLE', 'FORBIDDEN'),
    define('a/lock', 'Lock', 'ACCEPTABLE', 'FORBIDDEN'),
    define('c/own'),
  ];
  assert.is(
    listOf(tests),
    [
      'Lock',
      '  prevented',
      '    a/lock    A race.',
      '  still possible',
      '    a/plain   A race.',
      '',
      'Event',
      '  prevented',
      '    b/longer  A race.',
      '',
      'other',
      '  prevented',
      '    c/own     A race.',
    ].join('\n'),
  );
});

test('progress is one line that is overwritten and cleared, and shows the total time left', () => {
  let written = '';
  const line = new ProgressLine((text) => {
    written += text;
  }, 12);
  line.show(progressOf('a/x', { samples: 1234, secondsLeft: 0.75, outcomes: [] }, 40.2));
  line.step();
  line.show(progressOf('a/y', { samples: 0, secondsLeft: 1, outcomes: [] }, 40));
  assert.is(
    written,
    '\r\x1b[K[1/12] a/x  1,234 samples  0.8 s left, 41 s in all\r\x1b[K\r\x1b[K[2/12] a/y  0 samples  1.0 s left, 40 s in all',
  );
});

test.run();
