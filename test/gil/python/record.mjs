// Records what real CPythons make of the corpus, and how they compile it: for corpus.test.ts, which needs no Python.
//
//   node test/gil/python/record.mjs [--seconds N] PYTHON…     such as python3.9 python3.13
//
// Writes recorded/VERSION.json, what was seen, and recorded/VERSION.listings.gz, the listings by name, also of the files in
// programs/. With --seconds 0 it writes only the listings. Needs a build.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { LISTING_SCRIPT, readListing } from '../../../dist/gil/outcomes/index.js';

const SWITCH_INTERVAL = 0.00001;
const cwd = fileURLToPath(new URL('.', import.meta.url));
const args = process.argv.slice(2);
const seconds = args[0] === '--seconds' ? Number(args.splice(0, 2)[1]) : 1;
const names = (folder) => readdirSync(cwd + folder).map((file) => file.replace(/\.py$/, ''));
const programs = names('corpus');
const folders = ['corpus', 'programs'];
mkdirSync(`${cwd}recorded`, { recursive: true });

for (const python of args) {
  const run = (more, input) => execFileSync(python, more, { cwd, encoding: 'utf8', ...(input && { input }) });
  const paths = folders.flatMap((folder) => names(folder).map((name) => `${folder}/${name}.py`));
  // One process for all: it runs the script, which compiles one file, once for each.
  const all = `import sys\nfor path in sys.argv[2:]:\n    sys.argv[1] = path\n    exec(${JSON.stringify(LISTING_SCRIPT)}, {})\n`;
  const lines = run(['-', '', ...paths], all)
    .trim()
    .split('\n');
  const listings = Object.fromEntries(
    lines.map((line, at) => [paths[at].replace(/^.*\/|\.py$/g, ''), readListing(line)]),
  );
  const version = listings[programs[0]].python;
  writeFileSync(`${cwd}recorded/${version}.listings.gz`, gzipSync(JSON.stringify(listings), { level: 9 }));
  if (seconds === 0) continue;
  // Up to 3.10 code is never specialized.
  const heats = /^3\.(9|10)\./.test(version) ? ['hot'] : ['hot', 'cold'];
  const seen = {};
  for (const name of programs) {
    seen[name] = {};
    for (const heat of heats) {
      const printed = run(['record.py', `corpus/${name}.py`, String(seconds), heat, String(SWITCH_INTERVAL)]);
      seen[name][heat] = JSON.parse(printed);
    }
  }
  writeFileSync(
    `${cwd}recorded/${version}.json`,
    `${JSON.stringify({ seconds, interval: SWITCH_INTERVAL, seen }, undefined, 2)}\n`,
  );
  console.log(`${version}: ${programs.length} programs`);
}
