// What an import costs: only what is used, and no effect.
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { outputOf, ROOT, readPage } from './pages.js';

const test = suite('importing the package');

const ENTRIES = ['', '/gil', '/gil/outcomes', '/check', '/joblib', '/multiprocessing', '/stress', '/threading'].map(
  (entry) => `atomics-sync-free${entry}`,
);

/** Bundles a program, as users do. */
async function bundle(program: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: ROOT },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'node',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0].text;
}

/**
 * A program that prints what there is before and after another one, and ends.
 *
 * @param patience - for how long, in ms, it waits for what is left behind to go
 */
const watched = (program: string, patience: number): string => `
  import workerThreads from 'node:worker_threads';
  import { syncBuiltinESMExports } from 'node:module';
  const made = {};
  for (const [holder, name] of [[globalThis, 'SharedArrayBuffer'], [workerThreads, 'Worker']]) {
    holder[name] = class extends holder[name] {
      constructor(...args) {
        super(...args);
        made[name] = (made[name] ?? 0) + 1;
      }
    };
  }
  syncBuiltinESMExports();
  // Loading a file leaves a request that is over some time later; what is there to stay stays.
  const state = async () => {
    const end = performance.now() + ${patience};
    while (process.getActiveResourcesInfo().length > 0 && performance.now() < end) await new Promise(setImmediate);
    return {
      made: { ...made },
      resources: process.getActiveResourcesInfo(),
      listeners: process.eventNames().map((name) => [String(name), process.listenerCount(name)]),
      globals: Reflect.ownKeys(globalThis).map(String),
    };
  };
  const before = await state();
  ${program}
  console.log(JSON.stringify({ before, after: await state() }));
  process.exit();
`;

interface State {
  readonly made: Readonly<Record<string, number>>;
  readonly resources: readonly string[];
  readonly listeners: readonly (readonly [string, number])[];
  readonly globals: readonly string[];
}

async function watch(program: string, patience = 20_000): Promise<{ before: State; after: State }> {
  const code = watched(program, patience);
  return JSON.parse(await outputOf(process.execPath, ['--input-type=module', '--eval', code], ROOT));
}

for (const entry of ENTRIES) {
  test(`${entry}: an import leaves nothing behind`, async () => {
    const { before, after } = await watch(`await import('${entry}');`);
    assert.equal(after, before);
  });
}

test('it is seen when something is left behind', async () => {
  const program = `
    const { Worker } = await import('node:worker_threads');
    new Worker('new SharedArrayBuffer(8); setTimeout(() => {}, 60_000)', { eval: true }).unref();
    setInterval(() => {}, 1000);
  `;
  const { before, after } = await watch(program, 100);
  assert.is(after.made.Worker, 1);
  assert.ok(after.resources.length > before.resources.length);
});

test('the first primitive makes an arena, and listens for the end of the agent', async () => {
  const { before, after } = await watch(`const { Lock } = await import('${ENTRIES[0]}'); new Lock();`);
  assert.equal(before.made, {});
  // The arena, and the word by which it learns whether the agent may block.
  assert.is(after.made.SharedArrayBuffer, 2);
  assert.is(after.made.Worker, undefined);
  assert.equal(after.resources, before.resources);
  const listeners = ({ listeners }: State) => listeners.find(([name]) => name === 'exit')?.[1] ?? 0;
  assert.is(listeners(after), listeners(before) + 1);
});

test('a bundle that only makes a Lock holds no other primitive', async () => {
  const others = /name: ?"(Barrier|Condition|RWLock|RLock|Semaphore|BoundedSemaphore|Event)/;
  const text = await bundle("import { Lock } from 'atomics-sync-free'; new Lock();");
  assert.match(text, /"Lock"/);
  assert.not.match(text, /import\.meta|__filename/, 'nor where the package is');
  assert.not.match(text, others);
  assert.match(await bundle("import { Condition } from 'atomics-sync-free'; new Condition();"), others);
});

test('a bundle that makes no arena of its own holds none of the ways to make one', async () => {
  const ways = /Arena\.over|byteLength must be a multiple/;
  assert.not.match(await bundle("import { Lock, share } from 'atomics-sync-free'; share(new Lock());"), ways);
  assert.match(await bundle("import { Arena } from 'atomics-sync-free'; new Arena();"), ways);
});

test('bundles are as small as the guide says', async () => {
  const { text: guide } = await readPage('docs/getting-started.md');
  const [, lock, all] = /a `Lock` alone is\s+([\d.]+) kB, and everything ([\d.]+) kB/.exec(guide) ?? [];
  for (const [names, said] of [
    ['{ Lock }', lock],
    ['*', all],
  ]) {
    const kilobytes = gzipSync(await bundle(`export ${names} from 'atomics-sync-free';`)).length / 1000;
    assert.ok(Math.abs(kilobytes / Number(said) - 1) < 0.05, `${names}: ${kilobytes} kB, and the guide says ${said}`);
  }
});

test('what several entries export is one and the same, and classes have the names they are exported by', async () => {
  // These two know more than the main entry's.
  const OWN = ['attach', 'serve'];
  const program = `
    const found = [];
    const seen = new Map();
    for (const entry of ${JSON.stringify(ENTRIES)})
      for (const [name, value] of Object.entries(await import(entry))) {
        if (typeof value === 'function' && /^class\\b/.test(value) && value.name !== name) found.push([entry, name, value.name]);
        if (seen.has(name) && seen.get(name) !== value) found.push([entry, name]);
        seen.set(name, value);
      }
    console.log(JSON.stringify({ count: seen.size, found }));
  `;
  const output = await outputOf(process.execPath, ['--input-type=module', '--eval', program], ROOT);
  const { count, found } = JSON.parse(output) as { count: number; found: readonly string[][] };
  assert.ok(count > 100);
  const strange = found.filter(([, name]) => !OWN.includes(name));
  assert.equal(strange, [['atomics-sync-free/multiprocessing', 'Array', 'SharedArray']]);
});

test('a bundle that only imports holds nothing', async () => {
  assert.is(await bundle(ENTRIES.map((entry) => `import '${entry}';`).join('\n')), '');
});

test.run();
