import { Arena, attach, Condition, Lock, retire, Semaphore, type Shared, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { agentId } from '#dist/core/memory/owner.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { LIFE, NONCE } from '#dist/core/memory/slots.js';
import { suite } from '../support/suite.js';
import { rangeError, refuses, syncError } from './refuses.js';

const test = suite('memory and handles that are refused');

// Words of the header; see core/memory/region.ts.
const STATE = 0;
const VERSION = 1;
const ID = 2;
const LIVE = 1;

const bufferOf = ({ words }: Arena): SharedArrayBuffer => words.buffer as SharedArrayBuffer;
const wordsOf = (memory: SharedArrayBuffer): Int32Array => new Int32Array(memory);

/** Attaches what may be no handle at all. */
const attachAny = (data: unknown): Lock => attach(data as Shared<Lock>);

function copyOf(arena: Arena): SharedArrayBuffer {
  const copy = new SharedArrayBuffer(arena.byteLength);
  new Uint8Array(copy).set(new Uint8Array(bufferOf(arena)));
  return copy;
}

/** The memory of an arena of which this agent is not a member. */
function foreign(options = { byteLength: 2048, agents: 3 }): SharedArrayBuffer {
  const memory = copyOf(new Arena(options));
  const words = wordsOf(memory);
  words[ID] ^= 0x55;
  words.fill(0, slotIndex(0), slotIndex(1));
  return memory;
}

const MAGIC = syncError(
  'ERR_ARENA_MAGIC',
  'the region holds data that is not an arena; give Arena.over a region of zeros, or one that holds an arena',
);

test('a region with other data in it, at its start or anywhere', async () => {
  for (const index of [STATE, VERSION, 7, 100, 511]) {
    const memory = new SharedArrayBuffer(2048);
    wordsOf(memory)[index] = 5;
    await refuses(memory, () => Arena.over(memory, 0, 2048, { agents: 3 }), MAGIC, `word ${index}`);
  }
  const half = new SharedArrayBuffer(2048);
  wordsOf(half)[STATE] = 0x46000000;
  await refuses(half, () => Arena.over(half), MAGIC, 'begun to be formatted, for 0 agents');
  const senseless = foreign();
  wordsOf(senseless)[6] = 4;
  await refuses(senseless, () => Arena.over(senseless), MAGIC, 'an arena of 4 bytes');
});

test('an arena of another layout version', async () => {
  const memory = foreign();
  wordsOf(memory)[VERSION] = 99;
  const error = syncError(
    'ERR_ARENA_VERSION',
    'this arena has layout 99, but this copy of atomics-sync-free has 10; let all agents load the same version',
  );
  await refuses(memory, () => Arena.over(memory), error);
  const arena = new Arena({ byteLength: 2048, agents: 3 });
  const handle = structuredClone(share(new Lock({ arena }))) as { buffer: SharedArrayBuffer };
  await refuses(memory, () => attachAny({ ...handle, buffer: memory }), error);
  const other = syncError(
    'ERR_ARENA_VERSION',
    'this handle has layout 1, but this copy of atomics-sync-free has 10; let all agents load the same version',
  );
  await refuses(arena, () => attachAny({ ...handle, 'atomics-sync-free': 1 }), other);
});

test('a region that is misaligned', async () => {
  const memory = new SharedArrayBuffer(4096);
  for (const offset of [4, 32, 63]) {
    const error = syncError(
      'ERR_ARENA_ALIGNMENT',
      `byteOffset ${offset} is not a multiple of 64, the alignment of cache lines`,
    );
    await refuses(memory, () => Arena.over(memory, offset), error);
  }
});

test('a region that is too small, or no whole number of words', async () => {
  const memory = new SharedArrayBuffer(4096);
  const size = (bytes: number) =>
    syncError(
      'ERR_ARENA_SIZE',
      `an arena must have 1024 to 2147483584 bytes, a multiple of 4, but the region has ${bytes}`,
    );
  for (const bytes of [0, 64, 1020, 1030]) await refuses(memory, () => Arena.over(memory, 0, bytes), size(bytes));
  await refuses(memory, () => Arena.over(memory, 4096), size(0));
  const room = (agents: number, needed: number, bytes: number) =>
    syncError(
      'ERR_ARENA_SIZE',
      `an arena for ${agents} agents needs at least ${needed} bytes, but the region has ${bytes}`,
    );
  await refuses(memory, () => Arena.over(memory, 0, 1024, { agents: 15 }), room(15, 1152, 1024));
  await refuses(memory, () => Arena.over(memory, 0, 4096), room(128, 8384, 4096));
  await refuses(memory, () => new Arena({ byteLength: 1024 }), room(128, 8384, 1024));
});

test('a region that is smaller than the arena in it', async () => {
  const memory = foreign();
  await refuses(
    memory,
    () => Arena.over(memory, 0, 1024),
    syncError('ERR_ARENA_SIZE', 'the region has 1024 bytes, but the arena in it has 2048'),
  );
});

test('an arena with as many members as it can have', async () => {
  const memory = foreign();
  const words = wordsOf(memory);
  for (let slot = 0; slot < 3; slot++) words[slotIndex(slot) + LIFE] = (1 << 2) | LIVE;
  const error = syncError(
    'ERR_NO_SLOT',
    'all 3 agent slots of this arena are taken; make it with more ({ agents }), or retire() the agents that were terminated',
  );
  await refuses(memory, () => Arena.over(memory), error);
  words[slotIndex(1) + LIFE] = 1 << 2;
  assert.is(Arena.over(memory).agentId, agentId(1, 2));
});

test('a byte copy of an arena that the agent knows', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 3 });
  const lock = new Lock({ arena });
  const copy = copyOf(arena);
  const error = syncError(
    'ERR_ARENA_COPY',
    'this arena is a byte copy of one that the agent knows; pass the SharedArrayBuffer itself',
  );
  await refuses(copy, () => Arena.over(copy), error);
  const handle = structuredClone(share(lock)) as object;
  await refuses(copy, () => attachAny({ ...handle, buffer: copy }), error);
  // Asking has left its mark in the agent's own slot, and nowhere else.
  const nonce = slotIndex(0) + NONCE;
  const [before, after] = [wordsOf(copy), arena.words];
  assert.equal(
    [...after.keys()].filter((index) => after[index] !== before[index]),
    [nonce],
  );
  assert.is(Arena.over(bufferOf(arena)).agentId, arena.agentId);
});

