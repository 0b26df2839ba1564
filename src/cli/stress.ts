import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, InvalidArgumentError, Option } from 'commander';
import { catalogue, run, type StressTest, selectTests, type TestReport, testsOf } from '../stress/index.js';
import { listOf, progressLine, summaryOf, tableOf } from './text.js';
import { Exit, UsageError } from './usage.js';

interface StressOptions {
  readonly list?: true;
  readonly seconds?: number;
  readonly threads?: number;
  readonly json?: true;
}

/** A test gets this long (s) unless there are so many that all together would take longer than the second figure. */
const SECONDS = 2;
const SECONDS_IN_ALL = 40;

/**
 * The command `stress`.
 *
 * @param exit - called once with the exit code
 */
export function stressCommand(exit: (code: number) => void): Command {
  return new Command('stress')
    .description('run race conditions on real workers: what is prevented, and what is still possible')
    .argument('[NAME...]', 'tests: lost-update/lock, lost-update, "*/lock", or a file with tests: ./my-race.js')
    .addOption(new Option('--list', 'list the tests instead').conflicts('json'))
    .option('--seconds <S>', `time for each test (default: ${SECONDS}, less if there are many)`, secondCount)
    .option('--threads <N>', 'worker threads a test (default: 2)', threadCount)
    .option('--json', 'print one JSON object instead of tables')
    .addHelpText(
      'after',
      `
Exit code: 0, or 1 if anything FORBIDDEN was seen or a test saw nothing at all, 2 for wrong usage,
130 when ended by Ctrl-C, which prints what was found so far.`,
    )
    .exitOverride()
    .action(async (names: string[], options: StressOptions) => {
      const tests = await findTests(names);
      if (options.list) console.log(listOf(tests));
      else exit(await runAll(tests, options));
    });
}

async function findTests(names: readonly string[]): Promise<StressTest[]> {
  const isFile = (name: string): boolean => /\.[cm]?[jt]s$/.test(name);
  const files = await Promise.all(names.filter(isFile).map(loadFile));
  const patterns = names.filter((name) => !isFile(name));
  if (files.length > 0 && patterns.length === 0) return files.flat();
  try {
    return [...selectTests(catalogue, patterns), ...files.flat()];
  } catch (error) {
    throw new UsageError(`${(error as RangeError).message}; --list shows the names`);
  }
}

async function loadFile(file: string): Promise<StressTest[]> {
  let found: StressTest[];
  try {
    found = testsOf(await import(pathToFileURL(resolve(file)).href));
  } catch (error) {
    throw new UsageError(`${file} cannot be loaded: ${error instanceof Error ? error.message : error}`);
  }
  if (found.length === 0) throw new UsageError(`${file} exports no stress test`);
  return found;
}

async function runAll(tests: readonly StressTest[], options: StressOptions): Promise<number> {
  const { json, threads, seconds = Math.min(SECONDS, SECONDS_IN_ALL / tests.length) } = options;
  const interruption = new AbortController();
  const interrupt = (): void => interruption.abort();
  process.once('SIGINT', interrupt);
  const reports: TestReport[] = [];
  const started = performance.now();
  for (const test of tests) {
    if (interruption.signal.aborted) break;
    const onProgress = process.stderr.isTTY
      ? progressLine((text) => process.stderr.write(text), test, reports.length + 1, tests.length)
      : undefined;
    const report = await run(test, {
      seconds,
      ...(threads !== undefined && { threads }),
      signal: interruption.signal,
      onProgress: onProgress?.show,
    });
    onProgress?.clear();
    reports.push(report);
    if (!json) console.log(tableOf(report, process.stdout.columns));
  }
  process.off('SIGINT', interrupt);
  const interrupted = interruption.signal.aborted;
  const skipped = tests.length - reports.length;
  if (json) console.log(JSON.stringify({ tests: reports }, undefined, 2));
  else console.log(summaryOf(reports, { skipped, interrupted, seconds: (performance.now() - started) / 1_000 }));
  if (interrupted) return Exit.interrupted;
  return reports.some(({ verdict }) => verdict === 'FAILED') ? Exit.failed : Exit.ok;
}

function secondCount(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= 2_000_000)) {
    throw new InvalidArgumentError('It must be a number above 0 and at most 2000000.');
  }
  return value;
}

function threadCount(text: string): number {
  const value = Number(text);
  if (!(Number.isInteger(value) && value >= 2)) {
    throw new InvalidArgumentError('It must be a whole number of at least 2.');
  }
  return value;
}
