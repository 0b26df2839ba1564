// What holds on every host, with one body for all. The main thread only uses async forms, because a page's must not block; what
// blocks is done by workers.
import { Arena, countWaits, dumpAgents, retire, statistics } from 'atomics-sync-free';
import { type Body, explore, replayAsync, type Scenario, sampleAsync } from 'atomics-sync-free/check';
import { GIL } from 'atomics-sync-free/gil';
import { delayed, Memory, Parallel } from 'atomics-sync-free/joblib';
import {
  Barrier,
  Condition,
  Empty,
  Event,
  JoinableQueue,
  Lock,
  Pipe,
  Pool,
  Process,
  Queue,
  RLock,
  RWLock,
  Semaphore,
  Array as SharedArray,
  TimeoutError,
  Value,
  waitAsync,
} from 'atomics-sync-free/multiprocessing';
import { type Target, Thread, Timer } from 'atomics-sync-free/threading';
import { start, stop } from 'atomics-sync-free/trace';
import { type Check, type Exception, type Feature, failureOf, type Host, same, sleep } from './check.js';
import * as tasks from './tasks.js';

/** Longer than anything here takes, in ms. */
const LONG = 20_000;
const PAGES = ['chromium', 'firefox'] as const;

export const checks: Check[] = [];

const check =
  (feature: Feature) =>
  (name: string, run: () => Promise<void>, except?: Check['except']): void =>
    void checks.push({ feature, name, run, ...(except && { except }) });

const inPages = (exception: Exception): Partial<Record<Host, Exception>> =>
  Object.fromEntries(PAGES.map((page) => [page, exception]));

function started<Args extends unknown[], Result>(target: Target<Args, Result>, ...args: Args): Thread<Result, Args> {
  const thread = new Thread({ target, args });
  thread.start();
  return thread;
}
/** What is needed of a thread, whatever its arguments. */
type Joinable<Result> = Pick<Thread<Result>, 'joinAsync' | 'result'>;
async function ended<Result>(thread: Joinable<Result>): Promise<Result> {
  await thread.joinAsync({ timeout: LONG });
  return thread.result;
}
const endedAll = <Result>(threads: readonly Joinable<Result>[]): Promise<Result[]> => Promise.all(threads.map(ended));

const words = (): Int32Array => new Int32Array(new SharedArrayBuffer(4));

// Before any worker is there: at times the package asks its own memory about workers, in turns of the event loop, which an
// exploration of async threads would take for an access of theirs.
check('checker')('it samples async threads, and runs again what failed', async () => {
  const add: Body<'sum'> = async ({ words, at }) => {
    const before = Atomics.load(words, at.sum);
    await new Promise((resolve) => setTimeout(resolve, 1));
    Atomics.store(words, at.sum, before + 1);
  };
  const scenario: Scenario<'sum'> = {
    memory: { sum: 0 },
    threads: [add, add, add],
    final: ({ sum }) => sum === 3 || `lost update: ${sum}`,
  };
  const { failure } = await sampleAsync(scenario);
  const again = await replayAsync(scenario, failure?.schedule.seed ?? '');
  same([failure?.kind, again.failure], ['final', failure]);
});

check('checker')('a schedule names the call of a helper that a step was', async () => {
  const set = (words: Int32Array): void => {
    Atomics.store(words, 0, Atomics.load(words, 0) + 1);
  };
  const { failure } = explore({
    memory: { word: 0 },
    threads: [
      ({ words }) => {
        set(words);
        set(words);
      },
    ],
    final: () => false,
  });
  const steps = (failure?.schedule.steps ?? []).map(({ where }) => where.split(' ← '));
  const [load, store, again] = steps;
  same(
    steps.map(({ length }) => length),
    [2, 2, 2, 2],
  );
  same([load[0] === again[0], load[0] === store[0]], [true, false]);
  same([load[1] === again[1], load[1] === store[1]], [false, true]);
});

// --- primitives ---------------------------------------------------------------------------------------------------

const primitives = check('primitives');

primitives('workers under a Lock or an RLock lose nothing', async () => {
  for (const lock of [new Lock(), new RLock()]) {
    const sum = words();
    await endedAll([1, 2].map(() => started(tasks.increments, sum, 5000, lock)));
    same(sum[0], 10_000);
  }
});

