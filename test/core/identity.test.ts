// An agent is the same to an arena from its first contact to its end, whatever is collected in between; and what it has
// forgotten takes no memory.
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  Arena,
  Barrier,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  retire,
  Semaphore,
  type Shared,
  type SyncError,
  share,
} from 'atomics-sync-free';
import { attach, GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { eachCell, RECORD } from '#dist/core/memory/cells.js';
import { agentId } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { LIFE } from '#dist/core/memory/slots.js';
import { untilCollected } from '../support/garbage.js';
import { atTestEnd, suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import { waits } from '../sync/waits.js';
import type { IdentityData } from './identity.worker.js';

const test = suite('identity of an agent');
const WORKER = new URL('./identity.worker.js', import.meta.url);

const codeOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as SyncError).code;
  }
  return 'nothing thrown';
};

/** How many slots of the arena are not free. */
function takenSlots({ words }: Pick<Arena, 'words'>, slots: number): number {
  let taken = 0;
  for (let slot = 0; slot < slots; slot++) {
    if ((Atomics.load(words, slotIndex(slot) + LIFE) & 3) !== 0) taken++;
  }
  return taken;
}

/** The memory in an object of its own that keeps no arena alive. */
function seen(arena: Arena): Pick<Arena, 'words'> {
  return { words: new Int32Array(structuredClone(arena.words.buffer) as SharedArrayBuffer) };
}

interface Forgotten<T> {
  /** What `share` made of it; its buffer is another object than that by which the agent knew the arena. */
  readonly message: Shared<T>;
  readonly agent: number;
  readonly member: WeakRef<object>;
}

const SLOTS = 4;

/** Makes something in an arena, does something with it, and forgets both. */
async function forgotten<T extends { readonly arena: Arena }>(
  make: (arena: Arena) => T,
  use: (thing: T) => unknown = () => {},
): Promise<Forgotten<T>> {
  const leave = async (): Promise<Forgotten<T>> => {
    const thing = make(new Arena({ byteLength: 4096, agents: SLOTS }));
    await use(thing);
    const { agentId, member } = thing.arena;
    return { message: structuredClone(share(thing)), agent: agentId, member: new WeakRef(member) };
  };
  const left = await leave();
  await untilCollected(() => left.member.deref() === undefined, 'the agent has forgotten the arena');
  return left;
}

/** How to make a primitive, to take what the agent has when it forgets it, and to show that it is known again. */
interface Case<T> {
  readonly make: (arena: Arena) => T;
  readonly take: (thing: T) => unknown;
  readonly know: (thing: T) => unknown;
}

const caseOf = <T extends { readonly arena: Arena }>(
  make: (arena: Arena) => T,
  take: (thing: T) => unknown,
  know: (thing: T) => unknown,
): Case<{ readonly arena: Arena }> => ({ make, take, know }) as unknown as Case<{ readonly arena: Arena }>;

