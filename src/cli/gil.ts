/** The command `gil`: the lab's experiments, and the sets of possible results. */
import { Command } from 'commander';
import { POLICIES, type Policy, RACES, type Race } from '../gil/index.js';
import { possibleValues } from '../gil/outcomes/index.js';
import {
  coresWarning,
  drawEffects,
  drawTimeline,
  effectTables,
  measureEffects,
  type RaceResult,
  raceTable,
  record,
  runInPython,
  runRaces,
} from '../gil-lab/index.js';
import {
  addPythonCommands,
  isProgram,
  type PythonFlags,
  programOutcomes,
  reporting,
  withThreads,
} from './gil-python.js';
import { numberOption } from './options.js';
import { OutFile } from './out-file.js';
import { ProgressLine } from './progress.js';
import { showTable } from './table.js';
import { Exit, UsageError } from './usage.js';

interface RacesOptions {
  readonly iterations?: number;
  readonly withPython?: true;
  readonly json?: true;
}

interface EffectsOptions {
  readonly out?: string;
  readonly withPython?: true;
  readonly json?: true;
}

const TIMELINE_MS = 120;
const LONGEST_TIMELINE_MS = 10_000;
const count = numberOption({ whole: true, from: 1, to: 1_000_000 });
const milliseconds = numberOption({ from: 1, to: LONGEST_TIMELINE_MS });

/**
 * The command `gil`.
 *
 * @param exit - called once with the exit code
 */
export function gilCommand(exit: (code: number) => void): Command {
  const gil = new Command('gil')
    .description("what CPython's global interpreter lock prevents, and what it does not, on real workers")
    .exitOverride();

  gil
    .command('races [NAME...]')
    .description('how many additions two threads lose under each policy, beside how many CPython lost')
    .option('--iterations <N>', 'how many times each thread adds at most (default: as in the recorded runs)', count)
    .option('--with-python', 'also run the same programs with the python3 of this machine')
    .option('--json', 'print one JSON object instead of a table')
    .addHelpText(
      'after',
      `\nNAMEs: ${RACES.map(({ id }) => id).join(', ')}\n\nExit code: 1 if anything was lost where nothing may be.`,
    )
    .action(async (names: string[], options: RacesOptions) => exit(await races(names, options)));

  withThreads(gil.command('outcomes [NAME...]'))
    .description(
      'all outcomes of a program in Python (FILE.py, or a saved FILE.json), every interleaving explored; or all values ' +
        'that one addition in each of two threads can leave',
    )
    .option('--json', 'print one JSON object instead of a table')
    .action(async (names: string[], options: PythonFlags) => {
      if (names.some(isProgram)) {
        if (names.length > 1) throw new UsageError('one program at a time');
        await reporting(exit, () => programOutcomes(names[0], options, showTable));
        return;
      }
      outcomes(names, options);
      exit(Exit.ok);
    });

  addPythonCommands(gil, exit, showTable);

  gil
    .command('effects')
    .description('CPU-bound and I/O-bound work, the convoy effect, and slices, measured')
    .option('--out <FILE.svg>', 'also draw them')
    .option('--with-python', 'also measure the convoy with the python3 of this machine, row by row beside ours')
    .option('--json', 'print one JSON object instead of tables')
    .action(async (options: EffectsOptions) => {
      await effects(options);
      exit(Exit.ok);
    });

  gil
    .command('timeline')
    .description('draw who held the GIL when')
    .requiredOption('--out <FILE.svg>', 'where to')
    .option('--ms <N>', `how long (default: ${TIMELINE_MS}, at most ${LONGEST_TIMELINE_MS})`, milliseconds)
    .action(async ({ out, ms = TIMELINE_MS }: { out: string; ms?: number }) => {
      const file = await OutFile.open(out);
      await file.write(drawTimeline(await record(ms)));
      console.log(`${out}: ${ms} ms of three threads`);
      exit(Exit.ok);
    });

  for (const command of gil.commands) command.exitOverride();
  return gil;
}

async function races(names: readonly string[], { iterations, withPython, json }: RacesOptions): Promise<number> {
  const chosen = select(names);
  const line = ProgressLine.onTerminal(chosen.length * POLICIES.length);
  const onStart = (race: Race, policy: Policy): void => line?.show(`${race.title}, ${policy}`);
  const results = await runRaces(chosen, { atMost: iterations, onStart, onResult: () => line?.step() });
  const live = withPython ? await runInPython(chosen, iterations) : undefined;
  const withoutPython = withPython && live === undefined;
  if (json) {
    const rows = results.map(({ race, ...rest }) => ({
      race: race.id,
      title: race.title,
      ...rest,
      recorded: race.recorded,
    }));
    console.log(JSON.stringify({ races: rows, python: withPython ? (live ?? null) : undefined }, undefined, 2));
  } else {
    showTable(raceTable(results, live));
    console.log('* recorded: the range of five runs, two threads, two cores, as many additions as by default');
    console.log('(!) not as expected; a race can fail to show in a short run');
  }
  if (withoutPython) console.error(NO_PYTHON);
  return results.some(isForbidden) ? Exit.failed : Exit.ok;
}

async function effects({ out, withPython, json }: EffectsOptions): Promise<void> {
  const file = out === undefined ? undefined : await OutFile.open(out);
  const measured = await measureEffects(withPython);
  await file?.write(drawEffects(measured));
  if (json) console.log(JSON.stringify(measured, undefined, 2));
  else {
    for (const table of effectTables(measured)) showTable(table);
    console.log('* recorded on two cores at rest');
  }
  const warning = coresWarning(measured.cores);
  if (warning !== undefined) console.error(`Before this began, ${warning}.`);
  if (withPython && measured.convoy[0]?.python === undefined) console.error(NO_PYTHON);
}

const NO_PYTHON = 'There is no python3 on this machine, so the live column is missing.';
const isForbidden = ({ race, policy, lost }: RaceResult): boolean => race.expected[policy] === 'none' && lost !== 0;

function outcomes(names: readonly string[], { json }: { json?: true }): void {
  const threads = [1, 2].map(() => ({ name: 'main', args: [1] }));
  const rows = select(names).map((race) => {
    const sets = POLICIES.map((policy) => {
      const { values } = possibleValues({ source: race.source(2), policy, threads, result: race.result });
      return [policy, values] as const;
    });
    return { race: race.id, title: race.title, values: Object.fromEntries(sets) };
  });
  if (json) {
    console.log(JSON.stringify({ outcomes: rows }, undefined, 2));
    return;
  }
  showTable({
    title: 'What one addition in each of two threads can leave',
    head: ['each thread does', ...POLICIES],
    rows: rows.map(({ title, values }) => [title, ...POLICIES.map((policy) => `{${values[policy].join(', ')}}`)]),
  });
}

function select(names: readonly string[]): readonly Race[] {
  const unknown = names.find((name) => !RACES.some(({ id }) => id === name));
  if (unknown !== undefined)
    throw new UsageError(`no race is called ${unknown}; there are ${RACES.map(({ id }) => id).join(', ')}`);
  return names.length === 0 ? RACES : RACES.filter(({ id }) => names.includes(id));
}
