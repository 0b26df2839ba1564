// Nothing that nobody can use any more keeps memory over time, in the heap or in an arena, large or small.
import {
  Arena,
  attach,
  Barrier,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  type Shared,
  share,
} from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { eachCell, RECORD } from '#dist/core/memory/cells.js';
import { heapInUse } from '../support/garbage.js';
import { suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import { type Subject, waits } from '../sync/waits.js';
import type { MemoryData } from './memory-over-time.worker.js';

const test = suite('memory over time');
const WORKER = new URL('./memory-over-time.worker.js', import.meta.url);

/** Another object of the same, as another message brings it. */
const another = <T>(object: T): T => attach(structuredClone(share(object)) as Shared<T>);

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** What a use may seem to keep, in bytes: less than an object with a field or two, the least that can be kept. */
const NOISE = 100;
/** What Node itself keeps of each signal of `AbortSignal.any` as long as its sources live. */
const ANY_SIGNAL = 100;

/**
 * Asserts that uses, however many, keep no heap.
 *
 * @param uses - how many there are between the two looks
 * @param use - makes one, or several at once; returns how many
 * @param noise - what each may seem to keep, in bytes
 */
async function keepsNoHeap(uses: number, use: (n: number) => Promise<number>, noise = NOISE): Promise<void> {
  const go = async (count: number): Promise<void> => {
    for (let n = 0; n < count; ) n += await use(n);
  };
  await go(uses / 4);
  const before = await heapInUse();
  await go(uses);
  const each = ((await heapInUse()) - before) / uses;
  assert.ok(each < noise, `${each.toFixed(1)} bytes a use are kept`);
}

/** Waits begin in batches, as many as a busy agent has at a time. */
const BATCH = 500;

async function batch(wait: () => Promise<unknown>): Promise<number> {
  await Promise.allSettled(Array.from({ length: BATCH }, wait));
  return BATCH;
}

test('timed waits, each on an object that was just attached, keep no heap', async () => {
  const lock = new Lock({ arena: new Arena() });
  lock.acquire();
  const message = share(lock);
  await keepsNoHeap(20_000, () => batch(() => attach(structuredClone(message)).acquireAsync({ timeout: 0.01 })));
  assert.is(lock.arena.member.queues.size, 0);
});

const kinds: Readonly<Record<string, (arena: Arena) => (signal?: AbortSignal) => Promise<unknown>>> = {
  RLock: (arena) => {
    const lock = new RLock({ arena });
    lock.acquire();
    return (signal) => another(lock).holdAsync({ timeout: 0.01, signal });
  },
  Semaphore: (arena) => {
    const semaphore = new Semaphore(0, { arena });
    return (signal) => another(semaphore).acquireAsync({ timeout: 0.01, signal });
  },
  Event: (arena) => {
    const event = new Event({ arena });
    return (signal) => another(event).waitAsync({ timeout: 0.01, signal });
  },
  'RWLock, to read': (arena) => {
    const lock = new RWLock({ arena });
    lock.acquireWrite();
    return (signal) => another(lock).acquireReadAsync({ timeout: 0.01, signal });
  },
  'RWLock, to write by its view': (arena) => {
    const lock = new RWLock({ arena });
    lock.acquireRead();
    return (signal) => another(lock.writeLock).acquireAsync({ timeout: 0.01, signal });
  },
  Condition: (arena) => {
    const condition = new Condition(new Lock({ arena }));
    return (signal) => {
      const other = another(condition);
      return other.runAsync((hold) => other.waitAsync({ hold, timeout: 0.01, signal }));
    };
  },
  Barrier: (arena) => {
    const barrier = new Barrier(3, { arena });
    return (signal) => {
      const other = another(barrier);
      return other.waitAsync({ timeout: 0.01, signal }).catch(() => other.reset());
    };
  },
};

for (const [name, make] of Object.entries(kinds)) {
  test(`${name}: timed waits keep no heap and no cell, and leave no queue`, async () => {
    const arena = new Arena({ byteLength: 1 << 18 });
    const wait = make(arena);
    await keepsNoHeap(4_000, () => batch(() => wait()));
    assert.is(arena.member.queues.size, 0);
    const free = arena.bytesFree;
    await batch(() => wait());
    assert.is(arena.bytesFree, free);
  });
}

const signals: Readonly<Record<string, (one: AbortSignal) => AbortSignal>> = {
  'one signal': (one) => one,
  'a signal of its own': () => new AbortController().signal,
  'a signal of AbortSignal.any': (one) => AbortSignal.any([one]),
  'a signal of AbortSignal.timeout': () => AbortSignal.timeout(2 ** 30),
};

for (const [name, make] of Object.entries(signals)) {
  test(`waits that ended well keep nothing of ${name}`, async () => {
    const lock = new Lock({ arena: new Arena() });
    const { signal } = new AbortController();
    const round = async (): Promise<number> => {
      lock.acquire();
      const got = Array.from({ length: 4 }, () => lock.runAsync(() => {}, { signal: make(signal) }));
      lock.release();
      await Promise.all(got);
      return 4;
    };
    await keepsNoHeap(4_000, round, NOISE + ANY_SIGNAL);
  });

  test(`waits whose time was up keep nothing of ${name}`, async () => {
    const lock = new Lock({ arena: new Arena() });
    lock.acquire();
    const { signal } = new AbortController();
    const wait = () => lock.acquireAsync({ timeout: 0.01, signal: make(signal) });
    await keepsNoHeap(4_000, () => batch(wait), NOISE + ANY_SIGNAL);
  });
}

test('aborted waits keep no heap', async () => {
  const lock = new Lock({ arena: new Arena() });
  lock.acquire();
  await keepsNoHeap(12_000, async () => {
    const abort = new AbortController();
    const waiting = batch(() => lock.acquireAsync({ signal: abort.signal }));
    abort.abort();
    return waiting;
  });
});

test('arenas that are dropped keep no heap, used and shared as they may be', async () => {
  const use = async (): Promise<void> => {
    const lock = another(new Lock({ arena: new Arena({ byteLength: 1024, agents: 1 }) }));
    lock.acquire();
    await lock.acquireAsync({ timeout: 0 });
  };
  await keepsNoHeap(4_000, async () => {
    await Promise.all(Array.from({ length: 20 }, use));
    // Their finalizers run in turns of their own.
    await turn();
    return 20;
  });
});

// --- in the arena ------------------------------------------------------------------------------------------------------------

const records = ({ words }: Arena): number => {
  let count = 0;
  eachCell(words, (_index, _gates, role) => {
    if (role === RECORD) count++;
  });
  return count;
};

/** A burst of so many tasks that wait at the same time. */
async function burst(condition: Condition<Lock>, count: number): Promise<void> {
  const waiting = Array.from({ length: count }, () => condition.runAsync((hold) => condition.waitAsync({ hold })));
  while (!condition.toString().includes(`, ${count} waiting`)) await turn();
  await condition.runAsync((hold) => condition.notifyAll({ hold }));
  await Promise.all(waiting);
}

test('the records of a burst are freed, except for a few, and serve the next burst', async () => {
  const arena = new Arena({ byteLength: 1 << 18 });
  const condition = new Condition(new Lock({ arena }));
  await burst(condition, 1000);
  assert.ok(records(arena) <= 8, `${records(arena)} records`);
  const { bytesFree } = arena;
  for (let i = 0; i < 3; i++) await burst(condition, 1000);
  assert.is(arena.bytesFree, bytesFree);
});

test('what a burst of one agent leaves serves another agent, and another primitive, also when no room was left', async () => {
  const arena = new Arena({ byteLength: 1 << 16, agents: 4 });
  const condition = new Condition(new Lock({ arena }));
  const barrier = new Barrier(900, { arena });
  await burst(condition, 900);
  const worker = (
    await Crew.start<number>(WORKER, {
      workerData: { order: 'burst', shared: share({ condition, barrier }), count: 900 } satisfies MemoryData,
    })
  ).members[0];
  assert.is(await worker.result(), 900);
  await Promise.all(Array.from({ length: 900 }, () => barrier.waitAsync()));
  assert.ok(arena.bytesFree < 128 * 64, `${arena.bytesFree} bytes were never used`);
});

test('a burst that finds no room fails, and leaves all the room to the next', async () => {
  const arena = new Arena({ byteLength: 1 << 14, agents: 4 });
  const barrier = new Barrier(1000, { arena });
  const ended = await Promise.allSettled(Array.from({ length: 1000 }, () => barrier.waitAsync({ timeout: 1 })));
  const codes = ended.map((each) => (each.status === 'rejected' ? each.reason.code : 'none'));
  assert.equal([...new Set(codes)].sort(), ['ERR_ARENA_FULL', 'ERR_BROKEN_BARRIER']);
  const fits = codes.filter((code) => code === 'ERR_BROKEN_BARRIER').length;
  const condition = new Condition(new Lock());
  await burst(condition, 2);
  barrier.reset();
  const again = await Promise.allSettled(Array.from({ length: 1000 }, () => barrier.waitAsync({ timeout: 1 })));
  assert.is(
    again.filter((each) => each.status === 'rejected' && each.reason.code === 'ERR_BROKEN_BARRIER').length,
    fits,
  );
});

for (const [name, make] of Object.entries(waits)) {
  test(`${name}: hundreds of waits go through the smallest arena that holds it`, async () => {
    const arena = new Arena({ byteLength: 1024, agents: 1 });
    let subject: Subject = make(arena);
    for (let round = 0; round < 40; round++) {
      const count = name === 'Barrier' ? 1 : 5;
      const ended = await Promise.allSettled(Array.from({ length: count }, () => subject.wait({ timeout: 0.01 })));
      for (const each of ended) {
        const code = each.status === 'rejected' ? each.reason.code : undefined;
        assert.is.not(code, 'ERR_ARENA_FULL', `in round ${round}`);
      }
      if (name !== 'Barrier') continue;
      subject = make(new Arena({ byteLength: 1024, agents: 1 }));
    }
    assert.is(arena.member.queues.size, 0);
  });
}

test('an agent that has waited and has ended leaves all its records to others', async () => {
  const arena = new Arena({ byteLength: 1 << 16, agents: 4 });
  const condition = new Condition(new Lock({ arena }));
  const barrier = new Barrier(2, { arena });
  for (let round = 0; round < 3; round++) {
    const crew = await Crew.start<number>(WORKER, {
      workerData: { order: 'burst', shared: share({ condition, barrier }), count: 500 } satisfies MemoryData,
    });
    await crew.done();
    await until(() => crew.members[0].ended, { what: 'the worker has ended' });
  }
  assert.is(records(arena), 0);
  await burst(condition, 800);
});

test.run();
