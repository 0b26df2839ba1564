/**
 * `stress --matrix`: the same tests under each compiler of V8, and on one processor, each in a process of its own,
 * because flags and processors apply to a whole process.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { TestReport } from '../stress/index.js';
import { count, percent } from './figures.js';
import { drawTable } from './table.js';
import { Exit, UsageError } from './usage.js';

const isWindows = process.platform === 'win32';

/** One way to run the tests. */
export interface Setting {
  readonly name: string;
  /** Flags of V8. */
  readonly flags: readonly string[];
  /** The only processor to use; all of them if absent. */
  readonly processor?: number;
}

/** The result of a setting. */
export interface SettingReport extends Setting {
  readonly tests: readonly TestReport[];
  /** Why there are no reports; empty if there are. */
  readonly problem: string;
}

const TIERS: readonly Setting[] = [
  { name: 'as usual', flags: [] },
  { name: 'interpreter', flags: ['--no-sparkplug', '--no-maglev', '--no-opt'] },
  { name: 'baseline', flags: ['--always-sparkplug', '--no-maglev', '--no-opt'] },
  { name: 'maglev', flags: ['--maglev', '--no-opt'] },
  // V8 11 has the first flag, later versions have the second.
  { name: 'optimized early', flags: ['--interrupt-budget=5000'] },
  { name: 'optimized early', flags: ['--invocation-count-for-turbofan=20'] },
];

/**
 * Runs the command with these arguments in each setting, and prints the results side by side; Ctrl-C ends it.
 *
 * @param args - arguments of the command `stress`
 * @returns the exit code
 * @throws UsageError if the engine is not Node's V8
 */
export async function runMatrix(args: readonly string[], json: boolean): Promise<number> {
  if ('Deno' in globalThis || 'Bun' in globalThis)
    throw new UsageError('--matrix needs Node, whose V8 takes its flags');
  const reports: SettingReport[] = [];
  let child: ChildProcess | undefined;
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    // On Windows that would end it at once; there the console tells it, too.
    if (!isWindows) child?.kill('SIGINT');
  };
  process.on('SIGINT', interrupt);
  for (const setting of settings()) {
    if (interrupted) break;
    if (!json) console.log(`${setting.name}  ${describe(setting)}`);
    reports.push(
      await runIn(setting, args, (started) => {
        child = started;
      }),
    );
  }
  process.off('SIGINT', interrupt);
  console.log(
    json ? JSON.stringify({ settings: reports }, undefined, 2) : `\n${matrixOf(reports, process.stdout.columns)}`,
  );
  if (interrupted) return Exit.interrupted;
  return reports.every(holds) ? Exit.ok : Exit.failed;
}

const holds = ({ problem, tests }: SettingReport): boolean =>
  problem === '' && tests.every(({ verdict }) => verdict !== 'FAILED');

function describe({ flags, processor }: Setting): string {
  return [...flags, ...(processor === undefined ? [] : [`processor ${processor} only`])].join(' ') || 'no flags';
}

/** The settings that this machine and its Node support. */
export function settings(): Setting[] {
  const known = spawnSync(process.execPath, ['--v8-options'], { encoding: 'utf8' }).stdout;
  const has = (flag: string): boolean => known.includes(`  --${flag.replace(/^--(no-)?|=.*/g, '')} (`);
  const tiers = TIERS.filter(({ flags }) => flags.every(has));
  const processor = spawnSync('taskset', ['--version']).status === 0 ? firstProcessor() : undefined;
  return processor === undefined ? tiers : [...tiers, { name: 'one processor', flags: [], processor }];
}

/** The first processor that this process may use, if the system reports it. */
function firstProcessor(): number | undefined {
  try {
    const [, first] = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? [];
    return first === undefined ? undefined : Number(first);
  } catch {
    return undefined;
  }
}

function runIn(
  setting: Setting,
  args: readonly string[],
  onStart: (child: ChildProcess) => void,
): Promise<SettingReport> {
  const { flags, processor } = setting;
  const node = [process.execPath, ...flags, process.argv[1], 'stress', ...args, '--json'];
  const [command, ...rest] = processor === undefined ? node : ['taskset', '-c', String(processor), ...node];
  // In a group of its own it does not hear Ctrl-C as well: a second interruption would end it at once.
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], detached: !isWindows });
  onStart(child);
  let [printed, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  return new Promise((resolve) => {
    const end = (problem: string): void => resolve({ ...setting, tests: [], problem });
    child.on('error', (error) => end(error.message));
    child.on('close', (code, signal) => {
      try {
        resolve({ ...setting, tests: JSON.parse(printed).tests, problem: '' });
      } catch {
        end(complaints.trim().split('\n').at(-1) || `ended by ${signal ?? `exit code ${code}`}`);
      }
    });
  });
}

/** A row for each outcome of each test, a column for each setting; then a line for each setting. */
export function matrixOf(reports: readonly SettingReport[], width = 160): string {
  const ran = reports.filter(({ problem }) => problem === '');
  const tests = ran[0]?.tests ?? [];
  const rows = tests.flatMap(({ name, outcomes }) => {
    const results = new Map(outcomes.map((outcome) => [outcome.result, outcome]));
    // One setting may show what no other does.
    for (const { tests: others } of ran) {
      for (const outcome of others.find((test) => test.name === name)?.outcomes ?? []) {
        if (!results.has(outcome.result)) results.set(outcome.result, outcome);
      }
    }
    return [...results.values()].map(({ result, expectation }, at) => [
      at === 0 ? name : '',
      result,
      expectation,
      ...ran.map((setting) => frequency(setting, name, result)),
    ]);
  });
  const colAligns = ['left', 'left', 'left', ...ran.map(() => 'right')] as ('left' | 'right')[];
  const head = ['test', 'result', 'expectation', ...ran.map(({ name }) => name)];
  const table = drawTable(head, rows, { colAligns, colWidths: widths([head, ...rows], width), wordWrap: true });
  return [table, ...reports.map(lineOf)].join('\n');
}

/** Columns as wide as their text, except for the first, which shrinks if there is not enough room. */
function widths(rows: readonly (readonly string[])[], width: number): number[] {
  const wanted = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)) + 2);
  const over = wanted.reduce((sum, each) => sum + each + 1, 1) - width;
  return [Math.max(20, wanted[0] - Math.max(0, over)), ...wanted.slice(1)];
}

function frequency({ tests }: SettingReport, name: string, result: string): string {
  const test = tests.find((each) => each.name === name);
  const samples = test?.outcomes.find((outcome) => outcome.result === result)?.samples ?? 0;
  return test === undefined || test.samples === 0 ? '-' : percent(samples / test.samples);
}

function lineOf(report: SettingReport): string {
  const { name, tests, problem } = report;
  if (problem !== '') return `${name} (${describe(report)}): did not run: ${problem}`;
  const failed = tests.filter(({ verdict }) => verdict === 'FAILED').map((test) => `${test.name}: ${test.reason}`);
  const samples = tests.reduce((sum, test) => sum + test.samples, 0);
  const verdict = failed.length === 0 ? 'nothing failed' : `FAILED  ${failed.join('; ')}`;
  return `${name} (${describe(report)}): ${count(samples)} samples, ${verdict}`;
}
