// Newcomers to an arena that has no free slot: what they find where all its members have died.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Arena, attach, Lock, type Shared, type SyncError } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { agentId } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { at, BEATS, CLAIM, eachAgent, inEntrance, isLive } from '#dist/core/memory/slots.js';
import { untilCollected } from '../support/garbage.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import type { EntranceData } from './entrance.worker.js';

const test = suite('the entrance of an arena');

const AGENTS = 2;

/** Memory for an arena of two members, which this agent does not join, so that it is told of nobody's end. */
const newMemory = (): SharedArrayBuffer => new SharedArrayBuffer(4096);

interface Joined {
  readonly worker: Worker;
  readonly said: Shared<Lock> | undefined;
}

/** Workers that have joined the arena by now. */
async function join(memory: SharedArrayBuffer, doings: readonly EntranceData['doing'][]): Promise<Joined[]> {
  const start = async (doing: EntranceData['doing']) => {
    const workerData: EntranceData = { memory, agents: AGENTS, doing };
    const worker = new Worker(new URL('./entrance.worker.js', import.meta.url), { workerData });
    const [said] = (await once(worker, 'message')) as [Shared<Lock> | undefined];
    return { worker, said };
  };
  return Promise.all(doings.map(start));
}

/** Joins the arena and lets go of it. @returns the id that this agent had there */
async function forget(memory: SharedArrayBuffer): Promise<number> {
  const { agentId, member } = (() => {
    const { agentId, member } = Arena.over(memory, 0, undefined, { agents: AGENTS });
    return { agentId, member: new WeakRef(member) };
  })();
  const words = new Int32Array(memory);
  const isForgotten = (): boolean => member.deref() === undefined && words[at(agentId, BEATS)] === 0;
  await untilCollected(isForgotten, 'the arena is forgotten');
  return agentId;
}

const end = (joined: readonly Joined[]) => Promise.all(joined.map(({ worker }) => worker.terminate()));

test('an agent that enters an arena whose members have all died retires them, and takes the place of one', async () => {
  const memory = newMemory();
  const dead = await join(memory, ['holds', 'blocks']);
  await end(dead);
  const arena = Arena.over(memory);
  const lock = attach(dead[0].said as Shared<Lock>);
  assert.ok(lock.abandoned);
  const members: number[] = [];
  eachAgent(arena.words, (agent) => members.push(agent));
  assert.equal(members, [arena.agentId]);
});

test('several that come at once all find a place', async () => {
  const memory = newMemory();
  await end(await join(memory, ['blocks', 'blocks']));
  await end(await join(memory, ['holds', 'blocks']));
});

test('an agent that enters an arena whose members have let go of it, and ended, takes the place of one', async () => {
  const memory = newMemory();
  await end(await join(memory, ['forgets', 'blocks']));
  await end(await join(memory, ['forgets']));
  const [first, second] = await join(memory, ['blocks', 'blocks']);
  assert.throws(() => Arena.over(memory), hasNoSlot);
  await end([first, second]);
});

test('an agent that has let go of an arena has its place when it comes back, unless somebody has needed that', async () => {
  const memory = newMemory();
  const agent = await forget(memory);
  const [blocks] = await join(memory, ['blocks']);
  assert.is(await forget(memory), agent);
  const [other] = await join(memory, ['blocks']);
  assert.throws(() => Arena.over(memory), hasNoSlot);
  await end([other]);
  const arena = Arena.over(memory);
  assert.is.not(arena.agentId, agent);
  const lock = new Lock({ arena });
  assert.ok(lock.acquire(0));
  await end([blocks]);
});

// --- one arena, from its members' life to their death ---------------------------------------------------------------

const full = newMemory();
const crew: Joined[] = [];
test.before(async () => void crew.push(...(await join(full, ['holds', 'blocks']))));
test.after(async () => void (await end(crew)));

const hasNoSlot = ({ code }: SyncError): boolean => code === 'ERR_NO_SLOT';

test('an agent that enters an arena whose members live is refused, and takes nobody for dead', () => {
  for (let i = 0; i < 50; i++) assert.throws(() => Arena.over(full), hasNoSlot);
  const words = new Int32Array(full);
  const members: number[] = [];
  eachAgent(words, (agent) => members.push(agent));
  assert.is(members.length, AGENTS);
  assert.not(isLive(words, inEntrance(words)));
});

test('an agent that lives in the entrance is not taken for dead either', async () => {
  crew.push(...(await join(full, ['enters'])));
  assert.throws(() => Arena.over(full), hasNoSlot);
  const words = new Int32Array(full);
  assert.ok(isLive(words, inEntrance(words)));
});

test('an agent that has died in the entrance is in nobody’s way', async () => {
  await end(crew);
  // They were asked so often that the next question may have to wait.
  const enters = (): boolean => {
    try {
      return Arena.over(full).agentId >= 0;
    } catch (error) {
      if (hasNoSlot(error as SyncError)) return false;
      throw error;
    }
  };
  await until(enters, { what: 'there is a place' });
});

test('a slot whose claimant has died is there for the next one', () => {
  const memory = newMemory();
  const words = new Int32Array(memory);
  words.set(new Arena({ byteLength: memory.byteLength, agents: 1 }).words);
  // By another identity it is another arena.
  words[2] ^= 1;
  words.fill(0, slotIndex(0), slotIndex(1));
  words[slotIndex(0) + CLAIM] = 1;
  assert.is(Arena.over(memory).agentId, agentId(0, 1));
});

test.run();