primitives('async tasks exclude those of other agents', async () => {
  const [sum, lock] = [words(), new Lock()];
  const thread = started(tasks.incrementsInTasks, sum, 200, lock);
  for (let i = 0; i < 200; i++) {
    await lock.runAsync(async () => {
      const seen = sum[0];
      await Promise.resolve();
      sum[0] = seen + 1;
    });
  }
  await ended(thread);
  same(sum[0], 600);
});

primitives('a Semaphore lets in as many as it has permits', async () => {
  const [semaphore, inside] = [new Semaphore(1), words()];
  same(await endedAll([1, 2].map(() => started(tasks.crowds, semaphore, inside, 2000))), [1, 1]);
  same(semaphore.value, 1);
});

primitives('an Event ends the blocked and the async waits of others', async () => {
  const [event, ready] = [new Event(), new Event()];
  const thread = started(tasks.waitsFor, event, ready);
  await ready.waitAsync({ timeout: LONG });
  const waiting = event.waitAsync({ timeout: LONG });
  event.set();
  same([await waiting, await ended(thread)], [true, true]);
});

primitives('a Condition wakes who waits for it', async () => {
  const [condition, count, ready] = [new Condition(), words(), new Event()];
  const thread = started(tasks.waitsInCondition, condition, count, ready);
  await ready.waitAsync({ timeout: LONG });
  await condition.runAsync((hold) => {
    count[0] = 2;
    condition.notifyAll({ hold });
  });
  same([await ended(thread), count[0]], [2, 1]);
});

primitives('a Barrier opens when all are there', async () => {
  const barrier = new Barrier(3);
  const threads = [1, 2].map(() => started(tasks.meets, barrier));
  const all = [await barrier.waitAsync({ timeout: LONG }), ...(await endedAll(threads))];
  same(all.sort(), [0, 1, 2]);
});

primitives('an RWLock lets readers in together, and writers alone', async () => {
  const [lock, inside, done, sum] = [new RWLock(), new Semaphore(0), new Event(), words()];
  const readers = [1, 2].map(() => started(tasks.reads, lock, inside, done));
  for (const _ of readers) await inside.acquireAsync({ timeout: LONG });
  const writers = [1, 2].map(() => started(tasks.writes, lock, sum, 500));
  same([lock.writing, sum[0]], [false, 0]);
  done.set();
  same(await endedAll(readers), [true, true]);
  await endedAll(writers);
  same(sum[0], 1000);
});

primitives('waits end when their time is up, or their signal says so', async () => {
  const lock = new Lock();
  await lock.acquireAsync();
  same(await ended(started(tasks.givesUp, lock)), false);
  same(await lock.acquireAsync({ timeout: 20 }), false);
  const controller = new AbortController();
  const waiting = failureOf(() => lock.acquireAsync({ signal: controller.signal }));
  controller.abort();
  same(await waiting, 'AbortError');
  lock.release();
});

check('blocking in the main thread')(
  'the main thread waits for a worker, and its time is up',
  async () => {
    const thread = started(tasks.square, 3);
    thread.join(LONG);
    same(thread.result, 9);
    const lock = new Lock();
    lock.acquire();
    same(await failureOf(() => lock.acquire(20)), 'no error, but false');
    same(new Event().wait(20), false);
  },
  inPages({
    reason: 'it is refused, since a page must not block; the async forms work',
    instead: async () => {
      same(await failureOf(() => new Event().wait()), 'ERR_BLOCKING_REFUSED');
    },
  }),
);

// --- death --------------------------------------------------------------------------------------------------------

const death = check('death of an agent');

/** In which those who check would notice an end, in ms. */
const UNTOLD = 500;

type Doing = 'idle' | 'busy' | 'blocked' | 'waits';

/** A process that has the lock. */
async function holder(lock: Lock, how: Doing): Promise<Process<[Lock, Event, Doing]>> {
  const held = new Event();
  const process = new Process({ target: tasks.holds, args: [lock, held, how] });
  process.start();
  if (!(await held.waitAsync({ timeout: LONG }))) throw new Error('nobody holds it');
  return process;
}

/** A worker of Deno ends when its event loop turns. */
const UNSTOPPABLE: Exception = {
  reason: 'a worker that is busy or blocked in something of its own runs on after terminate()',
  instead: async () => {
    const lock = new Lock();
    const process = await holder(lock, 'blocked');
    process.terminate();
    same(await lock.acquireAsync({ timeout: UNTOLD }), false);
    same(lock.abandoned, false);
  },
};

