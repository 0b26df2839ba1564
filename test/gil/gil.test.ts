import { inspect } from 'node:util';
import { Worker } from 'node:worker_threads';
import { Arena, attach as attachBasic, Event, retire, type Shared, SyncError, share } from 'atomics-sync-free';
import { attach, GIL } from 'atomics-sync-free/gil';
import { start, stop } from 'atomics-sync-free/trace';
import * as assert from 'uvu/assert';
import { hasEnded } from '#dist/core/memory/pulse.js';
import { condemn } from '#dist/core/memory/slots.js';
import { ASKED, BOOKS, WORD } from '#dist/gil/protocol.js';
import { atTestEnd, suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import type { Desk } from './gil.worker.js';

const test = suite('GIL');
const WORKER = new URL('./gil.worker.js', import.meta.url);

const newWords = (): Int32Array => new Int32Array(new SharedArrayBuffer(12));
const desk = (gil: GIL, words: Int32Array, role: Desk['role']): Desk => ({
  gil: share(gil) as Shared<GIL>,
  words,
  role,
});
const fails =
  (code: string, message = /./) =>
  (error: unknown) =>
    error instanceof SyncError && error.code === code && message.test(error.message);
const free = (gil: GIL): boolean => !gil.locked;

/** A worker that holds a GIL by now, although the event loop of this agent has not turned, and sleeps. */
function startHolder(switchInterval: number): { readonly gil: GIL; readonly worker: Worker } {
  const arena = new Arena();
  const gil = new GIL({ switchInterval, arena });
  const held = new Event({ arena });
  const workerData = { gil: share(gil), held: share(held) };
  const worker = new Worker(new URL('./gil-holder.worker.js', import.meta.url), { workerData });
  atTestEnd(async () => void (await worker.terminate()));
  assert.ok(held.wait(60_000));
  return { gil, worker };
}

test('is free at first, held between acquire and release, and counts both', () => {
  const gil = new GIL();
  assert.is(gil.locked, false);
  gil.acquire();
  assert.is(gil.held, true);
  gil.release();
  assert.is(gil.held, false);
  const { total, agents } = gil.statistics();
  assert.is(total.acquisitions, 1);
  assert.is(total.voluntary, 1);
  assert.is(total.forced, 0);
  assert.is(total.waited, 0);
  assert.is(agents.length, 1);
  assert.is(agents[0].agent, gil.arena.agentId);
});

test('refuses to be taken twice by one agent, which would wait for itself', () => {
  const gil = new GIL();
  gil.acquire();
  assert.throws(() => gil.acquire(), fails('ERR_SELF_DEADLOCK'));
  assert.is(gil.held, true);
  gil.release();
});

test('refuses to be dropped by an agent that does not hold it', async () => {
  const gil = new GIL();
  const words = newWords();
  assert.throws(() => gil.release(), fails('ERR_NOT_OWNER'));
  assert.throws(() => gil.allowThreads(() => {}), fails('ERR_NOT_OWNER', /; allowThreads\(\) needs it held/));
  const crew = await Crew.start(WORKER, { workerData: desk(gil, words, 'hold') });
  await crew.members[0].next('held');
  assert.throws(() => gil.release(), fails('ERR_NOT_OWNER'));
  assert.is(gil.locked, true);
  Atomics.store(words, 2, 1);
  Atomics.notify(words, 2);
  await crew.done();
});

test('checks its options before anything is written', () => {
  const arena = new Arena();
  const { bytesFree } = arena;
  for (const switchInterval of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 2_000_001]) {
    assert.throws(() => new GIL({ arena, switchInterval }), RangeError);
  }
  assert.throws(() => new GIL({ arena, switchInterval: '5' as unknown as number }), TypeError);
  assert.throws(() => new GIL({ arena, enabled: 1 as unknown as boolean }), TypeError);
  assert.is(arena.bytesFree, bytesFree);
});

test('has a switch interval of 5 ms, which can be changed to anything above 0', () => {
  const gil = new GIL();
  assert.is(gil.switchInterval, 5);
  gil.switchInterval = 0.0001;
  assert.is(gil.switchInterval, 0.001);
  gil.switchInterval = 100;
  assert.is(gil.switchInterval, 100);
  assert.throws(() => {
    gil.switchInterval = 0;
  }, RangeError);
  assert.is(gil.switchInterval, 100);
});

test('run drops it however the function ends', () => {
  const gil = new GIL();
  assert.is(
    gil.run(() => gil.held),
    true,
  );
  assert.throws(
    () =>
      gil.run(() => {
        throw new Error('mine');
      }),
    /mine/,
  );
  assert.is(gil.locked, false);
});

