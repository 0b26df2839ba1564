// Records what real CPythons make of the corpus, and how they compile it: for corpus.long.ts and the guide, which need no
// Python.
//
//   node test/gil/python/record.mjs [OPTION…] PYTHON…     such as python3.9 python3.13
//
//   --rounds N         how often each program is run (2000000); 0 for only the listings
//   --intervals S,S    the switch intervals in seconds (0.00001,0.005)
//   --modes M,M        which of record.py's: hot, cold, repeat (all)
//   --seconds N        give up a program after so much processor time, or ten times as much by the clock, with the
//                      rounds that it has come to (120)
//   --parallel N       run each program N times at once (1): for those that wait most of the time, as where threads deadlock
//   --anew             forget what was recorded before of these versions; by default a program that lacks rounds gets the rest
//
// Writes recorded/VERSION.json, what was seen, by interval, program and mode; recorded/VERSION.listings.gz, the listings by
// name, also of the files in programs/; and recorded/VERSION.said.json, what `r` is in those after f(), which say what the
// language means. Two million rounds of copies of one program take 2 – 10 s of a processor, and all of it some hours; it can be
// interrupted. Needs a build.
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { LISTING_SCRIPT, readListing } from '../../../dist/gil/outcomes/index.js';

const cwd = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals: pythons } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '2000000' },
    intervals: { type: 'string', default: '0.00001,0.005' },
    modes: { type: 'string', default: 'hot,cold,repeat' },
    seconds: { type: 'string', default: '120' },
    parallel: { type: 'string', default: '1' },
    anew: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const parallel = Number(values.parallel);
const names = (folder) => readdirSync(cwd + folder).map((file) => file.replace(/\.py$/, ''));
const programs = names('corpus');
const folders = ['corpus', 'programs'];
mkdirSync(`${cwd}recorded`, { recursive: true });
const run = (python, more, input) => execFileSync(python, more, { cwd, encoding: 'utf8', ...(input && { input }) });

function writeListings(python) {
  const paths = folders.flatMap((folder) => names(folder).map((name) => `${folder}/${name}.py`));
  // One process for all: it runs the script, which compiles one file, once for each. 3.9 does not know `match`.
  const all = `import sys
for path in sys.argv[2:]:
    sys.argv[1] = path
    try:
        exec(${JSON.stringify(LISTING_SCRIPT)}, {})
    except SystemExit:
        print('null')
`;
  const lines = run(python, ['-', '', ...paths], all)
    .trim()
    .split('\n');
  const listings = Object.fromEntries(
    lines.flatMap((line, at) => (line === 'null' ? [] : [[paths[at].replace(/^.*\/|\.py$/g, ''), readListing(line)]])),
  );
  const version = listings[programs[0]].python;
  writeFileSync(`${cwd}recorded/${version}.listings.gz`, gzipSync(JSON.stringify(listings), { level: 9 }));
  return { version, listings };
}

/** Programs of programs/ whose f() fills r. */
const SAYING = ['kinds', 'library', 'objects', 'asked', 'matching'];

function recordSaid(python, version, listings) {
  const said = {};
  for (const name of SAYING.filter((each) => each in listings)) {
    const script = `space = {'__name__': 'prog'}\nexec(compile(open('programs/${name}.py').read(), '${name}', 'exec'), space)\nspace['f']()\nprint(repr(space['r']))`;
    said[name] = run(python, ['-c', script]).trim().split('\n').at(-1);
  }
  writeFileSync(`${cwd}recorded/${version}.said.json`, `${JSON.stringify(said, undefined, 2)}\n`);
}

/** @returns what was recorded of a version, by interval, program and mode */
function recorded(version) {
  const file = `${cwd}recorded/${version}.json`;
  return existsSync(file) && !values.anew ? JSON.parse(readFileSync(file, 'utf8')) : {};
}

const writeRecorded = (version, all) =>
  writeFileSync(`${cwd}recorded/${version}.json`, `${JSON.stringify(all, undefined, 2)}\n`);

/** @returns one recording of a program in one mode, and what was recorded before, as one */
function together(before, now) {
  const load = Math.max(before.load, now.load);
  const all = before.rounds + now.rounds;
  if (now.lost !== undefined) return { rounds: all, lost: before.lost + now.lost, load };
  const outcomes = { ...before.outcomes };
  for (const [text, count] of Object.entries(now.outcomes)) outcomes[text] = (outcomes[text] ?? 0) + count;
  return { rounds: all, outcomes, load };
}

/** Gives a program the rounds that it lacks in one mode at one interval. */
async function recordProgram(python, row, name, mode, interval) {
  const before = row[mode];
  if (before === null || before?.rounds >= rounds) return;
  const share = Math.ceil((rounds - (before?.rounds ?? 0)) / parallel);
  const args = ['record.py', `corpus/${name}.py`, mode, String(share), values.seconds, interval];
  const runs = Array.from({ length: parallel }, () => promisify(execFile)(python, args, { cwd }));
  const all = (await Promise.all(runs)).map(({ stdout }) => JSON.parse(stdout));
  row[mode] = all.reduce((sum, now) => (sum === undefined || now === null ? now : together(sum, now)), before);
}

const versions = pythons.map((python) => {
  const { version, listings } = writeListings(python);
  recordSaid(python, version, listings);
  return { python, version, all: recorded(version) };
});
if (rounds > 0) {
  for (const interval of values.intervals.split(',')) {
    for (const mode of values.modes.split(',')) {
      for (const { python, version, all } of versions) {
        // Up to 3.10 code is never specialized.
        if (mode === 'cold' && /^3\.(9|10)\./.test(version)) continue;
        all[interval] ??= {};
        for (const name of programs) {
          all[interval][name] ??= {};
          await recordProgram(python, all[interval][name], name, mode, interval);
          writeRecorded(version, all);
        }
        console.log(`${version}, ${interval} s, ${mode}: ${programs.length} programs`);
      }
    }
  }
}