/** Without `Atomics.waitAsync`, as in Firefox before 145. */
const unnoticed = (instead: () => Promise<void>): Partial<Record<Host, Exception>> => ({
  firefox: { before: 145, reason: 'ends are not noticed, and have to be told by retire()', instead },
});

/** Ends a process that holds something. @returns what tells the others of it */
async function endUnnoticed(arena: Arena, process: Process<never>): Promise<() => boolean> {
  const [{ agentId }] = dumpAgents(arena).agents.filter(({ holds }) => holds.length > 0);
  process.terminate();
  await process.joinAsync({ timeout: LONG });
  return () => retire(arena, agentId);
}

async function holderUnnoticed(how: Doing): Promise<void> {
  const lock = new Lock();
  const tell = await endUnnoticed(lock.arena, await holder(lock, how));
  const waiting = failureOf(() => lock.acquireAsync({ timeout: LONG }));
  await sleep(UNTOLD);
  same([lock.abandoned, tell(), await waiting], [false, true, 'ERR_OWNER_DIED']);
  same([await lock.recoverAsync(() => {}), lock.locked], [true, false]);
}

// Where one that is busy cannot be stopped, it ends when it has done.
for (const how of ['idle', 'busy', 'blocked'] as const) {
  death(
    `a lock whose holder is terminated, ${how}, is abandoned and can be repaired`,
    async () => {
      const lock = new Lock();
      const process = await holder(lock, how);
      const waiting = failureOf(() => lock.acquireAsync({ timeout: LONG }));
      process.terminate();
      same(await waiting, 'ERR_OWNER_DIED');
      same([lock.abandoned, await lock.recoverAsync(() => {}), lock.locked], [true, true, false]);
      await process.joinAsync({ timeout: LONG });
      same(process.exitcode, -15);
    },
    { ...unnoticed(() => holderUnnoticed(how)), ...(how === 'blocked' && { deno: UNSTOPPABLE }) },
  );
}

/** How long any host may take until a worker that blocks is told of a death, in ms: Chromium lets the dead run on for 2 s. */
const TOLD = 10_000;

death(
  'of workers that block for one lock some are terminated, then its holder, and the others are told',
  async () => {
    const lock = new Lock();
    const died = await holder(lock, 'waits');
    const begun = [0, 1, 2].map(() => new Event());
    const waiter = new Process({ target: tasks.asksFor, args: [lock, begun[0], LONG] });
    waiter.start();
    const others = [1, 2].map((i) => started(tasks.asksFor, lock, begun[i], LONG));
    for (const event of begun) same(await event.waitAsync({ timeout: LONG }), true);
    waiter.terminate();
    died.terminate();
    const since = performance.now();
    same(await endedAll(others), ['ERR_OWNER_DIED', 'ERR_OWNER_DIED']);
    same(performance.now() - since < TOLD, true);
    same(await lock.recoverAsync(() => {}), true);
  },
  { ...unnoticed(() => holderUnnoticed('waits')), deno: UNSTOPPABLE },
);

/** @param end - ends who holds the permit and the read */
async function permitsComeBack(
  end: (semaphore: Semaphore, process: Process<[Semaphore, RWLock, Event]>) => unknown,
): Promise<void> {
  const [semaphore, lock, held] = [new Semaphore(1), new RWLock(), new Event()];
  const process = new Process({ target: tasks.holdsPermit, args: [semaphore, lock, held] });
  process.start();
  await held.waitAsync({ timeout: LONG });
  await end(semaphore, process);
  same(await semaphore.acquireAsync({ timeout: LONG }), true);
  const hold = await lock.writeLock.holdAsync({ timeout: LONG });
  hold.release();
}

death(
  'permits and reads of the dead come back',
  () => permitsComeBack((_, process) => process.kill()),
  unnoticed(() =>
    permitsComeBack(async (semaphore, process) => {
      const tell = await endUnnoticed(semaphore.arena, process);
      same(await semaphore.acquireAsync({ timeout: UNTOLD }), false);
      same(tell(), true);
    }),
  ),
);

// --- seeing -------------------------------------------------------------------------------------------------------

