// Workers, too, load what Node was told to load before the program, such as TypeScript compilers.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('what is loaded first');
const PROGRAM = fileURLToPath(new URL('./loaded-first.worker.js', import.meta.url));

let folder: string;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'loaded first '));
});
test.after(() => rmSync(folder, { recursive: true }));

function written(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** What the program prints, line by line. */
function lines(options: readonly string[], args: readonly string[] = [], env: object = {}): string[] {
  const { stdout, stderr } = spawnSync(process.execPath, [...options, PROGRAM, ...args], {
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...env },
    cwd: folder,
  });
  assert.is(stderr, '');
  return stdout.trim().split('\n');
}

test('by --import, in threads and pools, with a path relative to the working directory', () => {
  written('first.mjs', 'globalThis.loadedFirst = 41;');
  written('second.mjs', 'globalThis.loadedFirst++;');
  for (const options of [
    ['--import', './first.mjs', '--import', './second.mjs'],
    ['--import=./first.mjs', '--import=./second.mjs'],
  ])
    assert.equal(lines(options), ['42', '42']);
});

test('by NODE_OPTIONS, before the modules named on the command line', () => {
  const first = pathToFileURL(written('first.mjs', 'globalThis.loadedFirst = 41;')).href;
  written('second.mjs', 'globalThis.loadedFirst++;');
  const spaced = written('a "b" c.mjs', 'globalThis.loadedFirst++;');
  const quoted = `"${pathToFileURL(spaced).href.replace('%20', ' ')}"`;
  const env = { NODE_OPTIONS: `--import ${first} --no-warnings --import=${quoted}` };
  assert.equal(lines(['--import', './second.mjs'], [], env), ['43', '43']);
});

test('a module that only require() can load, with a hook installed by -r', () => {
  const hook = written(
    'hook.cjs',
    `require.extensions['.twice'] = (module, path) => {
      module._compile(require('node:fs').readFileSync(path, 'utf8').replace('TWICE', '() => 42'), path);
    };`,
  );
  const module = pathToFileURL(written('of.twice', 'exports.twice = TWICE;')).href;
  assert.equal(lines(['-r', hook], [module]), ['42', '42']);
});

test('TypeScript that the host cannot load causes an error that names the remedy, in pools, too', () => {
  const module = pathToFileURL(written('of.ts', 'enum Kind { A }; export const twice = (): number => Kind.A;')).href;
  const said = lines([], [module]);
  assert.is(said.length, 2);
  for (const line of said)
    assert.match(line, /^ERR_FUNCTION file:.*of\.ts could not be loaded .* compile the module.*--import tsx/);
});

test.run();
