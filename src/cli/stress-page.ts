/** The page of a stress run: its contents, gathered after the run. */
import { recordOutcome, type StressTest, type TestReport } from '../stress/index.js';
import { headOf } from './explain.js';
import { machineFacts } from './machine.js';
import type { OutFile } from './out-file.js';
import { type PageTest, pageOf } from './page/page.js';
import { remarkable } from './page/timeline.js';

/** How long (s) to try until the result to be recorded occurs again. */
const RECORDING_SECONDS = 1.5;

/** Facts about a run other than its tests. */
interface PageRunFigures {
  /** How long it took. */
  readonly seconds: number;
  /** Worker threads per test. */
  readonly threads: number;
  readonly interrupted: boolean;
}

/** Writes the page of a run. */
export async function writePage(
  file: OutFile,
  { seconds, threads, interrupted }: PageRunFigures,
  tests: readonly PageTest[],
): Promise<void> {
  const facts = {
    Run: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${seconds.toFixed(1)} s, ${threads} threads a test`,
    ...machineFacts(),
  };
  await file.write(pageOf({ facts, interrupted }, tests));
}

/**
 * Gathers the contents of the page for a test: the text of its module and, if something FORBIDDEN or INTERESTING was
 * seen, an iteration in which it occurs again.
 */
export async function pageTestOf(test: StressTest, report: TestReport, signal: AbortSignal): Promise<PageTest> {
  const result = remarkable(report);
  const recording =
    result === undefined ? undefined : await recordOutcome(test, result, { seconds: RECORDING_SECONDS, signal });
  return { report, head: await headOf(test), recording, unrecorded: recording ? undefined : result };
}