test('allowThreads runs without it and takes it back, however the function ends', () => {
  const gil = new GIL();
  gil.run(() => {
    assert.is(
      gil.allowThreads(() => gil.locked),
      false,
    );
    assert.is(gil.held, true);
    assert.throws(
      () =>
        gil.allowThreads(() => {
          throw new Error('mine');
        }),
      /mine/,
    );
    assert.is(gil.held, true);
  });
});

test('allowThreadsAsync awaits without it and takes it back', async () => {
  const gil = new GIL();
  gil.acquire();
  assert.is(await gil.allowThreadsAsync(async () => gil.locked), false);
  assert.is(gil.held, true);
  try {
    await gil.allowThreadsAsync(async () => {
      throw new Error('mine');
    });
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'mine');
  }
  assert.is(gil.held, true);
  gil.release();
});

test('tasks of one agent that wait for the same thing by allowThreadsAsync all get it back, one after the other', async () => {
  const gil = new GIL();
  let fire = (): void => {};
  const fired = new Promise<void>((resolve) => {
    fire = resolve;
  });
  const rounds = async (): Promise<void> => {
    gil.acquire();
    await gil.allowThreadsAsync(() => fired);
    assert.is(gil.held, true);
    await gil.allowThreadsAsync(async () => {});
    gil.release();
  };
  const tasks = [rounds(), rounds(), rounds()];
  fire();
  await Promise.all(tasks);
  assert.ok(free(gil));
});

test('an awaiting task that would take it back while its own agent holds it is told of a self-deadlock', async () => {
  const gil = new GIL();
  gil.acquire();
  const late = gil.allowThreadsAsync(() => new Promise<void>((resolve) => setTimeout(resolve, 1)));
  gil.acquire();
  assert.is(await late.catch(({ code }) => code), 'ERR_SELF_DEADLOCK');
  gil.release();
});

test('three threads that each add with a load and a store lose nothing', async () => {
  const gil = new GIL({ switchInterval: 0.1 });
  const words = newWords();
  const crew = await Crew.start(WORKER, { count: 3, workerData: desk(gil, words, 'count') });
  await crew.done();
  assert.is(words[0], 60_000);
  assert.ok(free(gil));
});

test('a waiter asks for it, and gets it from a holder that never drops it by itself', async () => {
  const gil = new GIL({ switchInterval: 1 });
  const words = newWords();
  start({ arena: new Arena({ byteLength: 2 ** 18 }) });
  const crew = await Crew.start<number>(WORKER, { workerData: desk(gil, words, 'spin') });
  await until(() => gil.locked);
  for (let i = 0; i < 20; i++) gil.run(() => {});
  Atomics.store(words, 1, 1);
  const [spinner] = await crew.done();
  const account = gil.statistics().agents.find(({ agent }) => agent === spinner);
  // The last drop is its own, and it may have been between two stays when this agent came.
  assert.ok(account !== undefined && account.forced >= 1, inspect(account));
  const { events, spans } = stop();
  const seen = new Set(events.map(({ event }) => event));
  for (const event of ['wait', 'waited', 'acquire', 'ask', 'release'] as const) assert.ok(seen.has(event), event);
  assert.is(spans.filter(({ kind }) => kind === 'hold').length, 20);
});

test('is shared: attach gives the same GIL, with its statistics', () => {
  const gil = new GIL();
  const { gil: other } = attach(structuredClone(share({ gil })));
  other.acquire();
  assert.is(gil.held, true);
  assert.throws(() => other.acquire(), fails('ERR_SELF_DEADLOCK'));
  gil.release();
  assert.equal(other.statistics(), gil.statistics());
});

test('a trace shows what is done with it, and which drops another has asked for', () => {
  const gil = new GIL();
  start({ arena: new Arena({ byteLength: 2 ** 18 }) });
  gil.run(() => {});
  gil.acquire();
  const { words } = gil.arena;
  words[gil.cell + WORD] |= ASKED;
  // Nobody is there to take it, so the drop does not wait until somebody has.
  gil.checkpoint();
  gil.release();
  const { events } = stop();
  assert.equal(
    events.map(({ event, forced }) => (forced ? `${event} by force` : event)),
    ['acquire', 'release', 'acquire', 'release by force', 'acquire', 'release'],
  );
});

test('a forged or foreign handle is refused', () => {
  const handle = structuredClone(share(new GIL())) as unknown as Record<string, unknown>;
  const forged = (change: object) => ({ ...handle, ...change }) as Shared<GIL>;
  assert.throws(() => attach(forged({ kind: 'Lock' })), fails('ERR_HANDLE'));
  assert.throws(() => attach(forged({ kind: 'GIL.books' })), fails('ERR_HANDLE'));
  assert.throws(() => attach(forged({ cell: 3 })), fails('ERR_HANDLE'));
  assert.throws(() => attachBasic(forged({})), fails('ERR_HANDLE'));
  assert.ok(attach(forged({})) instanceof GIL);
});