const held = {
  'a Lock': caseOf(
    (arena) => new Lock({ arena }),
    (lock) => lock.acquire(),
    (lock) => {
      assert.not(lock.tryAcquire());
      lock.release();
      assert.ok(lock.tryAcquire());
    },
  ),
  'a Lock that a task has': caseOf(
    (arena) => new Lock({ arena }),
    (lock) => lock.acquireAsync(),
    (lock) => {
      assert.is(
        codeOf(() => lock.acquire()),
        'ERR_SELF_DEADLOCK',
      );
      lock.release();
      assert.ok(lock.acquire(0));
    },
  ),
  'an RLock, twice': caseOf(
    (arena) => new RLock({ arena }),
    (lock) => lock.acquire() && lock.acquire(),
    (lock) => {
      assert.ok(lock.isOwned);
      assert.is(lock.recursionCount, 2);
      lock.acquire();
      for (let i = 0; i < 3; i++) lock.release();
      assert.not(lock.locked);
    },
  ),
  'an RLock that a task has': caseOf(
    (arena) => new RLock({ arena }),
    (lock) => lock.holdAsync(),
    (lock) => {
      assert.not(lock.isOwned);
      assert.is(
        codeOf(() => lock.acquire()),
        'ERR_SELF_DEADLOCK',
      );
    },
  ),
  'an RWLock, read twice': caseOf(
    (arena) => new RWLock({ arena }),
    (lock) => lock.acquireRead() && lock.readLock.acquire(),
    (lock) => {
      assert.is(
        codeOf(() => lock.acquireWrite()),
        'ERR_SELF_DEADLOCK',
      );
      lock.releaseRead();
      lock.readLock.release();
      assert.is(
        codeOf(() => lock.releaseRead()),
        'ERR_NOT_HELD',
      );
      assert.ok(lock.acquireWrite(0));
    },
  ),
  'an RWLock that a task reads': caseOf(
    (arena) => new RWLock({ arena }),
    (lock) => lock.acquireReadAsync(),
    (lock) => {
      assert.is(
        codeOf(() => lock.acquireWrite()),
        'ERR_SELF_DEADLOCK',
      );
      lock.releaseRead();
      assert.ok(lock.acquireWrite(0));
    },
  ),
  'an RWLock, written': caseOf(
    (arena) => new RWLock({ arena }),
    (lock) => lock.acquireWrite(),
    (lock) => {
      assert.is(
        codeOf(() => lock.acquireRead()),
        'ERR_SELF_DEADLOCK',
      );
      lock.releaseWrite();
      assert.ok(lock.acquireRead(0));
    },
  ),
  'an RWLock that a task writes': caseOf(
    (arena) => new RWLock({ arena }),
    (lock) => lock.holdWriteAsync(),
    (lock) => {
      lock.writeLock.release();
      assert.ok(lock.acquireWrite(0));
    },
  ),
  "an RWLock's view alone": caseOf(
    (arena) => new RWLock({ arena }).readLock,
    (reading) => reading.hold(),
    (reading) => {
      reading.release();
      assert.is(
        codeOf(() => reading.release()),
        'ERR_NOT_HELD',
      );
    },
  ),
  'a permit of a Semaphore': caseOf(
    (arena) => new Semaphore(1, { arena }),
    (semaphore) => semaphore.hold(),
    (semaphore) => {
      assert.not(semaphore.tryAcquire());
      semaphore.release();
      assert.is(semaphore.value, 1);
    },
  ),
  'a Condition, by its RLock': caseOf(
    (arena) => new Condition(undefined, { arena }),
    (condition) => condition.acquire(),
    (condition) => {
      condition.notifyAll();
      assert.not(condition.wait(1));
      condition.release();
      assert.not(condition.locked);
    },
  ),
  'an Event that is set': caseOf(
    (arena) => new Event({ arena }),
    (event) => event.set(),
    (event) => assert.ok(event.wait(0)),
  ),
  'a Barrier that was broken': caseOf(
    (arena) => new Barrier(2, { arena, timeout: 1 }),
    (barrier) => barrier.waitAsync().catch(() => {}),
    (barrier) => {
      assert.ok(barrier.broken);
      barrier.reset();
      assert.is(
        codeOf(() => barrier.wait()),
        'ERR_BROKEN_BARRIER',
      );
    },
  ),
  'a GIL': caseOf(
    (arena) => new GIL({ arena }),
    (gil) => gil.acquire(),
    (gil) => {
      assert.ok(gil.held);
      gil.checkpoint();
      gil.release();
      assert.not(gil.locked);
    },
  ),
};

for (const [name, { make, take, know }] of Object.entries(held)) {
  test(`${name} is still its own when all its objects have been collected`, async () => {
    const { message, agent } = await forgotten(make, take);
    const thing = attach(message);
    assert.is(thing.arena.agentId, agent);
    assert.is(takenSlots(thing.arena, SLOTS), 1);
    know(thing);
  });
}

test('reading in one arena is not reading in another, or in another cell', async () => {
  const { message } = await forgotten(
    (arena) => ({ arena, first: new RWLock({ arena }), second: new RWLock({ arena }) }),
    ({ first }) => first.acquireRead(),
  );
  const arena = new Arena({ byteLength: 4096, agents: SLOTS });
  const elsewhere = new RWLock({ arena });
  const { first, second } = attach(message);
  assert.is(elsewhere.cell, first.cell);
  for (const lock of [elsewhere, second]) {
    assert.is(
      codeOf(() => lock.releaseRead()),
      'ERR_NOT_HELD',
    );
    assert.ok(lock.acquireWrite(0));
  }
  first.releaseRead();
});

test('its id and its slot stay the same through any number of collections, and so do its records of waits', async () => {
  const arenaWords = seen(new Arena({ byteLength: 4096, agents: 2 }));
  const { buffer } = arenaWords.words;
  let cell = 0;
  const contact = async (): Promise<{ agent: number; member: WeakRef<object> }> => {
    const arena = Arena.over(structuredClone(buffer) as SharedArrayBuffer);
    const condition = new Condition(undefined, { arena });
    cell = condition.cell;
    condition.run(() => condition.wait(0));
    return { agent: arena.agentId, member: new WeakRef(arena.member) };
  };
  for (let round = 0; round < 5; round++) {
    const { agent, member } = await contact();
    await untilCollected(() => member.deref() === undefined, 'the agent has forgotten the arena');
    assert.is(agent, agentId(0, 1), `in round ${round}`);
  }
  assert.is(takenSlots(arenaWords, 2), 1);
  let records = 0;
  eachCell(arenaWords.words, (_index, _gates, role) => {
    if (role === RECORD) records++;
  });
  assert.is(records, 1);
  assert.ok(cell > 0);
});

test('two arenas are forgotten and known again apart from each other', async () => {
  const [first, second] = [
    await forgotten(
      (arena) => new RLock({ arena }),
      (lock) => lock.acquire(),
    ),
    await forgotten((arena) => new RLock({ arena })),
  ];
  const [mine, free] = [attach(first.message), attach(second.message)];
  assert.is.not(mine.arena.id, free.arena.id);
  assert.ok(mine.isOwned);
  assert.not(free.isOwned);
});

