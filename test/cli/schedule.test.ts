import * as assert from 'uvu/assert';
import { type Plan, Schedule } from '#dist/cli/schedule.js';
import { suite } from '../support/suite.js';

const test = suite('schedule');

/** A schedule with a clock of its own, which advances as if its jobs always had something to do. */
function schedule(plan: Plan) {
  let now = 0;
  const it = new Schedule(plan, () => now * 1_000);
  const run = (ran: number, overhead = 0): void => {
    now += (ran + overhead) / plan.jobs;
    it.ended(ran);
  };
  return { it, run, elapsed: () => now };
}

test('a given time is every test’s, however many there are', () => {
  const { it, run } = schedule({ tests: 1_000, jobs: 1, seconds: 3, untilSeen: 10 });
  run(3);
  const { seconds, untilSeen, enough } = it.next();
  assert.equal([seconds, untilSeen, enough], [3, 10, undefined]);
});

test('few tests get 2 s each', () => {
  assert.is(schedule({ tests: 3, jobs: 1 }).it.next().seconds, 2);
});

for (const jobs of [1, 4]) {
  test(`with ${jobs} at a time, many tests end within a minute, the start of workers included`, () => {
    const tests = 100;
    const { it, run, elapsed } = schedule({ tests, jobs });
    for (let at = 0; at < tests; at++) run(it.next().seconds, 0.2);
    assert.ok(elapsed() < 60, String(elapsed()));
  });
}

test('a test that has not seen what it must may take longer, and still all end within a minute', () => {
  const tests = 100;
  const { it, run, elapsed } = schedule({ tests, jobs: 1 });
  for (let at = 0; at < tests; at++) {
    const { seconds, untilSeen = 0 } = it.next();
    assert.ok(untilSeen >= seconds);
    run(untilSeen, 0.1);
  }
  assert.ok(elapsed() < 60, String(elapsed()));
});

test('what one test does not need is left to the others', () => {
  const { it, run } = schedule({ tests: 100, jobs: 1 });
  const first = it.next();
  assert.ok((first.untilSeen ?? 0) > first.seconds);
  for (let at = 0; at < 50; at++) run(first.enough ?? 0, 0.1);
  assert.ok(it.next().seconds > first.seconds);
});

test('a time until something is seen can be given alone', () => {
  const { seconds, untilSeen } = schedule({ tests: 2, jobs: 1, untilSeen: 30 }).it.next();
  assert.equal([seconds, untilSeen], [2, 30]);
});

test('the time left counts the tests left and what each costs beside its own time', () => {
  const { it, run } = schedule({ tests: 5, jobs: 2, seconds: 1 });
  assert.is(it.secondsLeft, 2.875);
  run(1, 0.5);
  assert.is(it.secondsLeft, 3);
});

test.run();
