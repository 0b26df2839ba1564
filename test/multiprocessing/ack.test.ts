import { JoinableQueue, share } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { failure } from '../support/failure.js';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';

const test = suite('queues whose items go back');

const WORKER = new URL('./ack.worker.js', import.meta.url);

async function taker(queue: JoinableQueue<number>): Promise<Crew> {
  const crew = await Crew.start(WORKER, { workerData: { queue: share(queue) } });
  assert.equal(await crew.members[0].next('taken'), [1, 2, 3]);
  return crew;
}

const filled = (): JoinableQueue<number> => {
  const queue = new JoinableQueue<number>(0, { ack: true });
  for (const item of [1, 2, 3, 4]) queue.put(item);
  return queue;
};

/** Takes all items that are there, blocking, and marks them done. */
function takeAll(queue: JoinableQueue<number>): number[] {
  const taken: number[] = [];
  while (queue.unfinishedTasks > 0) {
    taken.push(queue.get(5000));
    queue.taskDone();
  }
  return taken;
}

test('what a dead agent had taken but not done comes first, and join waits for it', async () => {
  const queue = filled();
  const crew = await taker(queue);
  const joined = queue.joinAsync();
  // Nobody tells this agent, because its event loop does not turn.
  void crew.members[0].terminate();
  assert.is(queue.get(), 4);
  queue.taskDone();
  assert.equal(takeAll(queue), [2, 3]);
  assert.is(await joined, true);
  assert.is(await failure(() => queue.get(0)), 'ERR_EMPTY');
});

test('the item of an agent that dies in taskDone is done, once, and join does not wait for its count', async () => {
  const queue = filled();
  const crew = await Crew.start(WORKER, { workerData: { queue: share(queue), endsInTaskDone: true } });
  await crew.members[0].next('taken');
  const joined = queue.joinAsync();
  const left = [queue.get(5000), queue.get(5000), queue.get(5000)];
  assert.equal(left.sort(), [2, 3, 4]);
  assert.equal([queue.unfinishedTasks, queue.join(0)], [3, false]);
  for (let i = 0; i < 3; i++) queue.taskDone();
  assert.equal(
    [await joined, queue.join(0), queue.unfinishedTasks, await failure(() => queue.get(0))],
    [true, true, 0, 'ERR_EMPTY'],
  );
  assert.is(await failure(() => queue.taskDone()), 'ERR_OVER_RELEASE');
  queue.put(5);
  assert.equal([queue.unfinishedTasks, queue.join(0)], [1, false]);
});

test('join of a queue whose items were dropped does not wait for what a dead agent had taken', async () => {
  const queue = filled();
  const crew = await taker(queue);
  queue.shutdown(true);
  assert.equal([queue.unfinishedTasks, queue.join(0)], [2, false]);
  void crew.members[0].terminate();
  assert.is(queue.join(10_000), true);
});

test('a waiting task gets what an agent leaves undone when it ends', async () => {
  const queue = filled();
  const crew = await taker(queue);
  assert.is(queue.get(), 4);
  const waits = queue.getAsync();
  assert.is(await failure(() => queue.get(5)), 'ERR_EMPTY');
  crew.members[0].tell('end');
  await crew.done();
  const first = await waits;
  queue.taskDone();
  queue.taskDone();
  assert.equal([first, ...takeAll(queue)], [2, 3]);
});

test('an item goes back again when the second taker dies, too', async () => {
  const queue = filled();
  queue.put(5);
  const crew = await taker(queue);
  await crew.end();
  const again = await Crew.start(WORKER, { workerData: { queue: share(queue) } });
  assert.equal(await again.members[0].next('taken'), [2, 3, 4]);
  await again.end();
  assert.equal(takeAll(queue), [3, 4, 5]);
});

test('an ended agent with nothing left to give back does not cut waits short', async () => {
  const queue = new JoinableQueue<number>(0, { ack: true });
  for (const item of [1, 2, 3]) queue.put(item);
  const crew = await taker(queue);
  const rest = queue.getAsync({ timeout: 10_000 });
  const other = queue.getAsync({ timeout: 10_000 });
  crew.members[0].tell('end');
  await crew.done();
  assert.is(await rest, 2);
  assert.is(await other, 3);
  queue.taskDone();
  queue.taskDone();
  const start = performance.now();
  assert.is(await failure(() => queue.getAsync({ timeout: 30 })), 'ERR_EMPTY');
  assert.is(await failure(() => queue.get(30)), 'ERR_EMPTY');
  assert.ok(performance.now() - start >= 59);
});

test('an item takes up its room until it is done', async () => {
  const queue = new JoinableQueue<Uint8Array>(0, { ack: true, byteLimit: 2 ** 18 });
  const bytes = new Uint8Array(30_000);
  let puts = 0;
  while ((await failure(() => queue.put(bytes, 0))) === 'nothing') puts++;
  assert.ok(puts >= 4, `${puts} fit in`);
  const waits = queue.putAsync(bytes);
  for (let i = 0; i < puts; i++) queue.get(0);
  assert.is(await failure(() => queue.put(bytes, 5)), 'ERR_FULL');
  for (let i = 0; i < puts; i++) queue.taskDone();
  await waits;
  for (let i = 0; i < 3 * puts; i++) {
    queue.put(bytes, 0);
    queue.get(0);
    queue.taskDone();
  }
  assert.is(queue.unfinishedTasks, 1);
});

test('taskDone counts only what this live object has taken', async () => {
  const queue = filled();
  assert.is(await failure(() => queue.taskDone()), 'ERR_OVER_RELEASE');
  queue.get();
  queue.taskDone();
  assert.is(await failure(() => queue.taskDone()), 'ERR_OVER_RELEASE');
  assert.is(queue.unfinishedTasks, 3);
  assert.throws(() => new JoinableQueue(0, { ack: 1 as never }), TypeError);
  assert.throws(() => new JoinableQueue(0, null as never), TypeError);
  queue.shutdown(true);
  assert.is(await failure(() => queue.get(0)), 'ERR_SHUT_DOWN');
});

test.run();
