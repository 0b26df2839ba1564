import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Arena, attach, Lock, RLock, RWLock, retire, type Shared, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { agentId } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { LIFE } from '#dist/core/memory/slots.js';
import { atTestEnd, suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import type { Ending, Opened, Order } from './agents.worker.js';

const test = suite('agents of an arena');
const WORKER = new URL('./agents.worker.js', import.meta.url);

const FREE = 0;
const LIVE = 1;

const lifeOf = ({ words }: Pick<Arena, 'words'>, slot: number): number => Atomics.load(words, slotIndex(slot) + LIFE);
const isFree = (arena: Pick<Arena, 'words'>, slot: number): boolean => (lifeOf(arena, slot) & 3) === FREE;
const takenSlots = (arena: Arena, slots: number): number =>
  Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !isFree(arena, slot)).length;

test('an agent has one identity, however many objects show it the memory', () => {
  const arena = new Arena({ byteLength: 2048, agents: 4 });
  const lock = new RLock({ arena });
  const message = structuredClone(share(lock)) as { buffer: SharedArrayBuffer };
  assert.is.not(message.buffer, arena.words.buffer);
  const first = attach(message as Shared<RLock>);
  const second = attach(structuredClone(share({ arena, lock })));
  for (const each of [first.arena, second.arena, second.lock.arena]) assert.is(each.agentId, arena.agentId);
  assert.is(takenSlots(arena, 4), 1);
  first.acquire();
  assert.ok(lock.isOwned && second.lock.isOwned);
  assert.is(second.lock.recursionCount, 1);
  second.lock.release();
  assert.not(lock.locked);
});

test('an agent has one identity, however many copies of the package it has loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'two-copies-'));
  atTestEnd(() => rm(folder, { recursive: true }));
  await cp(fileURLToPath(new URL('./', import.meta.resolve('atomics-sync-free'))), folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  const copy = (await import(pathToFileURL(join(folder, 'index.js')).href)) as typeof import('atomics-sync-free');
  assert.is.not(copy.RLock, RLock);

  const arena = new Arena({ byteLength: 2048, agents: 4 });
  const lock = new RLock({ arena });
  const listeners = process.listenerCount('exit');
  const theirs = copy.attach(share(lock) as Shared<InstanceType<typeof copy.RLock>>);
  assert.instance(theirs, copy.RLock);
  assert.is(theirs.arena.agentId, arena.agentId);
  assert.is(takenSlots(arena, 4), 1);
  assert.is(process.listenerCount('exit'), listeners);
  theirs.acquire();
  assert.ok(lock.isOwned);
  lock.release();
  // What one copy has made, the other shares.
  const again = attach(share({ theirs })) as unknown as { theirs: RLock };
  assert.instance(again.theirs, RLock);
  assert.not(again.theirs.locked);
});

for (const ending of ['by itself', 'process.exit', 'an uncaught error'] as const) {
  test(`the slot of an agent that ends by ${ending} is free, and its next owner has a new generation`, async () => {
    const arena = new Arena({ byteLength: 2048, agents: 2 });
    for (const generation of [1, 2, 3]) {
      assert.is(await joinAndEnd(arena, ending), agentId(1, generation));
      await until(() => isFree(arena, 1), { what: 'the slot is given back' });
      assert.is(lifeOf(arena, 1) >> 2, generation);
    }
  });
}

async function joinAndEnd(arena: Arena, ending: Ending): Promise<number> {
  const crew = await start({ arena: share(arena), ending });
  const [member] = crew.members;
  const agent = await member.next<number>('joined');
  if (ending === 'terminate()') await member.terminate();
  if (ending === 'an uncaught error') assert.match((await member.failure()).message, 'on purpose');
  await until(() => member.ended);
  return agent;
}

const start = (workerData: Order, count = 1): Promise<Crew<Opened>> =>
  Crew.start<Opened>(WORKER, { workerData, count });

test('the slot of an agent that was terminated is free once its end is known, and retire has nothing to do', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 2 });
  const dead = await joinAndEnd(arena, 'terminate()');
  await until(() => isFree(arena, 1), { what: 'the slot is given back' });
  assert.not(retire(arena, dead));
  assert.is(await joinAndEnd(arena, 'by itself'), agentId(1, 2));
});

test('several agents that open the same zeros at the same time make one arena', async () => {
  const count = 100;
  const bytes = 2048;
  const memory = new SharedArrayBuffer(count * bytes);
  const opened = await (await start({ regions: { memory, bytes, count } }, 4)).done();
  for (let n = 0; n < count; n++) {
    const [first, ...others] = opened.map((regions) => regions[n]);
    for (const { id } of others) assert.is(id, first.id);
    const agents = new Set(opened.map((regions) => regions[n].agent));
    assert.is(agents.size, opened.length);
  }
  assert.is(new Set(opened[0].map(({ id }) => id)).size, count);
});

