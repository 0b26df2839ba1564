/** The commands of `gil` that take a program in Python: compiled by the machine's own Pythons, or as a saved listing. */
import { readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  explainPython,
  type Heat,
  LISTING_SCRIPT,
  type Listing,
  PYTHON_VERSIONS,
  pythonOutcomes,
  readListing,
  runPython,
  UnsupportedError,
} from '../gil/outcomes/index.js';
import { compileWith, type TableData } from '../gil-lab/index.js';
import { numberOption } from './options.js';
import { OutFile } from './out-file.js';
import { explainPageOf } from './page/explain-page.js';
import { Exit, UsageError } from './usage.js';

export interface PythonFlags {
  readonly threads?: readonly string[];
  readonly result?: readonly string[];
  readonly python?: readonly string[];
  readonly cold?: true;
  readonly json?: true;
  readonly html?: string;
  readonly rounds?: number;
  readonly seed?: number;
}

const names = (text: string): string[] => {
  const list = text.split(',').map((part) => part.trim());
  if (list.includes('')) throw new InvalidArgumentError('It must be names separated by commas.');
  return list;
};
const PYTHON = new Option(
  '--python <VERSIONS>',
  'which versions, such as 3.9,3.12 or a path (default: all that are found here)',
).argParser(names);

/** Adds the options that all of them take. */
export const withPython = (command: Command): Command =>
  command.addOption(PYTHON).option('--cold', 'as code runs the first few times from 3.11 on, before it is specialized');
export const withThreads = (command: Command): Command =>
  withPython(command)
    .option('--threads <NAMES>', 'the functions that threads call (default: the file starts its threads itself)', names)
    .option('--result <NAMES>', "what to ask for at the end: x, o.v, d['k'], len(l), several with commas", names);

/** @returns whether a command's argument is a file rather than the name of a race */
export const isProgram = (name: string): boolean => /\.(py|json)$/.test(name);

/** The commands `run`, `explain` and `listing`. */
export function addPythonCommands(gil: Command, exit: (code: number) => void, show: (table: TableData) => void): void {
  withThreads(gil.command('run <FILE>'))
    .description('run a program in Python with random switches, and count the outcomes')
    .option(
      '--rounds <N>',
      'how many times (default: once, and what it prints is shown)',
      numberOption({ whole: true, from: 1, to: 1_000_000 }),
    )
    .option(
      '--seed <N>',
      'the seed of the switches (default: 1)',
      numberOption({ whole: true, from: 1, to: 2 ** 31 - 1 }),
    )
    .action((file: string, flags: PythonFlags) => reporting(exit, () => run(file, flags, show)));

  withPython(gil.command('explain <FILE>'))
    .description('show a program in Python beside its bytecode, and where another thread may come in')
    .option('--html <FILE.html>', 'write it as a page with a choice of version, and of hot or cold code')
    .option('--json', 'print one JSON object')
    .action((file: string, flags: PythonFlags) =>
      reporting(exit, () => (flags.html === undefined ? explain(file, flags) : explainOnPage(file, flags, flags.html))),
    );

  withPython(gil.command('listing <FILE>'))
    .description('save the bytecode of a program, for use where that Python is not installed')
    .requiredOption('--out <FILE.json>', 'where to')
    .action((file: string, flags: PythonFlags & { out: string }) =>
      reporting(exit, async () => {
        const listings = await listingsOf(file, flags);
        if (listings.length > 1) throw new UsageError('a file holds one listing: choose it by --python');
        const out = await OutFile.open(flags.out);
        await out.write(`${JSON.stringify(listings[0])}\n`);
        console.log(`${flags.out}: ${file} as compiled by Python ${listings[0].python}`);
      }),
    );
}

/** Runs a command and ends it; errors caused by the user's program are reported without a stack. */
export async function reporting(exit: (code: number) => void, act: () => Promise<void>): Promise<void> {
  try {
    await act();
    exit(Exit.ok);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (!(error instanceof UnsupportedError || error instanceof RangeError)) throw error;
    throw new UsageError(error.message);
  }
}

/** The command `outcomes` for a program in Python. */
export async function programOutcomes(
  file: string,
  flags: PythonFlags,
  show: (table: TableData) => void,
): Promise<void> {
  const heat = heatOf(flags);
  const listings = await listingsOf(file, flags);
  const found = listings.map((listing) =>
    pythonOutcomes(listing, { threads: flags.threads, results: flags.result, heat }),
  );
  if (flags.json) {
    console.log(JSON.stringify({ file, heat, versions: found }, undefined, 2));
    return;
  }
  const texts = [...new Set(found.flatMap(({ outcomes }) => outcomes.map(({ text }) => text)))].sort();
  const row = (text: string): string[] => [
    text,
    ...found.map(({ outcomes }) => (outcomes.some((outcome) => outcome.text === text) ? 'possible' : '-')),
  ];
  const rows = texts.map(row);
  if (found.some(({ endless }) => endless)) {
    rows.push(['never ends', ...found.map(({ endless }) => (endless ? 'possible' : '-'))]);
  }
  show({ title: `${file}: what it can end with`, head: ['outcome', ...found.map(({ python }) => python)], rows });
}

