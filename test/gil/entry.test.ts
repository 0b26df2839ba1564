// What an import of the entry loads: a program under a GIL has no use for the checker.
import * as assert from 'uvu/assert';
import { outputOf, ROOT } from '../package/pages.js';
import { suite } from '../support/suite.js';

const test = suite('entry ./gil');

/** The files of dist that Node loads for an import, from dist on. */
async function loadedBy(entry: string): Promise<string[]> {
  const hooks = `export async function load(url, context, next) {
    const [, path] = /\\/dist\\/(.*)$/.exec(url) ?? [];
    if (path !== undefined) (await import('node:fs')).writeSync(1, path + '\\n');
    return next(url, context);
  }`;
  const program = `
    import { register } from 'node:module';
    register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hooks)}));
    await import('${entry}');
  `;
  const printed = await outputOf(process.execPath, ['--input-type=module', '--eval', program], ROOT);
  return printed.split('\n');
}

test('atomics-sync-free/gil loads no file of the checker', async () => {
  const files = await loadedBy('atomics-sync-free/gil');
  assert.ok(files.includes('gil/index.js'), String(files));
  assert.equal(
    files.filter((file) => /^(check|gil\/outcomes)\//.test(file)),
    [],
  );
});

test('atomics-sync-free/gil/outcomes loads it', async () => {
  assert.ok((await loadedBy('atomics-sync-free/gil/outcomes')).includes('check/index.js'));
});

test.run();
