import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import {
  Arena,
  Barrier,
  Condition,
  dumpAgents,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  share,
  statistics,
} from 'atomics-sync-free';
import { start, stop, type Trace } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { setClock, sinceEpoch } from '#dist/core/wait/clock.js';
import { atTestEnd, suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import { checkChromeTrace } from './chrome.js';
import type { TracedData } from './trace.worker.js';

const test = suite('trace');
const WORKER = new URL('./trace.worker.js', import.meta.url);

const newArena = (): Arena => new Arena({ byteLength: 2 ** 20 });

/** What an agent did, one after the other. */
const deeds = ({ events }: Trace, of = 0): string[] =>
  events
    .filter(({ agent }) => agent === of)
    .map(({ event, primitive, task, got }) =>
      [
        ...(task ? ['task'] : []),
        event,
        /\((\w+)\)/.exec(primitive)?.[1] ?? primitive,
        ...(got ? [] : ['in vain']),
      ].join(' '),
    );

/** A trace of what this agent does. */
async function traced(work: () => unknown, options: { capacity?: number; stacks?: boolean } = {}): Promise<Trace> {
  start({ arena: newArena(), name: 'main', ...options });
  await work();
  return stop();
}

test('an arena without room is refused, and nothing is recorded', () => {
  const arena = new Arena({ byteLength: 16384 });
  assert.throws(
    () => start({ arena }),
    (error: { code?: string }) => error.code === 'ERR_ARENA_FULL',
  );
  assert.throws(stop, (error: { code?: string }) => error.code === 'ERR_NOT_STARTED');
});

test('the time of an event is the current one, however long the agent was held up when it began to record', () => {
  let moment = 0;
  setClock(() => (moment += 50));
  atTestEnd(() => setClock());
  const lock = new Lock();
  start({ arena: newArena() });
  const before = sinceEpoch();
  lock.acquire();
  const after = sinceEpoch();
  lock.release();
  const [{ time }] = stop().events;
  assert.ok(before < time && time < after, `${before} < ${time} < ${after}`);
});

test('everything an agent does is there once, in order', async () => {
  const [a, b] = [new Lock({ name: 'a' }), new RLock({ name: 'b' })];
  const trace = await traced(() => {
    a.run(() => b.run(() => b.run(() => {})));
    assert.not.ok(a.run(() => a.tryAcquire()));
    a.acquire();
    a.acquire(1);
    a.release();
  });
  assert.equal(deeds(trace), [
    ...['acquire a', 'acquire b', 'release b', 'release a'],
    ...['acquire a', 'release a'],
    ...['acquire a', 'wait a', 'waited a in vain', 'release a'],
  ]);
  assert.is(trace.lost, 0);
  checkChromeTrace(trace.chromeTrace());
});

test('every kind of primitive is seen, blocking and async', async () => {
  const lock = new Lock({ name: 'l' });
  const semaphore = new Semaphore(2, { name: 's' });
  const rwlock = new RWLock({ name: 'rw' });
  const guard = new RLock({ name: 'guard' });
  const condition = new Condition(guard);
  const event = new Event({ name: 'e' });
  const [barrier, both] = [new Barrier(1, { name: 'bar' }), new Barrier(2, { name: 'both' })];
  const name = `Condition#${String(condition).match(/#(\d+)/)?.[1]}`;
  const seen = async (work: () => unknown): Promise<string[]> => deeds(await traced(work));
  const pairs: readonly (readonly [work: () => unknown, deeds: readonly string[]])[] = [
    [() => lock.run(() => {}), ['acquire l', 'release l']],
    [() => lock.runAsync(() => {}), ['task acquire l', 'release l']],
    [() => semaphore.run(() => {}), ['acquire s', 'release s']],
    [() => semaphore.runAsync(() => {}), ['task acquire s', 'release s']],
    [() => rwlock.readLock.run(() => {}), ['acquire rw', 'release rw']],
    [() => rwlock.readLock.runAsync(() => {}), ['task acquire rw', 'release rw']],
    [() => rwlock.writeLock.run(() => {}), ['acquire rw', 'release rw']],
    [() => rwlock.writeLock.runAsync(() => {}), ['task acquire rw', 'release rw']],
    [() => guard.run(() => {}), ['acquire guard', 'release guard']],
    [() => guard.runAsync(() => {}), ['task acquire guard', 'release guard']],
    [() => condition.run(() => condition.notify()), ['acquire guard', `signal ${name}`, 'release guard']],
    [
      () => condition.run(() => condition.wait(1)),
      ['acquire guard', 'release guard', `wait ${name}`, `waited ${name} in vain`, 'acquire guard', 'release guard'],
    ],
    [
      () => condition.runAsync((hold) => condition.notifyAll({ hold })),
      ['task acquire guard', `signal ${name}`, 'release guard'],
    ],
    [
      () => condition.runAsync((hold) => condition.waitAsync({ hold, timeout: 1 })),
      [
        ...['task acquire guard', 'release guard', `task wait ${name}`, `task waited ${name} in vain`],
        ...['task acquire guard', 'release guard'],
      ],
    ],
    [() => event.wait(1), ['wait e', 'waited e in vain']],
    [
      async () => {
        const waits = event.waitAsync();
        event.set();
        await waits;
      },
      ['task wait e', 'signal e', 'task waited e'],
    ],
    [() => barrier.wait(), ['signal bar']],
    [() => barrier.waitAsync(), ['signal bar']],
    [
      () => Promise.all([both.waitAsync(), both.waitAsync()]),
      ['signal both', 'signal both', 'task wait both', 'task waited both'],
    ],
  ];
  for (const [work, expected] of pairs) assert.equal(await seen(work), expected, String(work));
});

test('tasks wait, and an arrow leads from the release to the wait that it ends', async () => {
  const lock = new Lock({ name: 'a' });
  const trace = await traced(async () => {
    lock.acquire();
    const hold = lock.holdAsync();
    lock.release();
    (await hold).release();
  });
  assert.equal(deeds(trace), ['acquire a', 'task wait a', 'release a', 'task waited a', 'task acquire a', 'release a']);
  assert.is(trace.arrows.length, 1);
  const [{ cause, hold, wait }] = trace.arrows;
  assert.is(cause, trace.events[2]);
  assert.is(hold?.end, cause.time);
  assert.ok(wait.task && wait.got && !wait.open);
  checkChromeTrace(trace.chromeTrace());
});

/** Plays a worker that waits for a lock that this agent holds until then, and nothing more. */
async function playTwo(): Promise<{ trace: Trace; done: readonly boolean[] }> {
  const arena = newArena();
  const [lock, ready, end] = [new Lock({ arena, name: 'a' }), new Event({ arena }), new Event({ arena })];
  start({ arena, name: 'main', capacity: 1000 });
  lock.acquire();
  const workerData: TracedData = { shared: share({ arena, lock, ready, end }), once: true };
  const crew = await Crew.start<boolean>(WORKER, { workerData });
  await until(() => dumpAgents(arena).agents.some(({ waitsFor }) => waitsFor !== undefined));
  lock.release();
  await until(() => dumpAgents(arena).agents.some(({ waitsFor }) => waitsFor?.what.startsWith('Event')));
  const trace = stop();
  end.set();
  return { trace, done: await crew.done() };
}

test('a trace of two agents has the events and the arrow that it must, says who kept whom waiting, and ends in both', async () => {
  const { trace, done } = await playTwo();
  const names = trace.agents.map(({ name }) => name);
  assert.equal([...names].sort(), ['main', 'worker']);
  const [main, worker] = ['main', 'worker'].map((name) => names.indexOf(name));
  assert.equal(deeds(trace, main), ['acquire a', 'release a']);
  const [ready, end] = deeds(trace, worker).filter((deed) => deed.includes('Event'));
  assert.match(ready, /^signal/);
  assert.match(end, /^wait/);
  assert.equal(
    deeds(trace, worker).filter((deed) => !deed.includes('Event')),
    ['wait a', 'waited a', 'acquire a', 'release a'],
  );
  assert.is(trace.arrows.length, 1);
  assert.is(trace.arrows[0].cause.agent, main);
  assert.is(trace.arrows[0].wait.agent, worker);
  assert.ok(trace.spans.some(({ kind, agent, open }) => kind === 'wait' && agent === worker && open));
  const { primitives, blocking, longest } = trace.summary();
  assert.match(primitives[0].primitive, /\(a\)|Event/);
  assert.equal(
    blocking.map(({ waiter, holder, primitive }) => [waiter, holder, /\((.*)\)/.exec(primitive)?.[1]]),
    [['worker', 'main', 'a']],
  );
  const waited = longest.find(({ primitive }) => primitive.includes('(a)'));
  assert.is(waited?.holder, 'main');
  assert.ok((waited?.time ?? 0) >= 5);
  assert.match(String(trace), /worker +Lock#\d+ \(a\) +main/);
  checkChromeTrace(trace.chromeTrace());
  assert.equal(done, [true]);
});

test('of more events than there is room for, the latest are kept and the others counted', async () => {
  const lock = new Lock({ name: 'a' });
  const trace = await traced(
    () => {
      for (let i = 0; i < 100; i++) lock.run(() => {});
    },
    { capacity: 7 },
  );
  assert.is(trace.lost + trace.events.length, 200);
  assert.is(trace.events.length, 7);
  assert.equal(deeds(trace).slice(-2), ['acquire a', 'release a']);
  assert.match(String(trace), /193 events are lost/);
});

test('what is read while an agent goes on writing is whole', async () => {
  const arena = newArena();
  const [lock, ready, end] = [new Lock({ arena }), new Event({ arena }), new Event({ arena })];
  start({ arena, name: 'main', capacity: 10 });
  const workerData: TracedData = { shared: share({ arena, lock, ready, end }), once: false };
  const crew = await Crew.start<boolean>(WORKER, { workerData });
  assert.ok(ready.wait(10_000));
  let last = 0;
  await until(() => statistics(lock).acquisitions > 3000);
  const { agents, events } = stop();
  end.set();
  await crew.done();
  const worker = agents.findIndex(({ name }) => name === 'worker');
  const own = events.filter(({ agent }) => agent === worker);
  assert.is(own.length, 1023);
  assert.ok(agents[worker].lost > 3000);
  for (const [i, { event, time, primitive }] of own.entries()) {
    assert.ok(time >= last && Math.abs(time - Date.now()) < 60_000, String(time));
    last = time;
    assert.match(primitive, /^Lock#/);
    if (i > 0) assert.is.not(event, own[i - 1].event);
  }
});

test('holds that do not nest, and tasks beside each other, have threads of their own in Chrome’s format', async () => {
  const [a, b, semaphore] = [new Lock({ name: 'a' }), new Lock({ name: 'b' }), new Semaphore(2, { name: 's' })];
  const trace = await traced(async () => {
    a.acquire();
    b.acquire();
    a.release();
    b.release();
    const holds = [await semaphore.holdAsync(), await semaphore.holdAsync()];
    for (const hold of holds) hold.release();
  });
  const file = trace.chromeTrace();
  checkChromeTrace(file);
  const threads = file.traceEvents.filter(({ name }) => name === 'thread_name').map(({ args }) => args?.name);
  assert.equal(threads, ['main', 'main', 'main (tasks)']);
});

test('stacks name the lines of the program, if they were asked for, and none of this package', async () => {
  const lock = new Lock();
  const { events } = await traced(() => lock.run(() => {}), { stacks: true });
  assert.match(String(events[0].stack), /trace\.test\.js/);
  assert.not.match(String(events[0].stack), /\/(modules|dist)\/(trace|sync|chunks)/);
  assert.is(events[1].stack, undefined);
  const without = await traced(() => lock.run(() => {}));
  assert.is(without.events[0].stack, undefined);
});

test('subscribers of diagnostics_channel get the same events', async () => {
  const got: unknown[] = [];
  const hear = (message: unknown): void => void got.push(message);
  const names = ['acquire', 'release', 'wait', 'waited'].map((name) => `atomics-sync-free:${name}`);
  for (const name of names) subscribe(name, hear);
  const lock = new Lock({ name: 'a' });
  const { events } = await traced(() => {
    lock.acquire();
    lock.acquire(1);
    lock.release();
  });
  for (const name of names) unsubscribe(name, hear);
  assert.is(got.length, 4);
  const same = ({ event, primitive, task, got }: (typeof events)[0]) => ({ event, primitive, task, got });
  assert.equal((got as (typeof events)[0][]).map(same), events.map(same));
});

test('a subscriber of diagnostics_channel is not told of what it does itself', async () => {
  let told = 0;
  const hear = (): void => {
    told++;
    if (told < 100) new Lock().run(() => {});
  };
  subscribe('atomics-sync-free:acquire', hear);
  const { events } = await traced(() => {
    for (let i = 0; i < 2; i++) new Lock().run(() => {});
  });
  unsubscribe('atomics-sync-free:acquire', hear);
  assert.is(told, 2);
  assert.is(events.filter(({ event }) => event === 'acquire').length, 4);
});

test('statistics count the acquisitions and holds that are traced', async () => {
  const lock = new Lock();
  lock.run(() => {});
  await traced(() => lock.run(() => lock.acquire(3)));
  lock.run(() => {});
  const { acquisitions, held, longestHold } = statistics(lock);
  assert.is(acquisitions, 1);
  assert.ok(held >= 3 && held === longestHold, `${held} ms`);
});

test('primitives of two arenas that have the same name are told apart', async () => {
  const [one, other] = [new Lock({ arena: newArena() }), new Lock({ arena: newArena() })];
  const { events } = await traced(() => one.run(() => other.run(() => {})));
  assert.is(new Set(events.map(({ primitive }) => primitive)).size, 2);
  assert.is(events[0].primitive, events[3].primitive);
});

test('a second recording takes no more room, and has only its own events', () => {
  const arena = newArena();
  const lock = new Lock({ arena });
  const record = (): Trace => {
    start({ arena });
    lock.run(() => {});
    return stop();
  };
  record();
  const { bytesFree } = arena;
  assert.is(record().events.length, 2);
  assert.is(arena.bytesFree, bytesFree);
});

test('the classes have their original methods before and after', async () => {
  const methods = (): unknown[] => [Lock.prototype.acquire, Lock.prototype.tryAcquire, RLock.prototype.release];
  const own = methods();
  await traced(() => assert.is.not(Lock.prototype.acquire, own[0]));
  assert.equal(methods(), own);
  assert.not.ok(Object.hasOwn(Lock.prototype, 'tryAcquire'));
});

test('a recording goes on when another cannot begin', () => {
  start({ arena: newArena(), name: 'main' });
  assert.throws(
    () => start({ arena: new Arena({ byteLength: 16384 }), name: 'other' }),
    (error: { code?: string }) => error.code === 'ERR_ARENA_FULL',
  );
  new Lock({ name: 'a' }).run(() => {});
  const trace = stop();
  assert.equal(
    trace.agents.map(({ name }) => name),
    ['main'],
  );
  assert.equal(deeds(trace), ['acquire a', 'release a']);
});

test('bad options are refused', () => {
  const arena = newArena();
  for (const bad of [
    undefined,
    {},
    { arena: {} },
    { arena, stacks: 1 },
    { arena, name: 1 },
    { arena, capacity: '1' },
  ]) {
    assert.throws(
      () => start(bad as never),
      (error: unknown) => error instanceof TypeError,
      JSON.stringify(bad),
    );
  }
  for (const bad of [
    { arena, capacity: 0 },
    { arena, name: '' },
  ]) {
    assert.throws(
      () => start(bad),
      (error: unknown) => error instanceof RangeError,
    );
  }
});

test.run();
