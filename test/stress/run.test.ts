import { catalogue, run, type StressTest, selectTests, type TestReport } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { processors } from '#host';
import { suite } from '../support/suite.js';
import { late } from './fixtures/late.fixture.js';
import * as races from './fixtures/races.fixture.js';

const test = suite('stress run');

const samplesOf = (report: TestReport, result: string): number =>
  report.outcomes.find((outcome) => outcome.result === result)?.samples ?? 0;

/** Runs a test again until a result is seen: that two workers meet at all is up to the machine. */
async function runUntilSeen(race: StressTest, result: string): Promise<TestReport> {
  const end = performance.now() + 40_000;
  for (;;) {
    const report = await run(race, { seconds: 0.5 });
    if (samplesOf(report, result) > 0 || performance.now() > end) return report;
  }
}

/** Runs a test until a result has been seen a second time, after the run had to go on with new workers. */
function runUntilTwice(race: StressTest, result: string): Promise<TestReport> {
  const enough = new AbortController();
  return run(race, {
    seconds: 40,
    signal: enough.signal,
    onProgress: ({ outcomes }) => {
      if (outcomes.some((outcome) => outcome.result === result && outcome.samples >= 2)) enough.abort();
    },
  });
}

test('updates are lost without protection', async () => {
  const [race] = selectTests(catalogue, ['lost-update/unprotected']);
  const report = await runUntilSeen(race, 'lost');
  assert.ok(samplesOf(report, 'lost') > 0);
  assert.ok(samplesOf(report, 'exact') > 0);
  assert.is(report.verdict, 'PASSED');
});

test('no update is lost under a Lock, on two threads and on more than there are processors', async () => {
  const [race] = selectTests(catalogue, ['lost-update/lock']);
  for (const threads of [2, processors() + 2]) {
    const report = await run(race, { seconds: 0.5, untilSeen: 40, threads });
    assert.ok(samplesOf(report, 'exact') > 0);
    assert.is(samplesOf(report, 'lost'), 0);
    assert.equal([report.verdict, report.threads], ['PASSED', threads]);
  }
});

test('every actor plays every iteration, however many there are', async () => {
  assert.is((await run(races.steady, { seconds: 0.2, untilSeen: 40 })).verdict, 'PASSED');
  const report = await run(races.steady, { seconds: 0.2, threads: 5 });
  assert.is(samplesOf(report, '5 played'), report.samples);
  assert.ok(report.samples > 0);
});

test('a run whose time is over before its actors have begun still sees something', async () => {
  const report = await run(races.steady, { seconds: 1e-6 });
  assert.ok(report.samples > 0);
});

test('a list of actors is played side by side as often as the threads allow', async () => {
  const report = await run(races.cast, { seconds: 0.2, untilSeen: 40, threads: 5 });
  assert.equal([report.verdict, report.threads], ['PASSED', 4]);
  assert.is((await run(races.cast, { seconds: 0.2, threads: 2 })).threads, 2);
});

test('actors meet in the same iteration', async () => {
  const end = performance.now() + 40_000;
  let overlap = 0;
  while (overlap === 0 && performance.now() < end) ({ overlap } = await run(races.cast, { seconds: 0.2 }));
  assert.ok(overlap > 0);
});

test('a result that is not declared fails the test', async () => {
  const report = await run(races.undeclared, { seconds: 0.2 });
  assert.is(report.verdict, 'FAILED');
  assert.match(report.reason, /^FORBIDDEN seen: 2 played/);
});

test('an iteration in which an actor is killed is judged, once, and others play on in the next ones', async () => {
  const died = '1 begun, 0 ended, 1 other';
  const report = await runUntilTwice(races.killing, died);
  assert.ok(samplesOf(report, died) >= 2);
  assert.is.not(report.verdict, 'FAILED');
});

test('a regular expression matches results of real runs', async () => {
  assert.is((await run(races.gathered, { seconds: 0.2, untilSeen: 40 })).verdict, 'PASSED');
});

test('an outcome that must be seen and was not makes the verdict NOT SEEN', async () => {
  assert.is((await run(races.mustSee, { seconds: 0.2 })).verdict, 'NOT SEEN');
});

test('a hang is counted, and the run goes on with new workers', async () => {
  const report = await runUntilTwice(races.mayHang, 'hang');
  assert.ok(samplesOf(report, 'hang') >= 2, JSON.stringify(report.outcomes));
  assert.is.not(report.verdict, 'FAILED');
});

test('a hang that is not declared is forbidden', async () => {
  const report = await run(races.hangs, { seconds: 0.2 });
  assert.is(report.verdict, 'FAILED');
  assert.match(report.reason, /^FORBIDDEN seen: hang \(\d ×\)$/);
});

test('what an actor throws is a result; undeclared, it is forbidden and ends the test', async () => {
  const report = await run(races.throws, { seconds: 600 });
  assert.equal([report.verdict, report.reason], ['FAILED', 'FORBIDDEN seen: error: broken on purpose (1 ×)']);
  const { description } = report.outcomes.at(-1) ?? {};
  assert.match(description ?? '', /^not declared; thrown by .*races\.fixture\.(ts|js):\d+:\d+$/);
});

test('after an error that is declared the run goes on', async () => {
  const report = await runUntilTwice(races.mayThrow, 'error: broken on purpose');
  assert.ok(samplesOf(report, 'error: broken on purpose') >= 2, JSON.stringify(report.outcomes));
  assert.is.not(report.verdict, 'FAILED');
});

