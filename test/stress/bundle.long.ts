/** The lab in a bundle: its workers need it as files. */
import { execFile } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';

const test = suite('stress bundle');

const program = `
import { catalogue, run, selectTests } from 'atomics-sync-free/stress';
const [test] = selectTests(catalogue, ['lost-update/lock']);
console.log(await run(test, { seconds: 0.2, untilSeen: 20 }).then(({ verdict }) => verdict, ({ message }) => message));
`;

/** What the program prints when esbuild has made one file of it. */
async function bundled(packages: 'bundle' | 'external'): Promise<string> {
  // Inside the package, where its own name leads to its own exports.
  const folder = fileURLToPath(new URL(`../../bundle ${packages}/`, import.meta.url));
  await mkdir(folder, { recursive: true });
  atTestEnd(() => rm(folder, { recursive: true }));
  const [from, to] = [join(folder, 'program.js'), join(folder, 'bundle.mjs')];
  await writeFile(from, program);
  await build({ entryPoints: [from], outfile: to, bundle: true, format: 'esm', platform: 'node', packages });
  const { stdout } = await promisify(execFile)(process.execPath, [to], { timeout: 60_000 });
  return stdout.trim();
}

test('where all is one file, run says how to bundle', async () => {
  assert.match(await bundled('bundle'), /cannot be part of a bundle.*\(esbuild --packages=external\)/);
});

test('with packages left out it runs', async () => {
  assert.is(await bundled('external'), 'PASSED');
});

test.run();
