// What happens to the objects of a manager when proxies, clients and the manager itself end.
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { Manager, Pool, Process, Queue, share, WorkerDiedError } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { client } from '#dist/tasks/client.js';
import { failure } from '../conformance/workers.js';
import { collectGarbage } from '../support/garbage.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { codeOfDie, codeOfSize, codeOfWait, keepFor, makeCounter, makeNumber, useOwnManager } from './manager.tasks.js';

const test = suite('managers, to the end');

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;

const start = () => new Manager({ classes: { Counter: { target: makeCounter, proxied: ['child'] } } });
function makeManager() {
  const manager = start();
  atTestEnd(async () => {
    manager.shutdown();
    await manager.joinAsync();
  });
  return manager;
}

const codeOf = async (call: () => unknown): Promise<unknown> => {
  const { code, name } = await failure(call);
  return code ?? name;
};

const manager = start();
const observer = manager.create('Counter');
const pool = new Pool(1);
test.after(async () => {
  manager.shutdown();
  pool.terminate();
  await Promise.all([manager.joinAsync(), pool.joinAsync()]);
});

/** Asserts that `act` leads to exactly `count` counters being collected, and waits for that. */
async function drops(count: number, act: () => unknown): Promise<void> {
  const before = observer.collected();
  await act();
  const end = performance.now() + LONG;
  do {
    await sleep(20);
    collectGarbage();
  } while (observer.collected() < before + count && performance.now() < end);
  assert.is(observer.collected() - before, count);
}

test('an object is dropped when no proxy of it is left', async () => {
  await drops(2, () => {
    const counter = manager.create('Counter');
    counter.child();
    assert.is(counter.increment(), 1);
    counter[Symbol.dispose]();
  });
});

test('an object is kept as long as one proxy is left', async () => {
  const dict = manager.dict<string, unknown>();
  const counter = manager.create('Counter');
  const again = dict.set('counter', counter).get('counter') as typeof counter;
  await drops(1, () => {
    counter[Symbol.dispose]();
    dict.clear();
    manager.create('Counter')[Symbol.dispose]();
  });
  assert.is(again.increment(), 1);
  await drops(1, () => again[Symbol.dispose]());
});

test('an object that another refers to lives as long as that one, cycles included', async () => {
  const outer = manager.dict<string, unknown>();
  outer.set('inner', manager.create('Counter'));
  outer.set('self', outer);
  await drops(1, () => manager.create('Counter'));
  assert.is((outer.get('inner') as typeof observer).increment(), 1);
  await drops(1, () => outer[Symbol.dispose]());
});

test('an object lives while its proxy is on its way', async () => {
  const queue = new Queue<typeof observer>();
  await drops(1, () => {
    const counter = manager.create('Counter', 5);
    queue.put(counter);
    counter[Symbol.dispose]();
    manager.create('Counter')[Symbol.dispose]();
  });
  await drops(1, () => {
    const arrived = queue.get(LONG);
    assert.is(arrived.increment(), 6);
    arrived[Symbol.dispose]();
  });
});

test('what a client held is dropped when it dies', async () => {
  const words = new Int32Array(new SharedArrayBuffer(8));
  const counter = manager.create('Counter');
  const process = new Process({ target: keepFor, args: [words, counter], daemon: true });
  process.start();
  Atomics.wait(words, 0, 0, LONG);
  counter[Symbol.dispose]();
  await drops(1, () => manager.create('Counter')[Symbol.dispose]());
  await drops(1, () => process.kill());
});

test('many objects that come and go leave nothing behind', async () => {
  await drops(300, () => {
    for (let i = 0; i < 300; i++) manager.create('Counter')[Symbol.dispose]();
  });
});

test('a pool of which no proxy is left ends', async () => {
  const workers = (): number => client().roll.list().length;
  const before = workers();
  const shared = manager.Pool(1);
  assert.is(shared.apply(makeNumber, []), 1);
  assert.is(workers(), before + 1);
  shared[Symbol.dispose]();
  for (const end = performance.now() + LONG; workers() > before && performance.now() < end; observer.collected())
    await sleep(20);
  assert.is(workers(), before);
});

test('a proxy of an ended manager can be received, but its calls fail', async () => {
  const ended = makeManager();
  const queue = new Queue<unknown>();
  queue.put([1, ended.dict()]);
  ended.shutdown();
  const [one, dict] = queue.get() as [number, ReturnType<typeof ended.dict>];
  assert.equal([one, await codeOf(() => dict.size)], [1, 'ERR_MANAGER_ENDED']);
  queue.put(dict);
  assert.is(await pool.applyAsync(codeOfSize, [queue as never]), 'ERR_MANAGER_ENDED');
});

test('a worker of a pool has managers of its own', () => {
  assert.equal(pool.apply(useOwnManager, []), [1, 'ERR_MANAGER_ENDED']);
});

test('when a manager dies, all waiting calls and all later ones fail', async () => {
  const dying = makeManager();
  const counter = dying.create('Counter');
  const waits = codeOf(() => counter.waitAsync());
  const elsewhere = pool.applyAsync(codeOfWait, [counter as never]);
  await until(() => counter.increment() > 5, { what: 'the others wait' });
  assert.is(await codeOf(() => counter.die()), 'ERR_MANAGER_ENDED');
  assert.is(await waits, 'ERR_MANAGER_ENDED');
  assert.equal(await elsewhere, ['ERR_MANAGER_ENDED', 'ERR_MANAGER_ENDED']);
  assert.is(await codeOf(() => dying.dict()), 'ERR_MANAGER_ENDED');
  assert.is(await codeOf(() => counter.incrementAsync()), 'ERR_MANAGER_ENDED');
  counter[Symbol.dispose]();
});

test('the agent that made a manager learns how it died', async () => {
  const dying = makeManager();
  const counter = dying.create('Counter');
  const error = await failure(() => counter.die());
  assert.instance(error.cause, WorkerDiedError);
  assert.equal([error.code, (error.cause as WorkerDiedError).exitCode], ['ERR_MANAGER_ENDED', 3]);
  assert.match(String(dying), /ended/);
});

test('an agent that did not make the manager finds out by itself that it has died', () => {
  const counter = makeManager().create('Counter');
  assert.is(pool.apply(codeOfDie, [counter as never]), 'ERR_MANAGER_ENDED');
});

test('all calls of a manager that was shut down or disposed of fail, even if it had not begun', async () => {
  const early = makeManager();
  const late = makeManager();
  const dict = late.dict();
  early[Symbol.dispose]();
  assert.is(await codeOf(() => early.dict()), 'ERR_MANAGER_ENDED');
  await late[Symbol.asyncDispose]();
  late.shutdown();
  for (const call of [() => dict.size, () => dict.sizeAsync(), () => late.list()])
    assert.is(await codeOf(call), 'ERR_MANAGER_ENDED');
  await early.joinAsync();
  assert.equal([early.isAlive(), late.isAlive()], [false, false]);
});

test('a worker not started by the package can use proxies, and learns of the end of the manager', async () => {
  const other = makeManager();
  const dict = other.dict<string, number>([['n', 1]]);
  const worker = new Worker(new URL('./manager.worker.js', import.meta.url), { workerData: share({ dict }) });
  atTestEnd(async () => void (await worker.terminate()));
  assert.equal(await once(worker, 'message'), [[1, 1]]);
  assert.is(dict.get('m'), 2);
  other.shutdown();
  worker.postMessage('go on');
  assert.equal(await once(worker, 'message'), ['ERR_MANAGER_ENDED']);
});

test.run();
