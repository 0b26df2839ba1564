// A bundle in CommonJS, as for a function in the cloud or a desktop program: esbuild leaves its modules no import.meta.url.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { outputOf, ROOT } from './pages.js';

const test = suite('bundles in CommonJS');

const PROGRAM = `
import { Manager, Pool, Process, Queue, isMain, task } from 'atomics-sync-free/multiprocessing';
import { Parallel, delayed } from 'atomics-sync-free/joblib';
import { Thread } from 'atomics-sync-free/threading';

export const square = task(__filename, 'square', (x) => x * x);
export const put = task(__filename, 'put', (queue, x) => queue.put(x));

async function main() {
  const thread = new Thread({ target: square, args: [2] });
  thread.start();
  thread.join();
  console.log(thread.result);
  const pool = new Pool(1);
  console.log(await pool.mapAsync(square, [3]));
  pool.close();
  const queue = new Queue();
  const process = new Process({ target: put, args: [queue, 16] });
  process.start();
  console.log(queue.get());
  const child = new Process({ target: square, args: [5], context: 'process' });
  child.start();
  child.join();
  console.log(child.exitcode);
  const children = new Pool(1, { context: 'process' });
  console.log(await children.applyAsync(square, [6]));
  children.terminate();
  console.log(await new Parallel({ nJobs: 2 }).runAsync([delayed(square)(7)]));
  const manager = new Manager();
  console.log(manager.list([64]).at(0));
  manager.shutdown();
}
if (isMain) main();
`;

let folder: string;
test.before(() => {
  folder = mkdtempSync(join(tmpdir(), 'commonjs bundle '));
});
test.after(() => rmSync(folder, { recursive: true }));

/** Makes a bundle of a program. */
async function bundle(contents: string, outfile: string): Promise<string> {
  const { warnings } = await build({
    stdin: { contents, resolveDir: ROOT },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    logOverride: { 'empty-import-meta': 'silent' },
    outfile: join(folder, outfile),
  });
  assert.equal(warnings, []);
  return join(folder, outfile);
}

test('have threads, processes, pools, loops and managers', async () => {
  const file = await bundle(PROGRAM, 'main.cjs');
  assert.is(await outputOf(process.execPath, [file], folder), '4\n[ 9 ]\n16\n0\n36\n[ 49 ]\n64');
});

test('that do not know where they are have what needs no module, such as queues', async () => {
  const program = `
    import { Queue } from 'atomics-sync-free/multiprocessing';
    const queue = new Queue();
    queue.put(1);
    console.log(queue.get());`;
  const text = readFileSync(await bundle(program, 'script.cjs'), 'utf8');
  const runner = join(folder, 'runner.cjs');
  writeFileSync(runner, `new Function('require', 'module', ${JSON.stringify(text)})(require, {});`);
  assert.is(await outputOf(process.execPath, [runner], folder), '1');
});

test.run();
