import { Arena, attach, Barrier, Condition, Event, Lock, RLock, RWLock, Semaphore, share } from 'atomics-sync-free';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { allocate, eachCell, isCell, type Kind, PLAIN } from '#dist/core/memory/cells.js';
import { agentId, generationOf, nextGeneration, slotOf } from '#dist/core/memory/owner.js';
import { firstCell } from '#dist/core/memory/region.js';
import { holds } from '../support/holds.js';
import { suite } from '../support/suite.js';

const test = suite('arenas');

const memoryOf = (memory: WebAssembly.Memory): SharedArrayBuffer => memory.buffer as unknown as SharedArrayBuffer;

test('an arena lives in a part of a WebAssembly memory, and goes on when that grows', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 3, shared: true });
  const before = new Uint8Array(memory.buffer).slice();
  const arena = Arena.over(memoryOf(memory), 1024, 16_384, { agents: 16 });
  const lock = new Lock({ arena });
  lock.acquire();
  const old = memory.buffer;
  memory.grow(1);
  assert.is.not(memory.buffer, old);
  const again = Arena.over(memoryOf(memory), 1024, 16_384);
  assert.is(again.id, arena.id);
  assert.is(again.agentId, arena.agentId);
  assert.ok(attach(structuredClone(share(lock))).locked);
  lock.release();
  const bytes = new Uint8Array(memory.buffer);
  const outside = [...before.keys()].filter((at) => at < 1024 || at >= 1024 + 16_384);
  assert.ok(outside.every((at) => bytes[at] === before[at]));
});

test('every arena is an Arena, and all are of one class, however they came', () => {
  const made = new Arena({ agents: 2 });
  const arenas = [
    made,
    new Lock().arena,
    attach(structuredClone(share(made))),
    Arena.over(new SharedArrayBuffer(2048), 0, 2048, { agents: 2 }),
  ];
  assert.ok(arenas.every((arena) => arena instanceof Arena));
  assert.is(new Set(arenas.map((arena) => Object.getPrototypeOf(arena))).size, 1);
  for (const other of [new Lock(), {}, null]) assert.not((other as unknown) instanceof Arena);
});

test('arenas stand beside each other in one memory, each with a region and an identity of its own', () => {
  const memory = new SharedArrayBuffer(8192);
  const arenas = [0, 2048, 4096].map((offset) => Arena.over(memory, offset, 2048, { agents: 2 }));
  assert.is(new Set(arenas.map(({ id }) => id)).size, 3);
  const locks = arenas.map((arena) => new Lock({ arena }));
  locks[1].acquire();
  assert.equal(
    locks.map((lock) => attach(share(lock)).locked),
    [false, true, false],
  );
  assert.is(Arena.over(memory, 6144, undefined, { agents: 2 }).byteLength, 2048);
});

test('an arena that exists keeps its geometry and its size, whoever opens it', () => {
  const memory = new SharedArrayBuffer(8192);
  const made = Arena.over(memory, 0, 4096, { agents: 3, packed: true });
  const opened = Arena.over(memory, 0, 8192, { agents: 7, packed: false });
  assert.equal([opened.id, opened.byteLength, opened.packed], [made.id, 4096, true]);
  assert.equal([made.bytesFree, opened.bytesFree], [4096 - 64 - 4 * 64, 4096 - 64 - 4 * 64]);
});

test('a default arena that is full is followed by another, and both go on', () => {
  const first = new Lock();
  const locks = [first];
  while (locks[locks.length - 1].arena === first.arena) locks.push(new Lock());
  assert.ok(locks.length > 500, `${locks.length} locks in one arena`);
  for (const lock of locks) lock.acquire();
  assert.ok(locks.every((lock) => attach(share(lock)).locked));
  assert.is(new Lock().arena, locks[locks.length - 1].arena);
});

