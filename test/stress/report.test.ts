import { defineStressTest, type Outcome } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { buildReport } from '#dist/stress/report.js';
import { suite } from '../support/suite.js';

const test = suite('stress report');

const outcomes: Outcome[] = [
  { result: 'right', expectation: 'ACCEPTABLE', description: 'Right.' },
  { result: /^lost \d+$/, expectation: 'INTERESTING', description: 'Lost some.', mustBeSeen: true },
  { result: 'wrong', expectation: 'FORBIDDEN', description: 'Wrong.' },
];
const race = defineStressTest({
  module: import.meta.url,
  name: 'race',
  description: 'A race.',
  words: {},
  actors: () => {},
  arbiter: () => 'right',
  outcomes,
});
const reportOn = (samples: Record<string, number>) =>
  buildReport(race, { samples: new Map(Object.entries(samples)), walked: 200, overlapped: 50 }, 2, 4);

test('a row stands for each declared outcome, seen or not, in declared order', () => {
  assert.equal(reportOn({ 'lost 1': 2, right: 10 }).outcomes, [
    { result: 'right', samples: 10, expectation: 'ACCEPTABLE', description: 'Right.' },
    { result: '/^lost \\d+$/', samples: 2, expectation: 'INTERESTING', description: 'Lost some.' },
    { result: 'wrong', samples: 0, expectation: 'FORBIDDEN', description: 'Wrong.' },
  ]);
});

test('a regular expression gathers all it matches', () => {
  assert.is(reportOn({ 'lost 1': 2, 'lost 2': 3, 'lost count': 5 }).outcomes[1].samples, 5);
});

test('figures are those of the run', () => {
  const { samples, samplesPerSecond, overlap, threads, seconds } = reportOn({ right: 30, 'lost 1': 10 });
  assert.equal(
    { samples, samplesPerSecond, overlap, threads, seconds },
    { samples: 40, samplesPerSecond: 10, overlap: 0.25, threads: 2, seconds: 4 },
  );
});

test('a run that saw what it had to and nothing forbidden has passed', () => {
  const { verdict, reason } = reportOn({ right: 1, 'lost 1': 1 });
  assert.equal([verdict, reason], ['PASSED', '']);
});

test('what must be seen and was not makes the verdict NOT SEEN', () => {
  const { verdict, reason } = reportOn({ right: 1 });
  assert.equal([verdict, reason], ['NOT SEEN', 'must be seen: /^lost \\d+$/']);
});

test('a forbidden outcome fails, whatever else was seen', () => {
  const { verdict, reason } = reportOn({ right: 1, 'lost 1': 1, wrong: 1200 });
  assert.equal([verdict, reason], ['FAILED', 'FORBIDDEN seen: wrong (1,200 ×)']);
});

test('an error that is not declared says where it comes from', () => {
  const samples = new Map([['error: gone', 1]]);
  const places = new Map([['error: gone', 'bid my-race.js:12']]);
  const { outcomes } = buildReport(race, { samples, places, walked: 1, overlapped: 0 }, 2, 1);
  assert.is(outcomes[3].description, 'not declared; thrown by bid my-race.js:12');
});

test('a result that is not declared is forbidden', () => {
  const { verdict, reason, outcomes } = reportOn({ right: 1, 'lost 1': 1, hang: 3 });
  assert.equal([verdict, reason], ['FAILED', 'FORBIDDEN seen: hang (3 ×)']);
  assert.equal(outcomes[3], { result: 'hang', samples: 3, expectation: 'FORBIDDEN', description: 'not declared' });
});

test('seeing nothing at all is a failure', () => {
  const { verdict, reason, samplesPerSecond } = reportOn({});
  assert.equal([verdict, reason, samplesPerSecond], ['FAILED', 'nothing at all was seen', 0]);
});

test('a run in which no two actors met is NOT SEEN', () => {
  const samples = new Map([
    ['right', 100],
    ['lost 1', 1],
  ]);
  const counts = { samples, walked: 200, overlapped: 0 };
  const outcomes = race.outcomes.map((outcome) => ({ ...outcome, mustBeSeen: false }));
  const { verdict, reason } = buildReport({ ...race, outcomes }, counts, 2, 4);
  assert.is(verdict, 'NOT SEEN');
  assert.is(buildReport(race, counts, 2, 4).verdict, 'PASSED', 'what must be seen was');
  assert.match(reason, 'never met');
});

test.run();
