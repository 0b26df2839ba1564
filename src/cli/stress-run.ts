import { run, type StressTest, type TestReport } from '../stress/index.js';
import { Schedule } from './schedule.js';
import { ProgressLine, summaryOf, tableOf } from './text.js';
import { Exit } from './usage.js';

/** How to run tests. */
export interface RunTestsOptions {
  /** Time for each test (s); without it a minute is shared out among all. */
  readonly seconds?: number | undefined;
  /** How long (s) a test goes on that has not seen what it must see. */
  readonly untilSeen?: number | undefined;
  /** Worker threads a test. */
  readonly threads: number;
  /** How many tests run at the same time. */
  readonly jobs: number;
  /** Prints one JSON object instead of tables. */
  readonly json?: true | undefined;
}

/**
 * Runs tests and prints what they show; Ctrl-C ends the run, and what was found so far is printed.
 *
 * @returns the exit code
 */
export async function runTests(tests: readonly StressTest[], options: RunTestsOptions): Promise<number> {
  const { json } = options;
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once('SIGINT', interrupt);
  const started = performance.now();
  const all = await runAll(tests, options, interruption.signal);
  const reports = all.filter((report) => report !== undefined);
  process.off('SIGINT', interrupt);
  const interrupted = interruption.signal.aborted;
  const skipped = tests.length - reports.length;
  if (json) console.log(JSON.stringify({ tests: reports }, undefined, 2));
  else console.log(summaryOf(reports, { skipped, interrupted, seconds: (performance.now() - started) / 1_000 }));
  if (interrupted) return Exit.interrupted;
  return reports.some(({ verdict }) => verdict === 'FAILED') ? Exit.failed : Exit.ok;
}

/** Runs all tests, printing each one's table when it ends; the reports are in the order of the tests. */
async function runAll(
  tests: readonly StressTest[],
  { jobs, json, threads, seconds, untilSeen }: RunTestsOptions,
  signal: AbortSignal,
): Promise<(TestReport | undefined)[]> {
  const reports: (TestReport | undefined)[] = tests.map(() => undefined);
  const schedule = new Schedule({ tests: tests.length, jobs: Math.min(jobs, tests.length), seconds, untilSeen });
  const line = process.stderr.isTTY ? new ProgressLine((text) => process.stderr.write(text), tests.length) : undefined;
  const queue = tests.entries();
  const work = async (): Promise<void> => {
    for (const [at, test] of queue) {
      if (signal.aborted) return;
      const report = await run(test, {
        ...schedule.next(),
        threads,
        otherThreads: threads * (Math.min(jobs, tests.length) - 1),
        signal,
        onProgress: line && ((progress) => line.show(test.name, progress, schedule.secondsLeft)),
      });
      schedule.ended(report.seconds);
      reports[at] = report;
      line?.step();
      if (!json) console.log(tableOf(report, process.stdout.columns));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  return reports;
}
