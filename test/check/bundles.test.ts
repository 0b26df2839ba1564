// Places in bundles, by their source maps.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, buildSync } from 'esbuild';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('bundles');

// Inside the package, where its own name leads to its own exports.
const folder = fileURLToPath(new URL('../../bundle-check/', import.meta.url));
test.before(() => void mkdirSync(folder, { recursive: true }));
test.after(() => rmSync(folder, { recursive: true }));

const helpers = `// A comment, which a bundle leaves out.
export interface Held { readonly words: Int32Array }

export function spinLock({ words }: Held): void {
  while (Atomics.exchange(words, 0, 1) === 1);
}
`;
const scenario = `import { explore } from 'atomics-sync-free/check';
import { type Held, spinLock } from './helpers.ts';

function thread(held: Held): void {
  spinLock(held);
  spinLock(held);
}

const result = explore({ memory: { lock: 0 }, threads: [thread], maxStates: 5_000 });
console.log(JSON.stringify([result.failure?.kind, ...(result.failure?.schedule.steps ?? []).map(({ where }) => where)]));
`;

/** The kind of the failure that a bundle of the two files finds, and where the steps are. */
function placesIn(name: string, options: BuildOptions, nodeArgs: readonly string[] = []): string[] {
  writeFileSync(join(folder, 'helpers.ts'), helpers);
  writeFileSync(join(folder, 'scenario.ts'), scenario);
  const outfile = join(folder, name);
  const esm: BuildOptions = { bundle: true, minify: true, format: 'esm', platform: 'node', logLevel: 'error' };
  buildSync({ ...esm, entryPoints: [join(folder, 'scenario.ts')], outfile, ...options });
  return run(outfile, nodeArgs);
}

function run(file: string, nodeArgs: readonly string[] = []): string[] {
  return JSON.parse(execFileSync(process.execPath, [...nodeArgs, file], { encoding: 'utf8', timeout: 20_000 }));
}

/** The steps at the source: the helper's loop at its exchange, called from the thread's two lines, the second for ever. */
function assertMapped([kind, first, ...others]: string[]): void {
  assert.is(kind, 'livelock');
  assert.match(first, /^\S+ helpers\.ts:5:18 ← \S+ scenario\.ts:5:3$/);
  assert.ok(others.length > 0);
  for (const place of others) assert.match(place, /^\S+ helpers\.ts:5:18 ← \S+ scenario\.ts:6:3$/);
}

test('a minified bundle with its map beside it', () => {
  assertMapped(placesIn('beside.mjs', { sourcemap: true }));
});

test('a minified bundle with its map inside', () => {
  assertMapped(placesIn('inside.mjs', { sourcemap: 'inline' }));
});

test('a bundle in a script of CommonJS, which has a path in place of a URL', () => {
  assertMapped(placesIn('bundle #1?.cjs', { sourcemap: 'inline', format: 'cjs' }));
});

test('if the host maps stacks itself, the verdict and the places are the same', () => {
  assertMapped(placesIn('host.mjs', { sourcemap: true }, ['--enable-source-maps']));
});

test('a map of several parts', () => {
  placesIn('parts.mjs', { sourcemap: true });
  const file = join(folder, 'parts.mjs.map');
  const map: unknown = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ version: 3, sections: [{ offset: { line: 0, column: 0 }, map }] }));
  assertMapped(run(join(folder, 'parts.mjs')));
});

test("without a map columns tell places apart, and the explorer's own frames are left out", () => {
  const [kind, first, second] = placesIn('without.mjs', {});
  assert.is(kind, 'livelock');
  const [called, again] = [first, second].map((place) => place.split(' ← '));
  assert.is(called.length, 2);
  assert.is(called[0], again[0]);
  assert.match(called[0], /^\S+ without\.mjs:\d+:\d+$/);
  assert.is.not(called[1], again[1]);
});

test('a map that is gone or broken is no error', () => {
  placesIn('broken.mjs', { sourcemap: true });
  for (const spoil of [(map: string) => writeFileSync(map, '{"version": 3'), (map: string) => rmSync(map)]) {
    spoil(join(folder, 'broken.mjs.map'));
    const [kind, first] = run(join(folder, 'broken.mjs'));
    assert.is(kind, 'livelock');
    assert.match(first, /^\S+ broken\.mjs:\d+:\d+ ← \S+ broken\.mjs:\d+:\d+$/);
  }
});

test.run();