test('an actor that ends its worker is an error, reported at once', async () => {
  const report = await run(races.exits, { seconds: 600 });
  assert.equal([report.verdict, report.reason], ['FAILED', 'FORBIDDEN seen: error: ended by process.exit(3) (1 ×)']);
  assert.is(report.outcomes.at(-1)?.description, 'not declared');
  const declared = await runUntilTwice(races.mayExit, 'error: ended by process.exit(3)');
  assert.is(samplesOf(declared, 'hang'), 0);
  assert.is.not(declared.verdict, 'FAILED');
});

test('a test that the workers cannot import fails with the reason', async () => {
  const lost = { ...races.steady, name: 'renamed since' };
  const report = await run(lost, { seconds: 600 });
  assert.is(report.verdict, 'FAILED');
  assert.match(report.reason, /exports no stress test called renamed since/);
});

test('a primitive may not take the name of what the cell already has', async () => {
  const { reason } = await run(races.clashing, { seconds: 600 });
  assert.match(reason, /error: stress test clashing: a primitive cannot be called "actor"/);
});

test('prepare comes before every iteration', async () => {
  const report = await run(races.prepared, { seconds: 0.3, untilSeen: 40 });
  assert.is(report.verdict, 'PASSED');
  assert.ok(report.samples > 1);
});

test('results beyond those that can be told apart are counted together', async () => {
  const report = await run(races.manifold, { seconds: 0.2, untilSeen: 40 });
  assert.ok(samplesOf(report, 'other results') > 0);
  assert.is(report.verdict, 'PASSED');
});

test('an aborted run reports what it has found', async () => {
  const interruption = new AbortController();
  const progress: number[] = [];
  const report = await run(races.steady, {
    seconds: 600,
    signal: interruption.signal,
    onProgress: ({ samples, secondsLeft }) => {
      progress.push(samples);
      assert.ok(secondsLeft <= 600);
      if (samples > 0) interruption.abort();
    },
  });
  assert.is.not(report.verdict, 'FAILED');
  assert.ok(report.samples >= (progress.at(-1) ?? Infinity));
});

test('what onProgress throws ends the run, which is rejected with it', async () => {
  const error = new Error('of the one who watches');
  const onProgress = (): void => {
    throw error;
  };
  const thrown = await run(races.steady, { seconds: 600, onProgress }).catch((each: unknown) => each);
  assert.is(thrown, error);
});

test('a run that is aborted before it starts has seen nothing and says so', async () => {
  const report = await run(races.steady, { signal: AbortSignal.abort() });
  assert.equal([report.verdict, report.reason], ['FAILED', 'nothing at all was seen']);
});

test('a run goes on until what must be seen has been seen', async () => {
  const report = await run(late, { seconds: 0.1, untilSeen: 600 });
  assert.is(report.verdict, 'PASSED');
  assert.ok(report.seconds > 0.1 && report.seconds < 60, String(report.seconds));
});

test('what is not seen is given up in the end', async () => {
  const report = await run(races.mustSee, { seconds: 0.1, untilSeen: 0.5 });
  assert.is(report.verdict, 'NOT SEEN');
  assert.ok(report.seconds >= 0.5, String(report.seconds));
});

test('a run that has seen what it must see ends when it has had enough', async () => {
  const report = await run(late, { seconds: 600, enough: 0.4 });
  assert.is(report.verdict, 'PASSED');
  assert.ok(report.seconds >= 0.4 && report.seconds < 60, String(report.seconds));
});

test('a test that must not see anything takes all its time', async () => {
  const { seconds } = await run(races.steady, { seconds: 0.5, untilSeen: 600, enough: 0.1 });
  assert.ok(seconds >= 0.5 && seconds < 60, String(seconds));
});

test('seconds and threads out of range are refused', async () => {
  for (const options of [
    { seconds: 0 },
    { seconds: Infinity },
    { seconds: NaN },
    { seconds: 1e7 },
    { untilSeen: 0 },
    { untilSeen: Infinity },
    { threads: 1 },
    { threads: 2.5 },
    { threads: 1023 },
  ]) {
    const refusal = await run(races.steady, options).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.instance(refusal, RangeError, JSON.stringify(options));
  }
});

test('unknown options, options of the wrong type, and what is not a test are refused', async () => {
  for (const [options, message] of [
    [{ second: 1 }, "run has no option 'second'; did you mean 'seconds'?"],
    [null, 'options must be an object'],
    [1, 'options must be an object'],
    [{ seconds: '1' }, 'seconds must be above 0 and at most 2000000, not 1'],
    [{ enough: Number.NaN }, 'enough must be above 0 and at most 2000000, not NaN'],
    [{ otherThreads: -1 }, 'otherThreads must be 0 or more, not -1'],
    [{ threads: '2' }, 'threads must be 2 to 1022, not 2'],
    [{ signal: new AbortController() }, 'signal must be an AbortSignal'],
    [{ onProgress: true }, 'onProgress must be a function'],
  ] as const) {
    const error = await run(races.steady, options as never).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.match(String(error), message);
  }
  const error = await run({ ...races.steady, kind: 'other' } as never).catch((reason: unknown) => reason);
  assert.match(String(error), 'a stress test must be what defineStressTest() returns');
});

test.run();
