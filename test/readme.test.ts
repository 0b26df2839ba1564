/** The README's example runs as it is written, with no other file than itself. */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import * as assert from 'uvu/assert';
import { suite } from './support/suite.js';

const root = new URL('../../', import.meta.url);
const test = suite('README');

test('the example prints what it says it prints', async () => {
  const readme = await readFile(new URL('README.md', root), 'utf8');
  const [, name, code] = /<!-- example: (\S+) -->\n```js\n([\s\S]*?)```/.exec(readme) ?? [];
  assert.ok(code, 'README.md has an example');
  const promised = /console\.log\(.*\); \/\/ (.*)/.exec(code)?.[1];
  assert.ok(promised, 'the example says what it prints');
  // Inside the package, where its own name leads to its own exports.
  const folder = new URL('.build/readme/', root);
  await mkdir(folder, { recursive: true });
  const file = new URL(name, folder);
  await writeFile(file, code);
  const { stdout } = await promisify(execFile)(process.execPath, [file.pathname], { timeout: 30_000 });
  assert.is(stdout.trim(), promised);
});

test.run();