test('a handle of a GIL whose books are not where it says is refused', () => {
  const gil = new GIL({ arena: new Arena() });
  const { words } = gil.arena;
  const block = words[gil.cell + BOOKS];
  const forgeries: readonly (readonly [at: number, value: number])[] = [
    [BOOKS, 0],
    [BOOKS, -1],
    [BOOKS, block + 4],
    [BOOKS, gil.cell],
    [BOOKS, words.length - 1],
  ];
  for (const [at, value] of forgeries) {
    const before = words[gil.cell + at];
    words[gil.cell + at] = value;
    assert.throws(() => attach(share(gil)), fails('ERR_HANDLE'), `word ${at}: ${value}`);
    words[gil.cell + at] = before;
  }
  assert.ok(attach(share(gil)) instanceof GIL);
});

test('disabled, it excludes nobody, and nothing is refused', () => {
  const gil = new GIL({ enabled: false });
  gil.acquire();
  gil.acquire();
  gil.checkpoint();
  gil.release();
  gil.release();
  gil.release();
  assert.is(gil.locked, false);
  assert.is(attach(structuredClone(share({ gil }))).gil.enabled, false);
});

test('two GILs are two interpreters: the holder of one does not hinder the other', async () => {
  const mine = new GIL();
  const theirs = new GIL();
  const words = newWords();
  mine.acquire();
  const crew = await Crew.start(WORKER, { workerData: desk(theirs, words, 'take') });
  await crew.done();
  assert.is(words[0], 1);
  mine.release();
});

test('a thread that has dropped it for blocking work hinders nobody', async () => {
  const gil = new GIL();
  const words = newWords();
  const crew = await Crew.start(WORKER, { workerData: desk(gil, words, 'drop') });
  await crew.members[0].next('dropped');
  gil.run(() => {});
  Atomics.store(words, 2, 1);
  Atomics.notify(words, 2);
  await crew.done();
});

test('a waiter that is terminated and retired hinders neither the holder nor the next', async () => {
  const gil = new GIL({ switchInterval: 1, arena: new Arena() });
  const words = newWords();
  gil.acquire();
  const crew = await Crew.start<number>(WORKER, { workerData: desk(gil, words, 'take') });
  const [waiter] = crew.members;
  const agent = await waiter.next<number>('agent');
  await until(() => /asked for/.test(String(gil)), { what: 'the waiter asks' });
  await waiter.terminate();
  retire(gil.arena, agent);
  // It was asked to drop by one that is dead: a forced switch would wait for ever.
  gil.checkpoint();
  assert.is(gil.held, true);
  gil.release();
  const next = await Crew.start(WORKER, { workerData: desk(gil, words, 'take') });
  await next.done();
  assert.is(words[0], 1);
});

for (const switchInterval of [1, 1000]) {
  test(`an agent that blocks for it finds out that its holder has ended (switch interval ${switchInterval} ms)`, () => {
    const { gil, worker } = startHolder(switchInterval);
    void worker.terminate();
    gil.acquire();
    gil.release();
  });
}

test('a holder that drops it on request finds out that the agent that asked has ended', async () => {
  const gil = new GIL({ switchInterval: 1, arena: new Arena() });
  gil.acquire();
  const crew = await Crew.start<number>(WORKER, { workerData: desk(gil, newWords(), 'take') });
  const [waiter] = crew.members;
  const agent = await waiter.next<number>('agent');
  await until(() => /asked for/.test(String(gil)), { what: 'the waiter asks' });
  void waiter.terminate();
  // Until it has ended it might take the GIL.
  while (!hasEnded(gil.arena.member.words, agent, true));
  gil.release();
  assert.not(gil.locked);
});

test('a waiter that was taken for dead is told', () => {
  const { gil } = startHolder(1);
  // With this agent's own view of the memory, as another agent would.
  condemn(gil.arena.member.words, gil.arena.agentId);
  assert.throws(() => gil.acquire(), fails('ERR_RETIRED'));
});

test('its text shows holder, waiters and interval', () => {
  const gil = new GIL({ switchInterval: 2 });
  assert.match(String(gil), /^GIL#\d+ \(free, waiters: none, switch interval 2 ms\)$/);
  gil.acquire();
  assert.match(inspect(gil), /^GIL#\d+ \(held by agent \d+\.\d+, waiters: none/);
  gil.release();
  assert.match(String(new GIL({ enabled: false })), /disabled: free threading/);
});

test.run();