test('an arena from which the agent was retired', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 3 });
  arena.words[slotIndex(0) + LIFE] = 1 << 2;
  const error = syncError(
    'ERR_RETIRED',
    'agent 0.1 is no longer a member of this arena: it was retired, though it still runs, or it is about to end; ' +
      'retire only agents that have ended',
  );
  assert.throws(() => Arena.over(bufferOf(arena)), error.message);
  assert.is(arena.words[slotIndex(0) + LIFE], 1 << 2);
});

test('a handle that is forged, damaged or truncated', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 3 });
  const semaphore = new Semaphore(5, { arena });
  const lock = new Lock({ arena });
  const handle = structuredClone(share(lock)) as object;
  // The first time, the agent makes sure in its own slot that it is the same memory.
  assert.is(attachAny(handle).cell, lock.cell);
  const bad = (kind: string) =>
    syncError(
      'ERR_HANDLE',
      `this handle (${kind}) is not as share() made it; attach what share() returned, as it arrived`,
    );
  /** The same memory in an object that the agent has not seen. */
  const arrived = () => structuredClone(bufferOf(arena));
  const changes: readonly (readonly [Record<string, unknown>, string])[] = [
    [{ kind: 'RLock' }, 'RLock'],
    [{ kind: 'Semaphore' }, 'Semaphore'],
    [{ kind: 'Arena' }, 'Arena'],
    [{ kind: 'RWLock.readLock' }, 'RWLock.readLock'],
    [{ kind: 'Lock.cell' }, 'Lock.cell'],
    [{ kind: 'Lock.' }, 'Lock.'],
    [{ kind: undefined }, 'of no kind'],
    [{ kind: Object.create(null) }, 'of no kind'],
    [{ buffer: undefined }, 'Lock'],
    [{ buffer: null }, 'Lock'],
    [{ buffer: new ArrayBuffer(2048) }, 'Lock'],
    [{ buffer: new Int32Array(512) }, 'Lock'],
    [{ buffer: new SharedArrayBuffer(2048) }, 'Lock'],
    [{ byteOffset: 64, byteLength: 1984 }, 'Lock'],
    [{ byteOffset: 2 }, 'Lock'],
    [{ byteOffset: -64 }, 'Lock'],
    [{ byteOffset: 4096 }, 'Lock'],
    [{ byteOffset: '0' }, 'Lock'],
    [{ byteLength: 1024 }, 'Lock'],
    [{ byteLength: 4 }, 'Lock'],
    [{ byteLength: 4096 }, 'Lock'],
    [{ byteLength: undefined }, 'Lock'],
    [{ byteLength: 1024, buffer: arrived() }, 'Lock'],
    [{ byteLength: 4, buffer: arrived() }, 'Lock'],
    [{ cell: `${lock.cell}` }, 'Lock'],
    [{ cell: undefined }, 'Lock'],
    [{ cell: lock.cell + 0.5 }, 'Lock'],
    [{ cell: Number.NaN }, 'Lock'],
    [{ cell: 2 ** 40 }, 'Lock'],
    [{ cell: semaphore.cell }, 'Lock'],
  ];
  for (const [change, kind] of changes) {
    await refuses(arena, () => attachAny({ ...handle, ...change }), bad(kind), JSON.stringify(change));
  }
  // Every place of the arena and around it, except the lock's own.
  for (let cell = -3; cell < 520; cell++) {
    if (cell !== lock.cell) await refuses(arena, () => attachAny({ ...handle, cell }), bad('Lock'), `cell ${cell}`);
  }
  for (const key of ['kind', 'buffer', 'byteOffset', 'byteLength', 'cell'] as const) {
    const { [key]: _, ...rest } = handle as Record<typeof key, unknown>;
    await refuses(arena, () => attachAny(rest), bad(key === 'kind' ? 'of no kind' : 'Lock'), `without ${key}`);
  }
});