// --- what is forgotten -----------------------------------------------------------------------------------------

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Waits, collecting garbage meanwhile. */
const untilCollected = (condition: () => boolean, what: string): Promise<boolean> =>
  until(
    () => {
      collectGarbage();
      return condition();
    },
    { what },
  );

test('an arena that nobody refers to is garbage, with everything in it', async () => {
  const make = (): WeakRef<ArrayBufferLike> => {
    const arena = new Arena({ byteLength: 2048, agents: 2 });
    new Lock({ arena }).run(() => {});
    attach(structuredClone(share(arena)));
    return new WeakRef(arena.words.buffer);
  };
  const buffer = make();
  await untilCollected(() => buffer.deref() === undefined, 'the memory is collected');
});

test('an arena is garbage although waits in it have timed out, were aborted, or came to their end', async () => {
  const make = async (): Promise<WeakRef<ArrayBufferLike>> => {
    const arena = new Arena({ byteLength: 2048, agents: 2 });
    const { signal } = new AbortController();
    for (let i = 0; i < 10; i++) {
      const lock = attach(share(new Lock({ arena })));
      lock.acquire();
      const timed = lock.acquireAsync({ timeout: 1 });
      const aborted = lock.acquireAsync({ signal: AbortSignal.timeout(1) });
      const ended = lock.acquireAsync({ signal });
      await timed;
      await aborted.catch(() => {});
      lock.release();
      await ended;
    }
    return new WeakRef(arena.words.buffer);
  };
  const buffer = await make();
  await untilCollected(() => buffer.deref() === undefined, 'the memory is collected');
});

/** What is left of an arena: its memory, in an object of its own that keeps no arena alive. */
interface Forgotten<T> {
  readonly words: Int32Array;
  readonly shared: Shared<T>;
}

/** Makes something in an arena that the agent then forgets. */
async function forget<T>(make: (arena: Arena) => T): Promise<Forgotten<T>> {
  const [handle, memory] = (() => {
    const arena = new Arena({ byteLength: 2048, agents: 2 });
    return [share({ arena, made: make(arena) }), new WeakRef(arena.member)];
  })();
  const { arena, made } = structuredClone(handle) as unknown as {
    arena: { buffer: SharedArrayBuffer };
    made: Shared<T>;
  };
  await collected(memory);
  return { words: new Int32Array(arena.buffer), shared: made };
}

/** Waits until an object is collected, and everybody who registered to be told has been. */
async function collected(object: WeakRef<object>): Promise<void> {
  await untilCollected(() => object.deref() === undefined, 'it is forgotten');
  const told = { yet: false };
  const registry = new FinalizationRegistry<void>(() => {
    told.yet = true;
  });
  registry.register({}, undefined);
  await untilCollected(() => told.yet, 'a later one is told of');
}

test('an agent that forgets an arena is the same one when the arena comes again', async () => {
  const { words } = await forget(() => undefined);
  for (let round = 0; round < 3; round++) {
    const again = (() => {
      const arena = Arena.over(words.buffer as SharedArrayBuffer);
      assert.is(arena.agentId, agentId(0, 1));
      assert.is(takenSlots(arena, 2), 1);
      return new WeakRef(arena.member);
    })();
    await collected(again);
  }
});

test('an agent that forgets what it holds is still known as the holder', async () => {
  const { words, shared } = await forget((arena) => {
    const lock = new RLock({ arena });
    lock.acquire();
    lock.acquire();
    return lock;
  });
  assert.is(lifeOf({ words }, 0), (1 << 2) | LIVE);
  assert.is(Arena.over(words.buffer as SharedArrayBuffer).agentId, agentId(0, 1));
  const lock = attach(shared);
  assert.is(lock.recursionCount, 2);
  lock.release();
  lock.release();
  assert.not(lock.locked);
});

test('an agent that forgets that it writes, or how often it reads, can still release it', async () => {
  const { shared } = await forget((arena) => {
    const [written, read] = [new RWLock({ arena }), new RWLock({ arena })];
    written.acquireWrite();
    read.acquireRead();
    read.acquireRead();
    return { written, read };
  });
  const { written, read } = attach(shared);
  assert.throws(() => read.acquireWrite(), /this agent holds it for reading/);
  read.releaseRead();
  read.releaseRead();
  assert.throws(() => read.releaseRead(), /is not held/);
  written.releaseWrite();
  assert.not(written.writing || read.readers > 0);
});

test('what a task reads it can release when the agent has forgotten the lock', async () => {
  const { words, shared } = await forget((arena) => new RWLock({ arena }));
  const read = await (async () => {
    const lock = attach(shared);
    await lock.acquireReadAsync();
    return new WeakRef(lock.arena.member);
  })();
  await collected(read);
  const lock = attach(shared);
  assert.is(lock.readers, 1);
  lock.releaseRead();
  assert.is(lock.readers, 0);
  assert.is(takenSlots(Arena.over(words.buffer as SharedArrayBuffer), 2), 1);
});

test.run();