/** @param ask - whether the threads ask that deadlocks be looked for */
async function deadlock(ask: boolean): Promise<void> {
  const [first, second, both] = [new RLock(), new RLock(), new Barrier(2)];
  const threads = [
    started(tasks.takesBoth, first, second, both, ask),
    started(tasks.takesBoth, second, first, both, ask),
  ];
  same((await endedAll(threads)).sort(), ['DeadlockError', 'took both']);
}

check('deadlocks')(
  'of two threads that wait for each other one is told, and the other goes on',
  () => deadlock(false),
  inPages({
    reason: 'in a bundle agents look for them once they have called detectDeadlocks()',
    instead: () => deadlock(true),
  }),
);

/** @param ask - whether the agents ask that waits be counted */
async function counted(ask: boolean): Promise<void> {
  const lock = new Lock();
  if (ask) countWaits();
  await lock.acquireAsync();
  same(await ended(started(tasks.givesUpCounted, lock, ask)), false);
  same(statistics(lock).givenUp, 1);
}

check('statistics')(
  'a wait in vain is counted',
  () => counted(false),
  inPages({ reason: 'in a bundle agents count once they have called countWaits()', instead: () => counted(true) }),
);

check('trace')('it tells who waited, for what, and who held it', async () => {
  const arena = new Arena({ byteLength: 2 ** 21 });
  const lock = new Lock({ arena, name: 'accounts' });
  start({ arena, name: 'main' });
  await lock.acquireAsync();
  const thread = started(tasks.waitsTraced, arena, lock);
  const until = performance.now() + LONG;
  while (!dumpAgents(arena).agents.some(({ waitsFor }) => waitsFor) && performance.now() < until) await sleep(1);
  lock.release();
  await ended(thread);
  const [{ waiter, holder, primitive }] = stop().summary().blocking;
  same([waiter, holder, primitive.endsWith('(accounts)')], ['other', 'a task of main', true]);
});

check('checker')('it finds the schedule that loses an addition, and none where there is none', async () => {
  const verdictOn = (add: (words: Int32Array) => unknown): string =>
    explore({
      memory: { sum: 0 },
      threads: [({ words }) => void add(words), ({ words }) => void add(words)],
      final: ({ sum }) => sum === 2 || `lost update: ${sum}`,
    }).verdict;
  same(
    verdictOn((words) => Atomics.store(words, 0, Atomics.load(words, 0) + 1)),
    'failed',
  );
  same(
    verdictOn((words) => Atomics.add(words, 0, 1)),
    'ok',
  );
});

// --- GIL ----------------------------------------------------------------------------------------------------------

check('GIL')('threads under it run in turns, and lose nothing', async () => {
  const [gil, sum] = [new GIL({ switchInterval: 1 }), words()];
  await endedAll([1, 2].map(() => started(tasks.countsUnderGil, gil, sum, 20_000)));
  same(sum[0], 40_000);
});

// --- threads ------------------------------------------------------------------------------------------------------

const threads = check('threads');

threads('results and errors come back, with their classes', async () => {
  same(await ended(started(tasks.square, 7)), 49);
  const thread = started(tasks.failing);
  await thread.joinAsync({ timeout: LONG });
  const error = await Promise.resolve()
    .then(() => thread.result)
    .catch((reason) => reason);
  same([error instanceof tasks.OutOfCheese, error.message, error.shelf], [true, 'no cheese', 3]);
});

threads('errors of the package are of their classes, also where they are minified', async () => {
  const lock = new Lock();
  await lock.acquireAsync();
  const [timeout, empty] = await ended(started(tasks.failingInside, new Queue<unknown>(), lock));
  same([timeout instanceof TimeoutError, empty instanceof Empty], [true, true]);
});

threads('primitives arrive as such, and threads have their names', async () => {
  same(await ended(started(tasks.isLock, new Lock())), true);
  const named = new Thread({ target: tasks.nameOfThread, name: 'Bob' });
  named.start();
  same(await ended(named), 'Bob');
});

threads('threads start threads', async () => same(await ended(started(tasks.squareByAnother, 6)), 36));

threads('a Timer calls later, unless it is cancelled', async () => {
  const [soon, never] = [new Timer(10, tasks.square, [5]), new Timer(60_000, tasks.square, [5])];
  soon.start();
  never.start();
  never.cancel();
  await soon.joinAsync({ timeout: LONG });
  await never.joinAsync({ timeout: LONG });
  same([soon.result, never.isAlive()], [25, false]);
});

