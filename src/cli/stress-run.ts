/** Runs stress tests for the command, and prints what they show. */
import { run, type StressTest, type TestReport } from '../stress/index.js';
import { OutFile } from './out-file.js';
import type { PageTest } from './page/page.js';
import { ProgressLine } from './progress.js';
import { Schedule } from './schedule.js';
import { pageTestOf, writePage } from './stress-page.js';
import { progressOf, summaryOf, tableOf } from './text.js';
import { Exit } from './usage.js';

/** How to run tests. */
interface RunTestsOptions {
  /** Time for each test (s); without it, a minute is divided among all. */
  readonly seconds?: number | undefined;
  /** How long (s) a test continues that has not seen what it must see. */
  readonly untilSeen?: number | undefined;
  /** Worker threads per test. */
  readonly threads: number;
  /** How many tests run at the same time. */
  readonly jobs: number;
  /** Prints one JSON object instead of tables. */
  readonly json?: true | undefined;
  /** Writes a page to this file. */
  readonly html?: string | undefined;
}

/**
 * Runs tests and prints what they show; Ctrl-C ends the run, and what was found so far is printed.
 *
 * @returns the exit code
 * @throws UsageError if the page cannot be written
 */
export async function runTests(tests: readonly StressTest[], options: RunTestsOptions): Promise<number> {
  const { json, html } = options;
  const page = html === undefined ? undefined : await OutFile.open(html);
  const interruption = new AbortController();
  const { signal } = interruption;
  const interrupt = (): void => interruption.abort();
  process.once('SIGINT', interrupt);
  const started = performance.now();
  const done = await runAll(tests, options, signal);
  const run = { seconds: (performance.now() - started) / 1_000, interrupted: signal.aborted };
  const reports = done.map(({ report }) => report);
  if (json) console.log(JSON.stringify({ tests: reports }, undefined, 2));
  else console.log(summaryOf(reports, { ...run, skipped: tests.length - done.length }));
  if (page) {
    await writePage(page, { ...run, threads: options.threads }, await allPageTests(done, signal));
    if (!json) console.log(`The page is in ${html}`);
  }
  process.off('SIGINT', interrupt);
  if (signal.aborted) return Exit.interrupted;
  return reports.some(({ verdict }) => verdict === 'FAILED') ? Exit.failed : Exit.ok;
}

interface Done {
  readonly test: StressTest;
  readonly report: TestReport;
}

/** Runs all tests, printing each one's table when it ends; the results are in the order of the tests. */
async function runAll(
  tests: readonly StressTest[],
  { jobs, json, threads, seconds, untilSeen }: RunTestsOptions,
  signal: AbortSignal,
): Promise<Done[]> {
  const atOnce = Math.min(jobs, tests.length);
  const schedule = new Schedule({ tests: tests.length, jobs: atOnce, seconds, untilSeen });
  const line = ProgressLine.onTerminal(tests.length);
  const done = new Map<StressTest, Done>();
  const queue = tests.values();
  const work = async (): Promise<void> => {
    for (const test of queue) {
      if (signal.aborted) return;
      const report = await run(test, {
        ...schedule.next(),
        threads,
        otherThreads: threads * (atOnce - 1),
        signal,
        onProgress: line && ((progress) => line.show(progressOf(test.name, progress, schedule.secondsLeft))),
      });
      schedule.ended(report.seconds);
      done.set(test, { test, report });
      line?.step();
      if (!json) console.log(tableOf(report, process.stdout.columns));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return tests.flatMap((test) => done.get(test) ?? []);
}

async function allPageTests(done: readonly Done[], signal: AbortSignal): Promise<PageTest[]> {
  const pageTests: PageTest[] = [];
  const line = ProgressLine.onTerminal(done.length);
  for (const { test, report } of done) {
    line?.show(`recording ${test.name}`);
    pageTests.push(await pageTestOf(test, report, signal));
    line?.step();
  }
  return pageTests;
}
