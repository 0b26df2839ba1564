// Records what real CPythons make of the corpus, and how they compile it: for corpus.long.ts, which needs no Python.
//
//   node test/gil/python/record.mjs [OPTION…] PYTHON…     such as python3.9 python3.13
//
//   --seconds N     how long each program is run (1); 0 for none
//   --interval S    the switch interval in seconds (0.00001)
//   --loops N       nothing but record-loops.py, with so many calls a thread; what was recorded before is added to
//
// Writes recorded/VERSION.json, what was seen; recorded/VERSION.listings.gz, the listings by name, also of the files in
// programs/; and recorded/VERSION.said.json, what `r` is in those after f(), which say what the language means. With --loops, recorded/VERSION.loops.json, by interval and name. Needs a build.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { LISTING_SCRIPT, readListing } from '../../../dist/gil/outcomes/index.js';

/** s of the processor's time that a program may take in loops. */
const LONGEST_LOOP = 3;
const cwd = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals: pythons } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: 'string', default: '1' },
    interval: { type: 'string', default: '0.00001' },
    loops: { type: 'string' },
  },
});
const { seconds, interval, loops } = values;
const names = (folder) => readdirSync(cwd + folder).map((file) => file.replace(/\.py$/, ''));
const programs = names('corpus');
const folders = ['corpus', 'programs'];
mkdirSync(`${cwd}recorded`, { recursive: true });
const run = (python, more, input) => execFileSync(python, more, { cwd, encoding: 'utf8', ...(input && { input }) });

function writeListings(python) {
  const paths = folders.flatMap((folder) => names(folder).map((name) => `${folder}/${name}.py`));
  // One process for all: it runs the script, which compiles one file, once for each.
  const all = `import sys\nfor path in sys.argv[2:]:\n    sys.argv[1] = path\n    exec(${JSON.stringify(LISTING_SCRIPT)}, {})\n`;
  const lines = run(python, ['-', '', ...paths], all)
    .trim()
    .split('\n');
  const listings = Object.fromEntries(
    lines.map((line, at) => [paths[at].replace(/^.*\/|\.py$/g, ''), readListing(line)]),
  );
  const version = listings[programs[0]].python;
  writeFileSync(`${cwd}recorded/${version}.listings.gz`, gzipSync(JSON.stringify(listings), { level: 9 }));
  return version;
}

/** Programs of programs/ whose f() fills r. */
const SAYING = ['kinds', 'library', 'objects'];

function recordSaid(python, version) {
  const said = {};
  for (const name of SAYING) {
    const script = `space = {'__name__': 'prog'}\nexec(compile(open('programs/${name}.py').read(), '${name}', 'exec'), space)\nspace['f']()\nprint(repr(space['r']))`;
    said[name] = run(python, ['-c', script]).trim().split('\n').at(-1);
  }
  writeFileSync(`${cwd}recorded/${version}.said.json`, `${JSON.stringify(said, undefined, 2)}\n`);
}

function recordOutcomes(python, version) {
  // Up to 3.10 code is never specialized.
  const heats = /^3\.(9|10)\./.test(version) ? ['hot'] : ['hot', 'cold'];
  const seen = {};
  for (const name of programs) {
    seen[name] = {};
    for (const heat of heats) {
      seen[name][heat] = JSON.parse(run(python, ['record.py', `corpus/${name}.py`, seconds, heat, interval]));
    }
  }
  writeFileSync(
    `${cwd}recorded/${version}.json`,
    `${JSON.stringify({ seconds: Number(seconds), interval: Number(interval), seen }, undefined, 2)}\n`,
  );
}

function recordLoops(python) {
  const version = run(python, ['-c', 'import sys; print("%d.%d.%d" % sys.version_info[:3])']).trim();
  const file = `${cwd}recorded/${version}.loops.json`;
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const rows = { ...before[interval] };
  const found = JSON.parse(run(python, ['record-loops.py', String(LONGEST_LOOP), loops, interval, ...programs]));
  for (const [name, { calls, lost }] of Object.entries(found)) {
    const known = rows[name] ?? { calls: 0, lost: 0 };
    rows[name] = { calls: known.calls + calls, lost: known.lost + lost };
  }
  writeFileSync(file, `${JSON.stringify({ ...before, [interval]: rows }, undefined, 2)}\n`);
  return version;
}

for (const python of pythons) {
  if (loops !== undefined) {
    console.log(`${recordLoops(python)}: ${loops} calls a thread at ${interval} s`);
    continue;
  }
  const version = writeListings(python);
  recordSaid(python, version);
  if (Number(seconds) > 0) recordOutcomes(python, version);
  console.log(`${version}: ${programs.length} programs`);
}
