// What webpack makes of the package for Node, for which npm cit has no time. For browsers: bundlers.browser.ts.
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { bundleByWebpack, runAlone, samples } from './bundles.js';
import { createProject, INSTALLS, removeProject } from './project.js';

const test = suite('bundles for Node');

let project: string;
test.before(async () => {
  project = await createProject(await samples());
}, INSTALLS);
test.after(() => removeProject(project));

test('webpack', async () => {
  assert.is(await runAlone(await bundleByWebpack(join(project, 'node')), 'main.js'), '40000');
});

test.run();
