// Uses pools, managers, threads and Memory under fake timers that nobody advances, except for the timeout of one async wait.
//
//   node faked.program.js FAKES ORDER    FAKES: sinon or node; ORDER: before the package is loaded, or after
import { mkdtemp, rm } from 'node:fs/promises';
import { mock } from 'node:test';
import { install } from '@sinonjs/fake-timers';
import type { Event } from 'atomics-sync-free/multiprocessing';

const [, , fakes, order] = process.argv;

/** @returns what advances the fake clock; sinon fakes everything, even microtasks and process.nextTick */
const fake = (): ((ms: number) => unknown) => {
  if (fakes === 'sinon') return install().tick;
  mock.timers.enable();
  return (ms) => mock.timers.tick(ms);
};

const early = order === 'before' ? fake() : undefined;
const { Event: SharedEvent, Manager, Pipe, Pool } = await import('atomics-sync-free/multiprocessing');
const { delayed, Memory, Parallel } = await import('atomics-sync-free/joblib');
const { setExcepthook, Thread } = await import('atomics-sync-free/threading');
const tick = early ?? fake();

const plus = (n: number): number => n + 1;
const endless = (begun: Event): never => {
  begun.set();
  for (;;);
};
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

// The worker's grace period passes, and it is replaced.
const one = new Pool(1);
const begun = new SharedEvent();
const givenUp = one.applyAsync(endless, [begun]);
await begun.waitAsync();
givenUp.cancel();
found.push(await one.applyAsync(plus, [9]));
one.terminate();

const manager = new Manager();
const dict = await manager.dictAsync([['a', 1]]);
found.push(await dict.getAsync('a'));
manager.shutdown();

const [here, there] = Pipe<number>();
const coming = there.recvAsync();
here.send(4);
found.push(await coming);

found.push(await new Parallel({ nJobs: 2 }).runAsync([5, 6].map((n) => delayed(plus)(n))));

const HOUR = 3_600_000;
const late = new Parallel({ nJobs: 2, timeout: HOUR }).runAsync([delayed(endless)(new SharedEvent())]);
tick(HOUR);
found.push(await late.catch(({ name }) => name));

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
