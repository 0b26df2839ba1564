/** The command `stress`: which tests, and how. */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Command, Option } from 'commander';
import { catalogue, type StressTest, selectTests, testsOf } from '../stress/index.js';
import { MOST_THREADS } from '../stress/options.js';
import { explain } from './explain.js';
import { numberOption } from './options.js';
import { runMatrix } from './stress-matrix.js';
import { runTests } from './stress-run.js';
import { listOf } from './text.js';
import { UsageError } from './usage.js';

interface StressOptions {
  readonly list?: true;
  readonly explain?: true;
  readonly seconds?: number;
  readonly threads: number;
  readonly untilSeen?: number | true;
  readonly jobs: number;
  readonly json?: true;
  readonly html?: string;
  readonly matrix?: true;
}

const seconds = numberOption({ above: 0, to: 2_000_000 });
/** How long (s) `--until-seen` without a number lets a test continue. */
const UNTIL_SEEN = 30;

/**
 * The command `stress`.
 *
 * @param exit - called once with the exit code
 */
export function stressCommand(exit: (code: number) => void): Command {
  return new Command('stress')
    .description('run race conditions on real workers: what is prevented, and what is still possible')
    .argument(
      '[NAME...]',
      'tests: lost-update/lock, lost-update, "*/lock", or files with tests of your own, ./my-race.js, and names of those',
    )
    .addOption(new Option('--list', 'list the tests instead').conflicts(['json', 'html', 'explain']))
    .addOption(
      new Option('--explain', 'print what races, and why it is prevented or not, instead').conflicts(['json', 'html']),
    )
    .option('--seconds <S>', 'time for each test (default: so that all together take less than a minute)', seconds)
    .option(
      '--until-seen [S]',
      `let a test that would be NOT SEEN go on until it is seen, up to S (${UNTIL_SEEN})`,
      seconds,
    )
    .option('--threads <N>', 'worker threads a test', numberOption({ whole: true, from: 2, to: MOST_THREADS }), 2)
    .option('--jobs <N>', 'tests at the same time', numberOption({ whole: true, from: 1 }), 1)
    .option('--json', 'print one JSON object instead of tables')
    .option('--html <FILE>', 'write a page with tables, charts and timelines, too')
    .addOption(
      new Option(
        '--matrix',
        "run all of it under each of V8's compilers and on one processor, and compare what is seen",
      ).conflicts(['html', 'list', 'explain']),
    )
    .addHelpText(
      'after',
      `
Exit code: 0, or 1 if anything FORBIDDEN was seen or a test saw nothing at all, 2 for wrong usage,
130 when ended by Ctrl-C, which prints what was found so far.`,
    )
    .exitOverride()
    .action(async (names: string[], { list, explain: explaining, matrix, ...options }: StressOptions) => {
      if (explaining && names.length === 0) throw new UsageError('--explain needs a NAME; --list shows the names');
      const tests = await findTests(names);
      if (list) console.log(listOf(tests));
      else if (explaining) console.log(await explain(tests));
      else if (matrix) exit(await runMatrix([...names, ...argumentsOf(options)], options.json === true));
      else exit(await runTests(tests, { ...options, untilSeen: untilSeenOf(options) }));
    });
}

const untilSeenOf = ({ untilSeen }: StressOptions): number | undefined => (untilSeen === true ? UNTIL_SEEN : untilSeen);

/** The options that are passed on to the run of each setting of a matrix. */
function argumentsOf(options: StressOptions): string[] {
  const { seconds: each, threads, jobs } = options;
  const given = Object.entries({ seconds: each, threads, jobs, 'until-seen': untilSeenOf(options) });
  return given.flatMap(([name, value]) => (value === undefined ? [] : [`--${name}`, String(value)]));
}

async function findTests(names: readonly string[]): Promise<StressTest[]> {
  const isFile = (name: string): boolean => /\.[cm]?[jt]s$/.test(name);
  const files = await Promise.all(names.filter(isFile).map(loadFile));
  const patterns = names.filter((name) => !isFile(name));
  try {
    // With files, names select among their tests.
    return selectTests(files.length > 0 ? files.flat() : catalogue, patterns);
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