test('a handle of a kind that the attach does not know', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 3 });
  const handle = structuredClone(share(new Lock({ arena }))) as object;
  for (const kind of ['Mutex', 'constructor', '', '.cell', 'GIL']) {
    const error = syncError(
      'ERR_HANDLE',
      'this attach knows Arena, Lock, RLock, Semaphore, BoundedSemaphore, Event, Condition, Barrier, RWLock, not ' +
        `${JSON.stringify(kind.split('.')[0])}; use attachWith(), or the attach of the entry that exports it; a ` +
        'function on a worker can be given one if its module imports that entry',
    );
    await refuses(arena, () => attachAny({ ...handle, kind }), error, kind);
  }
});

test('a handle that points at what only looks like a cell', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 3, packed: true });
  const lock = new Lock({ arena });
  const semaphore = new Semaphore(0, { arena });
  const handle = share(lock);
  attachAny(handle);
  // A word that primitives write, with the contents of a descriptor.
  for (const index of [semaphore.cell + 2, semaphore.cell + 4]) {
    arena.words[index] = arena.words[lock.cell];
    const forged = { ...(handle as object), cell: index };
    await refuses(
      arena,
      () => attachAny(forged),
      syncError('ERR_HANDLE', /is not as share\(\) made it/),
      `cell ${index}`,
    );
  }
});

test('a handle of a cell that its maker did not live to fill', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 3 });
  const condition = new Condition(undefined, { arena });
  const handle = share(condition);
  attachAny(handle);
  arena.words[condition.cell + 1] = 0;
  await refuses(arena, () => attachAny(handle), syncError('ERR_HANDLE', /^this handle \(Lock\) is not as share/));
});

test('retire: of the caller, and of an agent that never was', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 3 });
  await refuses(
    arena,
    () => retire(arena, arena.agentId),
    syncError('ERR_SELF_RETIRED', 'agent 0.1 is the calling agent, which is alive'),
  );
  for (const id of [agentId(0, 0), agentId(1, 1), agentId(2, 7), agentId(3, 1), agentId(1023, 1)]) {
    const never = rangeError(`agentId must be the id of an agent in this arena, and ${id} never was one`);
    await refuses(arena, () => retire(arena, id), never);
  }
});

test('retire: a second time, and of a slot that has another agent now, changes nothing', () => {
  const arena = new Arena({ byteLength: 2048, agents: 3 });
  const lock = new Lock({ arena });
  const life = slotIndex(1) + LIFE;
  arena.words[life] = (4 << 2) | LIVE;
  const dead = agentId(1, 4);
  assert.ok(retire(arena, dead));
  for (const state of [4 << 2, (5 << 2) | LIVE]) {
    arena.words[life] = state;
    const before = arena.words.slice();
    assert.not(retire(arena, dead));
    assert.equal(arena.words, before);
  }
  assert.not(lock.locked);
});

test('attach leaves alone what is not a handle', () => {
  for (const data of [undefined, null, 5, 'text', [], {}, { kind: 'Lock' }]) assert.equal(attachAny(data), data);
});

test.run();
