// Which implementation `#host` resolves to under the package's conditions.
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { outputOf, ROOT } from '../package/pages.js';
import { suite } from '../support/suite.js';

const test = suite('#host');

const resolved = (...flags: string[]): Promise<string> =>
  outputOf(
    process.execPath,
    [...flags, '--input-type=module', '--eval', "console.log(import.meta.resolve('#host'))"],
    ROOT,
  );

test('Node takes worker_threads', async () => {
  assert.match(await resolved(), /\/dist\/host\/node\.js$/);
});

test('the condition browser takes Web Workers', async () => {
  assert.match(await resolved('--conditions', 'browser'), /\/dist\/host\/web\.js$/);
});

for (const [platform, file] of [
  ['node', 'node'],
  ['neutral', 'node'],
  ['browser', 'web'],
] as const) {
  test(`esbuild for ${platform} bundles ${file}.js`, async () => {
    const { metafile } = await build({
      stdin: { contents: "export * from '#host';", resolveDir: ROOT },
      bundle: true,
      format: 'esm',
      platform,
      external: ['node:*'],
      write: false,
      metafile: true,
    });
    const inputs = Object.keys(metafile.inputs).filter((path) => path.startsWith('dist/host/'));
    assert.equal(inputs, [`dist/host/${file}.js`]);
  });
}

test.run();