threads(
  'a thread that ends its worker is an error for those who wait',
  async () => {
    const thread = started(tasks.exits, 3);
    await thread.joinAsync({ timeout: LONG });
    same(await failureOf(() => thread.result), 'ERR_WORKER_DIED');
  },
  inPages({
    reason: 'process.exit in a worker is an error of the function, for there is no process to exit',
    instead: async () => {
      const thread = started(tasks.exits, 3);
      await thread.joinAsync({ timeout: LONG });
      same(await failureOf(() => thread.result), 'TypeError');
    },
  }),
);

// --- processes ----------------------------------------------------------------------------------------------------

const processes = check('processes');

processes('exit codes are those of Python', async () => {
  const [named, failing, killed] = [
    new Process({ target: tasks.nameOfProcess, name: 'Bob' }),
    new Process({ target: tasks.failing }),
    new Process({ target: tasks.endless }),
  ];
  for (const process of [named, failing, killed]) process.start();
  killed.kill();
  for (const process of [named, failing, killed]) await process.joinAsync({ timeout: LONG });
  same([named.exitcode, failing.exitcode, killed.exitcode], [0, 1, -9]);
});

processes('a sentinel can be waited for', async () => {
  const process = new Process({ target: tasks.square, args: [2] });
  process.start();
  same((await waitAsync([process.sentinel], { timeout: LONG })).length, 1);
  same(process.isAlive(), false);
});

// --- queues -------------------------------------------------------------------------------------------------------

const queues = check('queues and pipes');

queues('items come in the order of each producer, each once', async () => {
  const queue = new Queue<number[]>(8);
  const producers = [0, 1].map((id) => started(tasks.produces, queue, id, 500));
  const next = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const [id, n] = await queue.getAsync({ timeout: LONG });
    same(n, next[id]++);
  }
  await endedAll(producers);
  same(queue.empty(), true);
});

queues('values of every kind come as they went', async () => {
  const [there, back] = [new Queue<unknown>(), new Queue<unknown>()];
  const items = [
    null,
    -0,
    'ü💡\ud800',
    12n ** 30n,
    new Map([[{ a: Array(2) }, new Set(['x'])]]),
    new Date(0),
    /x/gi,
    new Uint8Array([1, 2]),
    new RangeError('far', { cause: 1 }),
  ];
  const thread = started(tasks.relays, there, back, items.length);
  for (const item of items) there.put(item);
  const got: unknown[] = [];
  for (const _ of items) got.push(await back.getAsync({ timeout: LONG }));
  await ended(thread);
  same([Object.is(got[1], -0), got[2], got[3] === items[3]], [true, items[2], true]);
  const [[key, set]] = [...(got[4] as Map<{ a: number[] }, Set<string>>)];
  same([key.a.length, 1 in key.a, [...set]], [2, false, ['x']]);
  same([got[5], String(got[6]), [...(got[7] as Uint8Array)]], [new Date(0), '/x/gi', [1, 2]]);
  same([got[8] instanceof RangeError, (got[8] as Error).cause], [true, 1]);
});

/** Memory that goes through a queue to a worker that does not know it, and back. */
async function sharedBy(target: typeof tasks.relays | typeof tasks.relaysAsync): Promise<void> {
  const [there, back] = [new Queue<unknown>(), new Queue<unknown>()];
  const thread = started(target as typeof tasks.relays, there, back, 1);
  const memory = words();
  there.put(memory);
  await ended(thread);
  memory[0] = 5;
  same(((await back.getAsync({ timeout: LONG })) as Int32Array)[0], 5);
}

queues('shared memory goes through a queue', () => sharedBy(tasks.relaysAsync));

queues(
  'shared memory goes through a queue to who blocks for it',
  () => sharedBy(tasks.relays),
  inPages({
    reason: 'a blocking get refuses an item that names memory which has not come; getAsync gets it',
    instead: async () => same(await failureOf(() => sharedBy(tasks.relays)), 'ERR_UNKNOWN_MEMORY'),
  }),
);

queues('a queue that is shut down ends its readers, and what was put is done', async () => {
  const [queue, sum] = [new JoinableQueue<number>(), words()];
  const workers = [1, 2].map(() => started(tasks.works, queue, sum));
  for (let i = 1; i <= 100; i++) queue.put(i);
  await queue.joinAsync({ timeout: LONG });
  same(sum[0], 5050);
  queue.shutdown();
  await endedAll(workers);
});

