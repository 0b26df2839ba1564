// Pools, managers, threads and Memory where all timers are fakes that nobody moves.
//
//   node faked.program.js FAKES ORDER    sinon or node; before the package is loaded, or after
import { mkdtemp, rm } from 'node:fs/promises';
import { mock } from 'node:test';
import { install } from '@sinonjs/fake-timers';

const [, , fakes, order] = process.argv;

const fake = (): unknown =>
  fakes === 'node'
    ? mock.timers.enable()
    : install({ toFake: ['setTimeout', 'setInterval', 'setImmediate', 'Date', 'performance', 'hrtime'] });

if (order === 'before') fake();
const { Manager, Pipe, Pool } = await import('atomics-sync-free/multiprocessing');
const { delayed, Memory, Parallel } = await import('atomics-sync-free/joblib');
const { setExcepthook, Thread } = await import('atomics-sync-free/threading');
if (order === 'after') fake();

const plus = (n: number): number => n + 1;
const failing = (): never => {
  throw new Error('failed');
};
const found: unknown[] = [];

const pool = new Pool(2);
found.push(await pool.applyAsync(plus, [1]));
found.push(await pool.mapAsync(plus, [1, 2, 3]));
const all: number[] = [];
for await (const n of pool.imap(plus, [1, 2])) all.push(n);
found.push(all);
pool.terminate();

const manager = new Manager();
const dict = await manager.dictAsync([['a', 1]]);
found.push(await dict.getAsync('a'));
manager.shutdown();

const [here, there] = Pipe<number>();
const coming = there.recvAsync();
here.send(4);
found.push(await coming);

found.push(await new Parallel({ nJobs: 2 }).runAsync([5, 6].map((n) => delayed(plus)(n))));

const told = new Promise((resolve) => setExcepthook(({ error }) => resolve((error as Error).message)));
const thread = new Thread({ target: failing });
thread.start();
await thread.joinAsync();
found.push(await told);

const folder = await mkdtemp('faked-');
const computed = new Memory(folder).cache(async function computed(n: number) {
  const other = new Thread({ target: plus, args: [n] });
  other.start();
  await other.joinAsync();
  return other.result;
});
// The second call waits for the first.
found.push(await Promise.all([computed(8), computed(8)]));
await rm(folder, { recursive: true });

console.log(JSON.stringify(found));
