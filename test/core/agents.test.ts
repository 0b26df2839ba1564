import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Arena, attach, Lock, RLock, retire, type Shared, share } from 'atomics-sync-free';
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
  test(`the slot of an agent that ends by ${ending} is free, and has its next owner under a new generation`, async () => {
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

test('the slot of an agent that was terminated is taken until somebody retires it', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 2 });
  const dead = await joinAndEnd(arena, 'terminate()');
  assert.is(lifeOf(arena, 1), (1 << 2) | LIVE);
  const crew = await start({ arena: share(arena) });
  assert.match((await crew.members[0].failure()).message, /all 2 agent slots of this arena are taken/);
  assert.ok(retire(arena, dead));
  assert.ok(isFree(arena, 1));
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

/** The same memory in an object of its own, by which no arena is held. */
function seen(arena: Arena): Pick<Arena, 'words'> {
  const buffer = structuredClone(arena.words.buffer) as SharedArrayBuffer;
  return { words: new Int32Array(buffer) };
}

test('an agent that forgets an arena gives its slot back to the others', async () => {
  const memory = (() => seen(new Arena({ byteLength: 2048, agents: 2 })))();
  assert.not(isFree(memory, 0));
  await untilCollected(() => isFree(memory, 0), 'the slot is given back');
  const back = Arena.over(memory.words.buffer as SharedArrayBuffer);
  assert.is(back.agentId, agentId(0, 2));
});

test('an agent that forgets what it holds is still known as the holder', async () => {
  const forget = () => {
    const arena = new Arena({ byteLength: 2048, agents: 2 });
    const lock = new RLock({ arena });
    lock.acquire();
    return { memory: seen(arena), cell: lock.cell };
  };
  const { memory } = forget();
  // By the time another one's slot is given back, this one's would be.
  const other = (() => seen(new Arena({ byteLength: 2048, agents: 2 })))();
  await untilCollected(() => isFree(other, 0), 'the slot of the other arena is given back');
  assert.is(lifeOf(memory, 0), (1 << 2) | LIVE);
  assert.is(Arena.over(memory.words.buffer as SharedArrayBuffer).agentId, agentId(0, 1));
});

test.run();