test('toString of an arena says what it is like', () => {
  const arena = new Arena({ byteLength: 2048, agents: 2 });
  assert.match(String(arena), /^Arena#[0-9a-f]{8} \(2048 bytes, 1792 free; here agent 0\.1\)$/);
  assert.match(arena.id, /^[0-9a-f]{32}$/);
});

// --- allocation ------------------------------------------------------------------------------------------------

const kinds: fc.Arbitrary<Kind> = fc
  .record({ code: fc.integer({ min: 1, max: 60 }), gates: fc.nat(7), more: fc.nat(40) })
  .map(({ code, gates, more }) => ({ name: `Kind${code}`, code, gates, role: PLAIN, words: 1 + gates + more }));

test('cells never overlap, stand on their grain, and are found again by a walk, until the arena is full', () =>
  holds(
    fc.record({
      packed: fc.boolean(),
      agents: fc.integer({ min: 1, max: 20 }),
      wanted: fc.array(kinds, { minLength: 1, maxLength: 80, size: 'max' }),
    }),
    ({ packed, agents, wanted }) => {
      const { words } = new Arena({ byteLength: 4096, agents, packed });
      const grain = packed ? 4 : 16;
      const cells: { index: number; kind: Kind }[] = [];
      for (const kind of wanted) {
        const before = words.slice();
        const index = allocate(words, kind);
        if (index === 0) {
          assert.equal(words, before);
        } else {
          cells.push({ index, kind });
          words.fill(-1, index + 1, index + kind.words);
        }
      }
      let end = firstCell(words);
      for (const { index, kind } of cells) {
        assert.ok(index >= end, 'overlaps the cell before');
        assert.is(index % grain, 0);
        end = index + kind.words;
      }
      assert.ok(end <= words.length);
      const found: number[] = [];
      eachCell(words, (index, gates) => {
        const { kind } = cells[found.length];
        assert.is(gates, kind.gates);
        found.push(index);
      });
      assert.equal(
        found,
        cells.map(({ index }) => index),
      );
      for (const { index, kind } of cells) {
        assert.ok(isCell(words, index, kind));
        assert.not(isCell(words, index, { ...kind, code: (kind.code % 63) + 1 }));
      }
    },
  ));

test('a cell whose maker died before it was counted is passed over', () => {
  const arena = new Arena({ byteLength: 2048, agents: 2 });
  const { words } = arena;
  const kind: Kind = { name: 'Kind', code: 9, gates: 1, role: PLAIN, words: 20 };
  const first = allocate(words, kind);
  // NEXT, as it was before the cell was counted.
  words[8] = first;
  const second = allocate(words, { ...kind, words: 4 });
  assert.is(second, first + 32);
  const found: number[] = [];
  eachCell(words, (index) => found.push(index));
  assert.equal(found, [first, second]);
});

test('every primitive has room in the smallest arena', () => {
  for (const packed of [true, false]) {
    const arena = new Arena({ byteLength: 1536, agents: 1, packed });
    const all = [
      new Lock({ arena }),
      new RLock({ arena }),
      new Semaphore(1, { arena }),
      new Event({ arena }),
      new Condition(undefined, { arena }),
      new Barrier(2, { arena }),
      new RWLock({ arena }),
    ];
    assert.is(new Set(all.map(String)).size, all.length);
  }
});

// --- ids -------------------------------------------------------------------------------------------------------

test('an id gives its slot and generation, is never 0, and is no other one’s', () =>
  holds(
    fc.array(fc.tuple(fc.nat(1023), fc.integer({ min: 0, max: 2 ** 14 - 1 })), { minLength: 2, maxLength: 20 }),
    (members) => {
      const ids = new Map<number, string>();
      for (const [slot, before] of members) {
        const generation = nextGeneration(before);
        const id = agentId(slot, generation);
        assert.ok(id > 0 && id < 2 ** 24);
        assert.equal([slotOf(id), generationOf(id)], [slot, generation]);
        assert.is(ids.get(id) ?? `${slot}.${generation}`, `${slot}.${generation}`);
        ids.set(id, `${slot}.${generation}`);
      }
    },
  ));

test('generations wrap, and skip 0', () => {
  let generation = 0;
  const seen = new Set<number>();
  for (let i = 0; i < 2 ** 14 - 1; i++) {
    generation = nextGeneration(generation);
    seen.add(generation);
  }
  assert.is(seen.size, 2 ** 14 - 1);
  assert.not(seen.has(0));
  assert.is(nextGeneration(generation), 1);
});

test.run();
