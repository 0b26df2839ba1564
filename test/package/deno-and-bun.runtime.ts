// Deno and Bun run what the guides show. They come from npm, so it needs the network: node .build/test/run.js --suffix .runtime.js
import { cp, readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { outputOf, promisedBy, ROOT, readPage, readPages } from './pages.js';
import { createProject, INSTALLS, installPackages, removeProject } from './project.js';

const test = suite('other runtimes');

interface Runtime {
  readonly name: string;
  /** As docs/getting-started.md names it. */
  readonly version: string;
  readonly run: readonly string[];
  /** The same for files that may do anything. */
  readonly runFreely: readonly string[];
  /** What else some files must be allowed. */
  readonly more: Readonly<Record<string, readonly string[]>>;
}

const RUNTIMES: readonly Runtime[] = [
  {
    name: 'deno',
    version: '2.9.6',
    run: ['run', '--allow-read', '--allow-net=127.0.0.1'],
    runFreely: ['run', '--allow-all'],
    more: {
      'child.mjs': ['--allow-env', '--allow-run'],
      'examples/line-stages.mjs': ['--allow-env', '--allow-write'],
      'examples/log-pipeline.mjs': ['--allow-env', '--allow-write'],
      'examples/word-count.mjs': ['--allow-env', '--allow-write'],
    },
  },
  { name: 'bun', version: '1.4.5', run: [], runFreely: [], more: {} },
];

/** What becomes of a thread that dies, and of its lock. */
const DEATH = `
import { isMain, Lock, OwnerDiedError, task, Thread, WorkerDiedError } from 'atomics-sync-free/threading';

export const dies = task(import.meta.url, 'dies', (lock) => {
  lock.acquire();
  process.exit(3);
});

if (isMain) {
  const lock = new Lock();
  const thread = new Thread({ target: dies, args: [lock] });
  thread.start();
  thread.join();
  const thrownBy = (call) => {
    try {
      return call();
    } catch (error) {
      return error;
    }
  };
  const error = thrownBy(() => thread.result);
  console.log(error instanceof WorkerDiedError, error.exitCode); // true 3
  console.log(thrownBy(() => lock.acquire(20_000)) instanceof OwnerDiedError); // true
}
`;

/** A child process that is killed, and one that answers. */
const CHILD = `
import { isMain, Pipe, Process, task } from 'atomics-sync-free/multiprocessing';

export const answer = task(import.meta.url, 'answer', async (connection) => connection.sendAsync(process.pid));
export const spin = task(import.meta.url, 'spin', () => {
  for (;;);
});

if (isMain) {
  const [here, there] = Pipe();
  const child = new Process({ target: answer, args: [there], context: 'process' });
  child.start();
  console.log(here.recv() === child.pid, child.pid === process.pid); // true false
  child.join();
  const other = new Process({ target: spin, context: 'process' });
  other.start();
  other.kill();
  other.join();
  console.log(child.exitcode, other.exitcode); // 0 -9
}
`;

/** A worker that this package has not started, and that blocks for an item whose memory it cannot get, is told so at once. */
const PLAIN = `
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { dumpAgents } from 'atomics-sync-free';
import { attach, Queue, share } from 'atomics-sync-free/multiprocessing';

if (isMainThread) {
  const queue = new Queue();
  const worker = new Worker(new URL(import.meta.url), { workerData: share({ queue }) });
  const told = new Promise((resolve) => worker.on('message', resolve));
  const turn = () => new Promise((resolve) => setTimeout(resolve, 1));
  while (!dumpAgents(queue.arena).agents.some(({ waitsFor }) => waitsFor)) await turn();
  queue.put(new Int32Array(new SharedArrayBuffer(8)));
  console.log(await told); // ERR_UNKNOWN_MEMORY true
  await worker.terminate();
} else {
  const { queue } = attach(workerData);
  const since = performance.now();
  try {
    queue.get();
  } catch (error) {
    parentPort.postMessage(\`\${error.code} \${performance.now() - since < 4000}\`);
  }
}
`;

const guide = await readPage('docs/getting-started.md');
const shown = [
  ...guide.examples,
  { name: 'death.mjs', code: DEATH },
  { name: 'child.mjs', code: CHILD },
  { name: 'plain.mjs', code: PLAIN },
];
/** Of the README and the guides, each page in a folder of its own. */
const pages = (await readPages())
  .filter(({ path }) => path !== 'docs/getting-started.md')
  .flatMap(({ path, examples }) =>
    examples.map(({ name, code }) => ({ name: join(path.replaceAll('/', '-'), name), code })),
  );
/** Those that need no server. */
const examples = (await readdir(join(ROOT, 'docs/examples'))).filter((name) => /^[^.]+\.mjs$/.test(name));
let project: string;

test.before(async () => {
  project = await createProject([...shown, ...pages]);
  await cp(join(ROOT, 'docs/examples'), join(project, 'examples'), { recursive: true });
  const packages = RUNTIMES.map(({ name, version }) => `${name}@${version}`);
  await installPackages(join(project, '..'), ...packages);
}, INSTALLS);
test.after(() => removeProject(project));

for (const { name, version, run, runFreely, more } of RUNTIMES) {
  const outputOfFile = (file: string) =>
    outputOf(join(project, '../node_modules/.bin', name), [...run, ...(more[file] ?? []), file], project);

  test(`${name} is the version that the guide names`, async () => {
    const shown = await outputOf(join(project, '../node_modules/.bin', name), ['--version'], project);
    assert.ok(shown.includes(version), shown);
    assert.match(guide.text, new RegExp(`\\b${name} ${version.replaceAll('.', '\\.')}\\b`, 'i'));
  });

  for (const { name: file, code } of shown.filter(({ code }) => promisedBy(code) !== '')) {
    test(`${name} runs ${file}`, async () => assert.is(await outputOfFile(file), promisedBy(code)));
  }

  for (const { name: file, code } of pages.filter(({ code }) => promisedBy(code) !== '')) {
    test(`${name} runs ${file}`, async () => {
      const command = join(project, '../node_modules/.bin', name);
      const output = await outputOf(command, [...runFreely, basename(file)], join(project, dirname(file)));
      // They print texts in other quotes than Node.
      assert.is(output.replaceAll('"', "'"), promisedBy(code).replaceAll('"', "'"));
    });
  }

  for (const example of examples) {
    test(`${name} runs the example ${example}`, async () => {
      const promised = promisedBy(await readFile(join(ROOT, 'docs/examples', example), 'utf8'));
      assert.is(await outputOfFile(join('examples', example)), promised);
    });
  }
}

test.run();
