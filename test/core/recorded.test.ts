// Agents of bundles that hold different parts of the package, in one arena: what some do not know of the dead others do.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { buildSync } from 'esbuild';
import * as assert from 'uvu/assert';
// Not by the main entry, which knows of records.
import { GATE } from '#dist/core/memory/cells.js';
import { findRecords } from '#dist/core/memory/records.js';
import { isCondemned } from '#dist/core/memory/slots.js';
import { retireAll } from '#dist/core/memory/sweep.js';
import { Lock } from '#dist/sync/lock.js';
import { Semaphore } from '#dist/sync/semaphore.js';
import { suite } from '../support/suite.js';
import { BARE, deadWithRecord, MAKERS } from './recorded.js';

const test = suite('the records of the dead');

test('are left to those who know of them, and all else is done once', () => {
  const lock = new Lock();
  const { words, agentId } = lock.arena;
  const dead = deadWithRecord(lock);

  const left: number[] = [];
  retireAll(words, agentId, left);
  assert.ok(lock.abandoned);
  assert.ok(isCondemned(words, dead.agent));
  const gate = Atomics.load(words, lock.cell + GATE);
  retireAll(words, agentId, left);
  assert.is(Atomics.load(words, lock.cell + GATE), gate, 'nobody is woken again');

  const semaphore = new Semaphore(1);
  assert.is(semaphore.arena, lock.arena);
  retireAll(words, agentId, left);
  assert.not(isCondemned(words, dead.agent));
  findRecords(dead);
  assert.equal(dead.idleRecords, []);
});

for (const kind of Object.keys(MAKERS)) {
  const sees = !BARE.includes(kind);
  test(`an agent that has a ${kind} ${sees ? 'sees to them' : 'leaves them'}`, async () => {
    const worker = new Worker(new URL('./recorded.worker.js', import.meta.url), { workerData: kind });
    const [isDone] = await once(worker, 'message');
    await worker.terminate();
    assert.is(isDone, sees);
  });
}

// --- in bundles ---------------------------------------------------------------------------------------------------

// Inside the package, where its own name leads to its own exports.
const folder = fileURLToPath(new URL('../../recorded/', import.meta.url));
test.before(() => void mkdirSync(folder, { recursive: true }));
test.after(() => rmSync(folder, { recursive: true }));

const MAIN = `
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Lock, share } from 'atomics-sync-free';

const worker = new URL('./worker.mjs', import.meta.url);
const lock = new Lock();
const holder = new Worker(worker, { workerData: { lock: share(lock) } });
const [semaphore] = await once(holder, 'message');
await holder.terminate();
const { name } = await lock.acquireAsync().catch((error) => error);
const next = new Worker(worker, { workerData: { lock: share(lock), semaphore } });
const [got] = await once(next, 'message');
await next.terminate();
console.log(JSON.stringify([name, got]));
`;
const WORKER = `
import { parentPort, workerData } from 'node:worker_threads';
import { attachWith, Lock, Semaphore, share } from 'atomics-sync-free';

const { lock, semaphore } = attachWith(Lock, Semaphore)(workerData);
if (semaphore === undefined) {
  lock.acquire();
  const held = new Semaphore(1, { arena: lock.arena });
  held.hold();
  parentPort.postMessage(share(held));
} else {
  parentPort.postMessage(semaphore.acquire(20_000));
}
setInterval(() => {}, 1000);
`;

test('a permit comes back, though the agent that learns first of its holder has no Semaphore in its bundle', () => {
  for (const [name, source] of Object.entries({ main: MAIN, worker: WORKER })) {
    writeFileSync(join(folder, `${name}.ts`), source);
    const entryPoints = [join(folder, `${name}.ts`)];
    buildSync({ entryPoints, outfile: join(folder, `${name}.mjs`), bundle: true, format: 'esm', platform: 'node' });
  }
  const printed = execFileSync(process.execPath, [join(folder, 'main.mjs')], { encoding: 'utf8', timeout: 40_000 });
  assert.equal(JSON.parse(printed), ['OwnerDiedError', true]);
});

test.run();
