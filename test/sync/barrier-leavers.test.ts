// A party that comes to a barrier while others leave waits for them, even for tasks of its own agent, which leave in later turns.
import { Arena, Barrier, dumpAgents, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';

/** Where the state of a barrier stands in its cell. */
const WORD = 3;

const test = suite('parties of a Barrier that have not left yet');
const isRefused = (error: { code?: string; message?: string }): boolean =>
  error.code === 'ERR_SELF_DEADLOCK' && /tasks of this agent have yet to leave/.test(String(error.message));

for (const parties of [1, 2, 3]) {
  test(`an agent does not block for its own tasks to leave (parties: ${parties})`, async () => {
    const barrier = new Barrier(parties, { arena: new Arena() });
    const round = () => Promise.all(Array.from({ length: parties }, () => barrier.waitAsync()));
    const passes = round();
    assert.throws(() => barrier.wait(), isRefused);
    const { bytesFree } = barrier.arena;
    assert.throws(() => barrier.wait(), isRefused);
    assert.throws(() => barrier.wait(1000), isRefused);
    assert.is(barrier.arena.bytesFree, bytesFree);
    assert.equal((await passes).sort(), [...Array(parties).keys()]);
    // What was refused has left nothing behind.
    assert.equal([barrier.nWaiting, barrier.broken], [0, false]);
    await round();
    assert.equal([barrier.nWaiting, barrier.broken], [0, false]);
  });
}

test('an agent does not block for its own tasks to leave after a reset', async () => {
  const barrier = new Barrier(3, { arena: new Arena() });
  const waiting = barrier.waitAsync().catch((error: Error) => error.name);
  barrier.reset();
  assert.throws(() => barrier.wait(), isRefused);
  assert.is(await waiting, 'BrokenBarrierError');
});

test('an agent does not block for its own tasks to leave when another breaks the barrier and mends it meanwhile', async () => {
  const barrier = new Barrier(2, { arena: new Arena() });
  const passes = [barrier.waitAsync(), barrier.waitAsync()].map((pass) => pass.catch((error: Error) => error.name));
  const { wait, load } = Atomics;
  // The other breaks it while this agent sleeps, and mends it as soon as this agent has seen that.
  Atomics.wait = ((...args: Parameters<typeof wait>) => {
    Atomics.wait = wait;
    barrier.abort();
    Atomics.load = ((words: Int32Array, index: number) => {
      const value = load(words, index);
      Atomics.load = load;
      if (barrier.broken && index === barrier.cell + WORD) barrier.reset();
      else Atomics.load = patched;
      return value;
    }) as typeof load;
    const patched = Atomics.load;
    return wait(...args);
  }) as typeof wait;
  try {
    assert.throws(() => barrier.wait(), isRefused);
  } finally {
    Atomics.wait = wait;
    Atomics.load = load;
  }
  assert.equal(await Promise.all(passes), ['BrokenBarrierError', 'BrokenBarrierError']);
});

test('no more of the tasks that wait for others to leave are let in than there is room for', async () => {
  const barrier = new Barrier(2, { arena: new Arena({ byteLength: 2 ** 16 }) });
  const tasks = 500;
  const { load } = Atomics;
  let looks = 0;
  Atomics.load = ((words: Int32Array, index: number) => {
    if (index === barrier.cell + WORD) looks++;
    return load(words, index);
  }) as typeof load;
  try {
    const indexes = await Promise.all(Array.from({ length: tasks }, () => barrier.waitAsync()));
    assert.is(indexes.filter((index) => index === 0).length, tasks / 2);
  } finally {
    Atomics.load = load;
  }
  // Each looks some times, however many there are.
  assert.ok(looks < 40 * tasks, `${looks} looks`);
});

test('tasks that wait for others to leave are told when the barrier breaks meanwhile, and leave nothing behind', async () => {
  const barrier = new Barrier(2, { arena: new Arena() });
  const outcomes = Array.from({ length: 6 }, () =>
    barrier.waitAsync().then(
      () => 'passed',
      (error: Error) => error.name,
    ),
  );
  barrier.abort();
  assert.equal(await Promise.all(outcomes), Array(6).fill('BrokenBarrierError'));
  barrier.reset();
  assert.equal(await Promise.all([barrier.waitAsync(), barrier.waitAsync()]), [0, 1]);
});

test('an agent blocks for the tasks of another to leave', async () => {
  const barrier = new Barrier(2, { arena: new Arena() });
  const { arena } = barrier;
  const crew = await Crew.start(new URL('./barrier-leavers.worker.js', import.meta.url), {
    workerData: share(barrier),
  });
  const passes = Promise.all([barrier.waitAsync(), barrier.waitAsync()]);
  crew.members[0].tell('wait');
  // The event loop of this agent does not turn before the other has blocked for as long as tasks usually take to leave.
  const end = performance.now() + 60_000;
  while (!dumpAgents(arena).agents.some(({ waitsFor }) => waitsFor !== undefined)) assert.ok(performance.now() < end);
  await passes;
  await barrier.waitAsync();
  await crew.done();
});

test.run();