test('a worker that forgot an arena and met it again is retired by the first id that it had', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 2 });
  const lock = new RLock({ arena });
  const crew = await Crew.start<void>(WORKER, {
    workerData: { order: 'forget twice', shared: share(lock) } satisfies IdentityData,
  });
  const [worker] = crew.members;
  const ids = [await worker.next('joined'), await worker.next('joined'), await worker.next('joined')];
  assert.equal(ids, [agentId(1, 1), agentId(1, 1), agentId(1, 1)]);
  await worker.terminate();
  await until(() => takenSlots(arena, 2) === 1, { what: 'its one slot is free' });
  assert.not(retire(arena, agentId(1, 1)));
});

test('a worker that forgot an arena and met it again gives its slot back at its end', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 2 });
  const lock = new RLock({ arena });
  for (const generation of [1, 2, 3]) {
    const crew = await Crew.start<number>(WORKER, {
      workerData: { order: 'forget, end', shared: share(lock) } satisfies IdentityData,
    });
    assert.equal(await crew.done(), [agentId(1, generation)]);
    await until(() => takenSlots(arena, 2) === 1, { what: 'the slot is given back' });
  }
});

test('a byte copy of an arena is refused, whichever way it comes, and nothing is written to either', () => {
  const arena = new Arena({ byteLength: 2048, agents: 2 });
  const lock = new RLock({ arena });
  lock.acquire();
  const copied = new SharedArrayBuffer(2048);
  const copy = new Int32Array(copied);
  copy.set(arena.words);
  const handle = { ...(share(lock) as object), buffer: copied } as Shared<RLock>;
  const within = new SharedArrayBuffer(4096);
  new Int32Array(within, 2048).set(arena.words);
  const before = copy.slice();
  for (const open of [() => Arena.over(copied), () => attach(handle), () => Arena.over(within, 2048)]) {
    assert.is(codeOf(open), 'ERR_ARENA_COPY');
    assert.equal(copy, before);
  }
  assert.ok(attach(share(lock)).isOwned);
});

// --- what is forgotten takes no memory --------------------------------------------------------------------------------

async function memoryIsCollected(use: (arena: Arena) => unknown): Promise<void> {
  const leave = async (): Promise<WeakRef<object>> => {
    const arena = new Arena({ byteLength: 4096, agents: 2 });
    await use(arena);
    return new WeakRef(arena.words.buffer);
  };
  const buffer = await leave();
  await untilCollected(() => buffer.deref() === undefined, 'the memory is collected');
}

for (const [name, { make, take }] of Object.entries(held)) {
  test(`${name} keeps no memory when nobody has it any more`, () => memoryIsCollected((arena) => take(make(arena))));
}

for (const [name, make] of Object.entries(waits)) {
  test(`${name}: waits that ended keep no memory, however they ended`, () =>
    memoryIsCollected(async (arena) => {
      const { wait, free } = make(arena);
      if (name !== 'Barrier') {
        const freed = wait();
        setTimeout(free, 1);
        await freed;
      }
      const { wait: waitAgain } = make(arena);
      const abort = new AbortController();
      const ended = [waitAgain({ timeout: 1 }), waitAgain({ signal: abort.signal })];
      setTimeout(() => abort.abort(), 2);
      await Promise.allSettled(ended);
    }));
}

test('an agent keeps nothing of arenas that are gone', async () => {
  const members = (globalThis as Record<symbol, { entries?: Map<string, unknown> }>)[
    Symbol.for('atomics-sync-free.members.6')
  ]?.entries;
  assert.ok(members);
  const id = (() => new Lock({ arena: new Arena({ byteLength: 1024, agents: 1 }) }).arena.id)();
  assert.ok(members.has(id));
  await untilCollected(() => !members.has(id), 'the entry is gone');
});

// --- two copies of the package ------------------------------------------------------------------------------------------

test('what it has by one copy of the package it has by another', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'two-copies-'));
  atTestEnd(() => rm(folder, { recursive: true }));
  await cp(fileURLToPath(new URL('./', import.meta.resolve('atomics-sync-free'))), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const copy = (await import(pathToFileURL(join(folder, 'index.js')).href)) as typeof import('atomics-sync-free');

  const lock = new RWLock();
  const theirs = copy.attach(share(lock)) as unknown as RWLock;
  assert.is.not(theirs.constructor, RWLock);
  assert.is(theirs.arena.agentId, lock.arena.agentId);
  lock.acquireRead();
  assert.is(
    codeOf(() => theirs.acquireWrite()),
    'ERR_SELF_DEADLOCK',
  );
  theirs.releaseRead();
  assert.ok(lock.acquireWrite(0));
  // Tasks of both wait in one queue.
  const order: string[] = [];
  const tasks = ['own', 'theirs', 'own', 'theirs'].map((whose) =>
    (whose === 'own' ? lock : theirs).writeLock.runAsync(() => order.push(whose)),
  );
  lock.releaseWrite();
  await Promise.all(tasks);
  assert.equal(order, ['own', 'theirs', 'own', 'theirs']);
});

test.run();