async function run(file: string, flags: PythonFlags, show: (table: TableData) => void): Promise<void> {
  const { threads, result: results, rounds, seed } = flags;
  for (const listing of await listingsOf(file, flags)) {
    const print = rounds === undefined ? (text: string): void => console.log(text) : undefined;
    const counts = runPython(listing, { threads, results, rounds, seed, heat: heatOf(flags), print });
    const rows = [...counts]
      .sort(([, a], [, b]) => b - a)
      .map(([text, count]) => [text, count.toLocaleString('en-US')]);
    show({ title: `${file} under Python ${listing.python}`, head: ['outcome', 'times'], rows });
  }
}

async function explain(file: string, flags: PythonFlags): Promise<void> {
  const heat = heatOf(flags);
  const versions = (await listingsOf(file, flags)).map((listing) => ({
    python: listing.python,
    lines: explainPython(listing, heat),
  }));
  if (flags.json) {
    console.log(JSON.stringify({ file, heat, versions }, undefined, 2));
    return;
  }
  for (const { python, lines } of versions) {
    console.log(`${file} under Python ${python}; > marks where another thread may come in`);
    for (const { line, source, code, instructions } of lines) {
      console.log(`\n${String(line).padStart(4)}  ${source}    [${code}]`);
      for (const { text, why } of instructions) {
        console.log(`      ${why === undefined ? ' ' : '>'} ${why === undefined ? text : `${text.padEnd(32)} ${why}`}`);
      }
    }
    console.log('');
  }
}

async function explainOnPage(file: string, flags: PythonFlags, page: string): Promise<void> {
  const out = await OutFile.open(page);
  const listings = await listingsOf(file, flags);
  const versions = listings.flatMap((listing) => {
    const { python } = listing;
    const hot = { title: python, lines: explainPython(listing, 'hot') };
    // Up to 3.10 nothing is specialized.
    if (['3.9', '3.10'].includes(python.replace(/\.\d+$/, ''))) return [hot];
    return [
      { ...hot, title: `${python}, hot` },
      { title: `${python}, cold`, lines: explainPython(listing, 'cold') },
    ];
  });
  await out.write(explainPageOf(file, listings[0].source, versions));
  console.log(`${page}: ${file} as ${listings.map(({ python }) => `Python ${python}`).join(', ')} runs it`);
}

const heatOf = ({ cold }: PythonFlags): Heat => (cold ? 'cold' : 'hot');

/** @returns the program's listings, by version; a saved one has only its own */
async function listingsOf(file: string, { python }: PythonFlags): Promise<Listing[]> {
  if (file.endsWith('.json')) {
    if (python !== undefined)
      throw new UsageError('a listing is of the Python that made it; --python goes with a .py file');
    return [readListing(textOf(file))];
  }
  textOf(file);
  const found = new Map<string, Listing>();
  if (python === undefined) {
    for (const command of ['python3', ...PYTHON_VERSIONS.map((version) => `python${version}`)]) {
      const listing = await compile(command, file);
      if (listing !== undefined && !found.has(listing.python)) found.set(listing.python, listing);
    }
  } else {
    for (const asked of python) {
      const listing = await compileFor(asked, file);
      found.set(listing.python, listing);
    }
  }
  if (found.size === 0) {
    throw new UsageError(
      `there is no Python of ${PYTHON_VERSIONS.join(', ')} here to compile ${file}; a saved listing needs none`,
    );
  }
  const minor = ({ python: version }: Listing): number => Number(version.split('.')[1]);
  return [...found.values()].sort((a, b) => minor(a) - minor(b));
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UsageError(`${file} cannot be read`);
  }
}

/** @throws UsageError if there is no such Python: another version's bytecode would be a different program */
async function compileFor(asked: string, file: string): Promise<Listing> {
  const isVersion = /^3\.\d+$/.test(asked);
  for (const command of isVersion ? [`python${asked}`, 'python3'] : [asked]) {
    const listing = await compile(command, file);
    if (listing !== undefined && (!isVersion || listing.python.startsWith(`${asked}.`))) return listing;
  }
  throw new UsageError(`there is no Python ${asked} here to compile ${file}; the bytecode of another one would not do`);
}

/**
 * @returns undefined if the command is missing, fails, or is a Python whose version is not supported
 * @throws UsageError with Python's own words when the program has a syntax error
 */
async function compile(command: string, file: string): Promise<Listing | undefined> {
  try {
    const printed = await compileWith(command, LISTING_SCRIPT, [file]);
    return printed === undefined ? undefined : readListing(printed);
  } catch (error) {
    if (error instanceof UnsupportedError) return undefined;
    const { stderr = '' } = error as { stderr?: string };
    const [said] = /^.*SyntaxError: .*$/m.exec(`${stderr}\n${error}`) ?? [];
    if (said !== undefined) throw new UsageError(said);
    return undefined;
  }
}
