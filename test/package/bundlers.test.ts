// What bundlers make of the package for Node. What they make for browsers: bundlers.browser.ts.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import { bundleByEsbuild, bundleByWebpack, samples } from './bundles.js';
import { outputOf } from './pages.js';
import { createProject, removeProject } from './project.js';

const test = suite('bundles for Node');

let project: string;
test.before(async () => {
  project = await createProject(await samples());
});
test.after(() => removeProject(project));

/** Runs a bundle where there is nothing else. */
async function run(bundle: string, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'bundle-'));
  atTestEnd(() => rm(folder, { recursive: true }));
  await cp(bundle, folder, { recursive: true });
  return outputOf(process.execPath, [join(folder, name)], folder);
}

test('esbuild', async () => {
  const options = { platform: 'node', outExtension: { '.js': '.mjs' } } as const;
  const bundle = await bundleByEsbuild(join(project, 'node'), ['main.mjs', 'worker.mjs'], options);
  assert.is(await run(bundle, 'main.mjs'), '40000');
});

test('webpack', async () => {
  assert.is(await run(await bundleByWebpack(join(project, 'node')), 'main.js'), '40000');
});

test.run();
