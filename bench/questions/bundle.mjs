// What the package adds to a bundle, and how long it takes to load.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { duration, number } from '../lib/format.mjs';
import { across, interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const PACKAGE = 'atomics-sync-free';
const BASE = 'Lock + share + attachWith(Lock)';
/** The classes that may be added to the Lock of BASE. */
const MORE = ['RLock', 'Semaphore', 'BoundedSemaphore', 'Event', 'Condition', 'Barrier', 'RWLock'];
const PEERS = ['async-mutex', 'multithreading'];

/** Every module that the package exports. */
const ENTRIES = Object.keys(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).exports)
  .filter((entry) => !entry.endsWith('.json'))
  .map((entry) => PACKAGE + entry.slice(1));
/** Those that no browser can load. */
const NODE_ONLY = ['stress', 'distributed', 'joblib/bullmq'].map((name) => `${PACKAGE}/${name}`);

/** A program that uses a few primitives and gets them from other agents. */
const attaching = (classes) => `
  import { attachWith, share, ${classes} } from '${PACKAGE}';
  export { share, ${classes} };
  export const attach = attachWith(${classes});`;

const SOURCES = {
  'Lock alone': `export { Lock } from '${PACKAGE}'`,
  [BASE]: attaching(['Lock']),
  ...Object.fromEntries(MORE.map((name) => [`… and ${name}`, attaching(['Lock', name])])),
  '… and all of these': attaching(['Lock', ...MORE]),
  ...Object.fromEntries(
    [...ENTRIES.filter((entry) => !NODE_ONLY.includes(entry)), ...PEERS].map((entry) => [
      `everything of ${entry}`,
      `export * from '${entry}'`,
    ]),
  ),
};

/** @returns the size of a bundle in bytes, or why there is none */
async function sizeOf(contents) {
  try {
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
    return { state: 'ok', minified: bytes.length, zipped: gzipSync(bytes, { level: 9 }).length };
  } catch (error) {
    return { state: `failed: ${error.errors?.[0]?.text ?? error.message}` };
  }
}

export default {
  name: 'bundle',
  title: 'Size and load time',

  async measure(lab) {
    lab.say('sizes');
    const sizes = [];
    for (const [name, source] of Object.entries(SOURCES)) sizes.push({ name, ...(await sizeOf(source)) });
    lab.say('load times');
    const plan = { sets: lab.choose(2, 15), rounds: 1, numbers: [0], limit: 10_000 };
    const results = await interleave(
      [...ENTRIES, ...PEERS].map((entry) => lab.js(entry, 'load.mjs', entry)),
      plan,
    );
    const loads = Object.entries(results).map(([name, { values, state }]) => ({ name, state, ms: across(values) }));
    return { sizes, loads };
  },

  tables({ sizes, loads }) {
    const base = sizes.find(({ name }) => name === BASE);
    return [
      {
        title: 'Bytes in a bundle',
        keys: 1,
        head: ['', 'minified', 'and gzipped', `more than ${BASE}`],
        rows: sizes.map(({ name, state, minified, zipped }) => [
          name,
          state === 'ok' ? number(minified) : state,
          number(zipped),
          name.startsWith('…') && state === 'ok' ? `+${number(zipped - base.zipped)}` : '',
        ]),
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
    const { zipped } = sizes.find(({ name }) => name === BASE);
    return [atMost(`${BASE}, minified and gzipped, in kB`, 7.3, zipped && zipped / 1000)];
  },
};
