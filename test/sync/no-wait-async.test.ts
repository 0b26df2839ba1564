// A host without `Atomics.waitAsync`: every async form still works, across agents and within one, and leaves nothing
// behind.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Arena, Barrier, Condition, Event, Lock, RLock, RWLock, Semaphore, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew, type Member, until } from '../support/workers.js';
import { waits } from './waits.js';
import type { Without, WithoutData } from './without-wait-async.worker.js';

const test = suite('without Atomics.waitAsync');
const WORKER = new URL('./without-wait-async.worker.js', import.meta.url);
const ALONE = fileURLToPath(new URL('./without-wait-async.js', import.meta.url));

/** What a process without it printed that ended by itself; one that does not end fails after 20 s. */
async function alone(...args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [ALONE, ...args], { timeout: 20_000 });
  assert.is(stderr, '');
  return stdout.trim();
}

test('every wait ends well, by its time, and by its signal, and the process ends', async () => {
  const [freed, late, aborted] = await Promise.all([alone('freed'), alone('timed out'), alone('aborted')]);
  for (const line of freed.split('\n')) assert.match(line, /: waited$/);
  for (const line of late.split('\n')) assert.match(line, /: (false|ERR_TIMEOUT|ERR_BROKEN_BARRIER)$/);
  for (const line of aborted.split('\n')) assert.match(line, /: aborted$/);
  for (const lines of [freed, late, aborted]) {
    const names = lines.split('\n').map((line) => line.slice(0, line.lastIndexOf(':')));
    assert.equal(names.sort(), Object.keys(waits).sort());
  }
});

test('no timer is left when the waits have ended', async () => {
  assert.is(await alone('timers'), '0');
});

async function start(order: Without, things: WithoutData['things']): Promise<Member> {
  return (await Crew.start(WORKER, { workerData: { order, things } satisfies WithoutData })).members[0];
}

test('what another agent frees, a task gets that waits for it', async () => {
  const arena = new Arena();
  const things = {
    lock: new Lock({ arena }),
    rlock: new RLock({ arena }),
    semaphore: new Semaphore(0, { arena }),
    event: new Event({ arena }),
    condition: new Condition(new Lock({ arena })),
    barrier: new Barrier(2, { arena }),
    rwlock: new RWLock({ arena }),
  };
  const { lock, rlock, semaphore, event, condition, barrier, rwlock } = things;
  lock.acquire();
  rlock.acquire();
  rwlock.acquireWrite();
  const worker = await start('each', share(things));
  const steps: readonly (readonly [string, () => unknown, () => unknown])[] = [
    ['lock', () => lock.toString(), () => lock.release()],
    ['rlock', () => rlock.toString(), () => rlock.release()],
    ['semaphore', () => semaphore.toString(), () => semaphore.release()],
    ['event', () => event.toString(), () => event.set()],
    ['read', () => rwlock.toString(), () => rwlock.releaseWrite()],
  ];
  for (const [name, state, free] of steps) {
    await until(() => /tasks/.test(String(state())), { what: `${name}: a task waits` });
    free();
    assert.is(await worker.next('got'), name);
  }
  await until(() => /1 waiting/.test(condition.toString()));
  condition.run(() => condition.notify());
  assert.is(await worker.next('got'), 'condition');
  await until(() => barrier.nWaiting === 1);
  assert.is(barrier.wait(), 1);
  assert.is(await worker.next('got'), 'barrier');
  rwlock.acquireRead();
  worker.tell('go on');
  await until(() => /writing waiters: tasks/.test(rwlock.toString()));
  rwlock.releaseRead();
  assert.is(await worker.next('got'), 'write');
  await worker.result();
});

test('tasks of two such agents and of this one take turns without end', async () => {
  const lock = new Lock({ arena: new Arena() });
  const memory = new Int32Array(new SharedArrayBuffer(4));
  const crew = await Crew.start<number>(WORKER, {
    count: 2,
    workerData: { order: 'count', things: share({ lock }), memory } satisfies WithoutData,
  });
  for (let i = 0; i < 100; i++) {
    await lock.runAsync(async () => {
      const seen = memory[0];
      await null;
      memory[0] = seen + 1;
    });
  }
  await crew.done();
  assert.is(memory[0], 300);
  assert.not(lock.locked);
});

test.run();