queues('a Pipe carries both ways, and ends when the other end is closed', async () => {
  const [here, there] = Pipe();
  const thread = started(tasks.echoes, there);
  here.send({ a: 1 });
  same(await here.recvAsync({ timeout: LONG }), { a: 1 });
  there.close();
  here.close();
  await ended(thread);
});

queues('a worker waits for several at once', async () => {
  const several = [new Queue(), new Queue()];
  const thread = started(tasks.readyOf, several);
  several[1].put(1);
  same(await ended(thread), 1);
});

const values = check('Value and Array');

values('changes under the lock lose nothing', async () => {
  const value = new Value('int32', 1);
  await endedAll([1, 2].map(() => started(tasks.addsToValue, value, 1000)));
  same(value.value, 2001);
});
values('an Array has the elements that it was given', async () => {
  const array = new SharedArray('float64', [0.5, 1.5]);
  array.set(1, 2.5);
  same([...array.view], [0.5, 2.5]);
});

// --- Pool and Parallel --------------------------------------------------------------------------------------------

const pools = check('Pool');

/** As `await using` would, which not every browser has. */
const withPool = (workers: number, use: (pool: Pool) => Promise<void>) => async (): Promise<void> => {
  const pool = new Pool(workers);
  try {
    await use(pool);
  } finally {
    pool.terminate();
    await pool.joinAsync();
  }
};

pools(
  'results come in order, or as they are there',
  withPool(2, async (pool) => {
    const numbers = Array.from({ length: 500 }, (_, i) => i);
    const squares = numbers.map((x) => x * x);
    same(await pool.mapAsync(tasks.square, numbers), squares);
    const found: number[] = [];
    for await (const y of pool.imapUnordered(tasks.square, numbers)) found.push(y);
    same(
      found.sort((a, b) => a - b),
      squares,
    );
    same(
      await pool.starmapAsync(tasks.add, [
        [1, 2],
        [3, 4],
      ]),
      [3, 7],
    );
  }),
);

pools(
  'an error in a worker is that of its task alone',
  withPool(1, async (pool) => {
    const [good, bad] = [pool.applyAsync(tasks.square, [3]), pool.applyAsync(tasks.failing)];
    same([await good, await failureOf(() => bad)], [9, 'OutOfCheese']);
  }),
);

pools(
  'what is cancelled ends, and its worker is replaced',
  withPool(1, async (pool) => {
    const result = pool.applyAsync(tasks.endless);
    await sleep(50);
    result.cancel();
    same(await failureOf(() => result), 'ERR_CANCELLED');
    same(await pool.applyAsync(tasks.square, [4]), 16);
  }),
);

pools(
  'a worker that dies fails its task, and is replaced',
  withPool(1, async (pool) => {
    same(await failureOf(() => pool.applyAsync(tasks.exits, [1])), 'ERR_WORKER_DIED');
    same(await pool.applyAsync(tasks.square, [4]), 16);
  }),
  inPages({
    reason: 'a worker of a page does not exit by itself',
    instead: withPool(1, async (pool) => {
      same(await failureOf(() => pool.applyAsync(tasks.exits, [1])), 'TypeError');
    }),
  }),
);

check('Parallel')('a loop becomes parallel', async () => {
  const loop = new Parallel({ nJobs: 2 });
  const calls = Array.from({ length: 100 }, (_, i) => delayed(tasks.square)(i));
  same((await loop.runAsync(calls)).at(-1), 9801);
});

check('Memory')(
  'a result is computed once',
  async () => {
    const { mkdtemp, rm } = (await import('node:' + 'fs/promises')) as typeof import('node:fs/promises');
    const folder = await mkdtemp('portable-');
    try {
      const memory = new Memory(folder, { verbose: 0 });
      let calls = 0;
      const slow = memory.cache(function counted(x: number): number {
        calls++;
        return x + 1;
      });
      same([slow(1), slow(1), calls], [2, 2, 1]);
    } finally {
      await rm(folder, { recursive: true });
    }
  },
  inPages({
    reason: 'it needs a file system',
    instead: async () => {
      same(await failureOf(() => new Memory('folder')), 'ERR_NO_FILES');
    },
  }),
);
