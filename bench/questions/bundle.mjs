// What the package adds to a bundle, and how long it takes to load.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { duration, number } from '../lib/format.mjs';
import { across, interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const PACKAGE = 'atomics-sync-free';
const PRIMITIVES = ['Lock', 'RLock', 'Semaphore', 'BoundedSemaphore', 'Event', 'Condition', 'Barrier', 'RWLock'];

const SOURCES = {
  [PACKAGE]: `export * from '${PACKAGE}'`,
  ...Object.fromEntries(
    ['gil', 'check'].map((entry) => [`${PACKAGE}/${entry}`, `export * from '${PACKAGE}/${entry}'`]),
  ),
  ...Object.fromEntries(PRIMITIVES.map((name) => [`${name} alone`, `export { ${name} } from '${PACKAGE}'`])),
  'Lock, share, attach': `export { Lock, share, attach } from '${PACKAGE}'`,
  'async-mutex': "export * from 'async-mutex'",
  multithreading: "export * from 'multithreading'",
};

async function sizeOf(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: fileURLToPath(new URL('.', import.meta.url)) },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  const [{ contents: bytes }] = outputFiles;
  return { minified: bytes.length, zipped: gzipSync(bytes, { level: 9 }).length };
}

export default {
  name: 'bundle',
  title: 'Size and load time',

  async measure(lab) {
    lab.say('sizes');
    const sizes = [];
    for (const [name, source] of Object.entries(SOURCES)) sizes.push({ name, ...(await sizeOf(source)) });
    lab.say('load times');
    const entries = [
      PACKAGE,
      `${PACKAGE}/gil`,
      `${PACKAGE}/check`,
      `${PACKAGE}/stress`,
      'async-mutex',
      'multithreading',
    ];
    const plan = { sets: lab.choose(2, 15), rounds: 1, numbers: [0], limit: 10_000 };
    const results = await interleave(
      entries.map((entry) => lab.js(entry, 'load.mjs', entry)),
      plan,
    );
    const loads = Object.entries(results).map(([name, { values, state }]) => ({ name, state, ms: across(values) }));
    return { sizes, loads };
  },

  tables({ sizes, loads }) {
    return [
      {
        title: 'Bytes in a bundle',
        keys: 1,
        head: ['', 'minified', 'and gzipped'],
        rows: sizes.map(({ name, minified, zipped }) => [name, number(minified), number(zipped)]),
      },
      {
        title: 'Time of the first import',
        keys: 1,
        head: ['', 'median'],
        rows: loads.map(({ name, state, ms }) => [name, ms === undefined ? state : duration(ms.median * 1e6)]),
      },
    ];
  },

  targets({ sizes }) {
    const { zipped } = sizes.find(({ name }) => name === PACKAGE);
    return [atMost('index entry, minified and gzipped, in kB', 6, zipped / 1000)];
  },
};
