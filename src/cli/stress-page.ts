import { type FileHandle, open } from 'node:fs/promises';
import { type Expectation, recordOutcome, type StressTest, type TestReport } from '../stress/index.js';
import { headOf } from './explain.js';
import { machineFacts } from './machine.js';
import { type PageTest, pageOf } from './page/page.js';
import { UsageError } from './usage.js';

/** How long (s) to wait for a result to come again that is to be recorded. */
const RECORDING_SECONDS = 1.5;

/** What is known of a run besides its tests. */
export interface PageRunFigures {
  /** How long it took. */
  readonly seconds: number;
  /** Worker threads a test. */
  readonly threads: number;
  readonly interrupted: boolean;
}

/** The file that a page is going to be written to; opened before the run, so that nobody runs for nothing. */
export class PageFile {
  readonly #file: FileHandle;

  private constructor(file: FileHandle) {
    this.#file = file;
  }

  /** @throws UsageError if the file cannot be written */
  static async open(path: string): Promise<PageFile> {
    try {
      return new PageFile(await open(path, 'w'));
    } catch (error) {
      throw new UsageError(`the page cannot be written: ${error instanceof Error ? error.message : error}`);
    }
  }

  /** Writes the page, and closes the file. */
  async write({ seconds, threads, interrupted }: PageRunFigures, tests: readonly PageTest[]): Promise<void> {
    const facts = {
      Run: `${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, ${seconds.toFixed(1)} s, ${threads} threads a test`,
      ...machineFacts(),
    };
    await this.#file.writeFile(pageOf({ facts, interrupted }, tests));
    await this.#file.close();
  }
}

/**
 * Gathers what the page says about a test: what its module says, and, if something FORBIDDEN or INTERESTING was seen, an
 * iteration in which it comes again.
 */
export async function pageTestOf(test: StressTest, report: TestReport, signal: AbortSignal): Promise<PageTest> {
  const result = remarkable(report);
  const recording =
    result === undefined ? undefined : await recordOutcome(test, result, { seconds: RECORDING_SECONDS, signal });
  return { report, head: await headOf(test), recording, unrecorded: recording ? undefined : result };
}

/** The result that is worth a timeline: what is FORBIDDEN, or the INTERESTING one that was seen most often. */
function remarkable({ outcomes }: TestReport): string | undefined {
  const most = (wanted: Expectation) =>
    outcomes
      .filter(({ expectation, samples }) => expectation === wanted && samples > 0)
      .sort((one, other) => other.samples - one.samples)[0];
  return (most('FORBIDDEN') ?? most('INTERESTING'))?.result;
}
