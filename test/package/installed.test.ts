// The package as users get it: packed, and installed into a project that has nothing else.
import { access, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { bundleByEsbuild, runAlone, samples } from './bundles.js';
import { outputOf, promisedBy, readPage } from './pages.js';
import { createProject, INSTALLS, removeProject } from './project.js';

const test = suite('the installed package');

const [readme] = (await readPage('README.md')).examples.filter(({ name }) => name === 'counter.mjs');
let project: string;

test.before(async () => {
  project = await createProject([readme, ...(await samples())]);
}, INSTALLS);
test.after(() => removeProject(project));

test('it is alone in node_modules', async () => {
  const names = (await readdir(join(project, 'node_modules'))).filter((name) => !name.startsWith('.'));
  assert.equal(names, ['atomics-sync-free']);
});

test("the README's example runs from an ES module", async () => {
  assert.is(await outputOf(process.execPath, [readme.name], project), promisedBy(readme.code));
});

test("the README's example runs from a CommonJS module", async () => {
  // Only what cannot be said in CommonJS is said otherwise.
  const code = readme.code
    .replaceAll(/^import (\{.*\}) from ('.*');$/gm, 'const $1 = require($2);')
    .replace('new URL(import.meta.url)', '__filename')
    .replace('await Promise.all(', 'Promise.all(')
    .replace(/(console\.log\(.*\));/, 'process.on("exit", () => $1);');
  assert.not(/\b(await|import)\b/.test(code), code);
  await writeFile(join(project, 'counter.cjs'), code);
  assert.is(await outputOf(process.execPath, ['counter.cjs'], project), promisedBy(readme.code));
});

test('a bundle by esbuild runs where there is nothing else', async () => {
  const options = { platform: 'node', outExtension: { '.js': '.mjs' } } as const;
  const bundle = await bundleByEsbuild(join(project, 'node'), ['main.mjs', 'worker.mjs'], options);
  assert.is(await runAlone(bundle, 'main.mjs'), '40000');
});

test('every map leads to a source that is there, and every source has its map', async () => {
  const root = join(project, 'node_modules/atomics-sync-free');
  const maps = (await readdir(join(root, 'dist'), { recursive: true })).filter((path) => path.endsWith('.map'));
  const used = new Set<string>();
  for (const map of maps) {
    const file = join(root, 'dist', map);
    const { sources, sourcesContent } = JSON.parse(await readFile(file, 'utf8')) as {
      sources: string[];
      sourcesContent?: string[];
    };
    for (const [i, source] of sources.entries()) {
      const path = join(dirname(file), source);
      if (sourcesContent?.[i] === undefined) await access(path);
      used.add(path);
    }
  }
  // What the build writes is declared only, and so has no map.
  const sources = (await readdir(join(root, 'src'), { recursive: true })).filter((path) => /(?<!\.d)\.ts$/.test(path));
  assert.ok(sources.length > 0);
  assert.equal(
    sources.filter((path) => !used.has(join(root, 'src', path))),
    [],
  );
});

test.run();
