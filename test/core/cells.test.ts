import { Arena, SyncError } from 'atomics-sync-free';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import {
  allocate,
  allocateBlock,
  BLOCK_START,
  blockLength,
  cellNumber,
  eachCell,
  free,
  isBlock,
  isCell,
  type Kind,
  lengthOf,
  PLAIN,
  RECORD,
} from '#dist/core/memory/cells.js';
import { RECORD_CODE } from '#dist/core/memory/codes.js';
import { FREED, firstCell, NEXT } from '#dist/core/memory/region.js';
import { holds } from '../support/holds.js';
import { suite } from '../support/suite.js';

const test = suite('cells');

const THING: Kind = { name: 'Thing', code: 9, gates: 2, role: PLAIN, words: 6 };
const NOTE: Kind = { name: 'note', code: RECORD_CODE, gates: 1, role: RECORD, words: 7 };

const wordsOf = (options: { byteLength?: number; packed?: boolean } = {}): Int32Array =>
  new Arena({ byteLength: 4096, agents: 2, ...options }).words;

const isInvariant = (error: unknown): boolean => error instanceof SyncError && error.code === 'ERR_INVARIANT';

/** Where the cells are, in their order. */
function walk(words: Int32Array): number[] {
  const found: number[] = [];
  eachCell(words, (index) => found.push(index));
  return found;
}

// --- lengths ---------------------------------------------------------------------------------------------------

test('up to 252 words a length is exact, to the grain; from there on it is at most half as long again', () => {
  for (const packed of [true, false]) {
    const grain = packed ? 4 : 16;
    const words = wordsOf({ packed });
    for (let needed = 1; needed <= 5000; needed++) {
      const length = lengthOf(words, needed);
      const least = Math.ceil(needed / grain) * grain;
      assert.is(length % grain, 0);
      if (least <= 252) assert.is(length, least, `${needed} words`);
      else assert.ok(length >= least && length < least * 1.5, `${needed} words take ${length}`);
    }
  }
});

test('a length beyond the exact ones is 1 or 1.5 times a power of two, in every size that an arena can have', () => {
  const words = wordsOf();
  for (let length = 256; length <= 2 ** 28; length *= 2) {
    assert.is(lengthOf(words, length), length);
    assert.is(lengthOf(words, length + 1), length * 1.5);
    assert.is(lengthOf(words, length * 1.5 + 1), length * 2);
  }
});

test('a block takes what blockLength says, or less where the arena is packed', () => {
  for (const packed of [true, false]) {
    for (const needed of [1, 14, 15, 62, 63, 250, 260, 400]) {
      const words = wordsOf({ packed });
      const before = Atomics.load(words, NEXT);
      assert.ok(allocateBlock(words, needed) !== 0);
      const taken = Atomics.load(words, NEXT) - before;
      if (packed) assert.ok(taken <= blockLength(needed) && taken >= needed + BLOCK_START);
      else assert.is(taken, blockLength(needed));
    }
  }
});

// --- what is there ---------------------------------------------------------------------------------------------

test('a block is made of zeros, and can hold 64-bit numbers', () => {
  for (const packed of [true, false]) {
    const words = wordsOf({ packed });
    allocate(words, THING);
    const block = allocateBlock(words, 10);
    const doubles = new Float64Array(words.buffer, (block + BLOCK_START) * 4, 5);
    assert.ok(doubles.every((value) => value === 0));
  }
});

test('isCell and isBlock know a piece by its index, its kind and its size, and nothing else', () => {
  const words = wordsOf({ packed: true });
  const thing = allocate(words, THING);
  const block = allocateBlock(words, 10);
  const note = allocate(words, NOTE);
  assert.ok(isCell(words, thing, THING) && isBlock(words, block, 10) && isCell(words, note, NOTE));
  for (let index = -4; index < words.length + 4; index++) {
    assert.is(isCell(words, index, THING), index === thing, `${index}`);
    assert.is(isCell(words, index, NOTE), index === note, `${index}`);
    assert.is(isBlock(words, index, 10), index === block, `${index}`);
  }
  for (const index of [thing + 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 40, -thing]) {
    assert.not(isCell(words, index, THING), `${index}`);
    assert.not(isBlock(words, index, 10), `${index}`);
  }
  assert.not(isCell(words, thing, { ...THING, gates: 3 }));
  assert.not(isCell(words, thing, { ...THING, role: RECORD }));
  assert.not(isCell(words, thing, { ...THING, words: 9 }));
  assert.ok(isBlock(words, block, 1));
  assert.not(isBlock(words, block, 12), 'it takes 12 words, and its descriptor 2 of them');
});

test('a descriptor that was copied to another place is not one', () => {
  const words = wordsOf();
  const thing = allocate(words, THING);
  for (let at = thing + 1; at < thing + 512; at++) {
    const before = words[at];
    words[at] = words[thing];
    assert.not(isCell(words, at, THING), `${at}`);
    words[at] = before;
  }
});

test('a freed piece is neither a cell nor a block, and keeps its place in the walk', () => {
  const words = wordsOf();
  const [note, block, thing] = [allocate(words, NOTE), allocateBlock(words, 20), allocate(words, THING)];
  free(words, note);
  free(words, block);
  assert.not(isCell(words, note, NOTE));
  assert.not(isBlock(words, block, 20));
  assert.equal(walk(words), [note, block, thing]);
});

test('a cell is numbered by how many grains it stands behind the first', () => {
  const words = wordsOf({ packed: true });
  const cells = [THING, { ...THING, words: 9 }, THING].map((kind) => allocate(words, kind));
  assert.equal(
    cells.map((cell) => cellNumber(words, cell)),
    [0, 2, 5],
  );
});

// --- what is freed ---------------------------------------------------------------------------------------------

test('what is freed serves again for the same length, cleared', () => {
  const words = wordsOf();
  const block = allocateBlock(words, 20);
  words.fill(-1, block + 1, block + lengthOf(words, 20 + BLOCK_START));
  const next = Atomics.load(words, NEXT);
  free(words, block);
  const again = allocate(words, { ...THING, words: 22 });
  assert.is(again, block);
  assert.is(Atomics.load(words, NEXT), next);
  assert.ok(words.subarray(again + 1, next).every((word) => word === 0));
  assert.ok(isCell(words, again, { ...THING, words: 22 }));
});

test('what is freed does not serve for another length, not even a shorter one', () => {
  const words = wordsOf();
  const block = allocateBlock(words, 40);
  free(words, block);
  assert.is.not(allocateBlock(words, 10), block);
  assert.is.not(allocateBlock(words, 60), block);
  assert.is(allocateBlock(words, 40), block);
});

test('the hint of how much is freed is exact when nobody dies', () => {
  const words = wordsOf();
  const [note, block] = [allocate(words, NOTE), allocateBlock(words, 40)];
  free(words, note);
  assert.is(Atomics.load(words, FREED), 16);
  free(words, block);
  assert.is(Atomics.load(words, FREED), 16 + 48);
  allocate(words, NOTE);
  allocateBlock(words, 40);
  assert.is(Atomics.load(words, FREED), 0);
});

test('with no room left, a freed cell is found wherever it is, even if the hint is wrong', () => {
  const words = wordsOf({ byteLength: 2 ** 16 });
  const notes: number[] = [];
  for (let note = allocate(words, NOTE); note !== 0; note = allocate(words, NOTE)) notes.push(note);
  assert.ok(notes.length > 900);
  for (const note of [notes[0], notes[500], notes[notes.length - 1]]) {
    free(words, note);
    Atomics.store(words, FREED, 0);
    assert.is(allocate(words, NOTE), note);
    assert.is(allocate(words, NOTE), 0);
  }
});

test('while there is room, what is freed among many cells is found before long', () => {
  const words = wordsOf({ byteLength: 2 ** 17 });
  const notes = Array.from({ length: 1000 }, () => allocate(words, NOTE));
  free(words, notes[700]);
  let tries = 0;
  while (allocate(words, NOTE) !== notes[700]) tries++;
  assert.ok(tries <= 1000 / 32, `after ${tries} others`);
});

test('freeing what is not a block or record in use is an error that names it, and changes nothing', () => {
  const words = wordsOf();
  const [thing, note, block] = [allocate(words, THING), allocate(words, NOTE), allocateBlock(words, 20)];
  free(words, note);
  free(words, block);
  const before = words.slice();
  for (const index of [note, block, thing, thing + 1, block + 16, 0, 8, 16, words.length - 1]) {
    assert.throws(
      () => free(words, index),
      (error: unknown) => isInvariant(error) && (error as Error).message.includes(`at word ${index} `),
      `freed ${index}`,
    );
  }
  assert.equal(words, before);
});

test('freeing a place that only looks like the beginning of a block is an error', () => {
  const words = wordsOf();
  const [block, other] = [allocateBlock(words, 20), allocateBlock(words, 20)];
  words[block + 16] = words[other];
  assert.throws(() => free(words, block + 16), isInvariant);
  words[other] = words[block];
  assert.throws(() => free(words, other), isInvariant);
});

test('pieces never overlap, nor lose what is written in them, whatever is freed and in whatever order', () =>
  holds(
    fc.record({
      packed: fc.boolean(),
      steps: fc.array(
        fc.oneof({ weight: 3, arbitrary: fc.integer({ min: 1, max: 120 }) }, fc.integer({ min: -50, max: -1 })),
        {
          maxLength: 120,
          size: 'max',
        },
      ),
    }),
    ({ packed, steps }) => {
      const words = wordsOf({ packed });
      const blocks: { readonly at: number; readonly size: number; readonly mark: number }[] = [];
      for (const [mark, step] of steps.entries()) {
        if (step > 0) {
          const at = allocateBlock(words, step);
          if (at === 0) continue;
          const used = words.subarray(at + BLOCK_START, at + BLOCK_START + step);
          assert.ok(used.every((word) => word === 0));
          used.fill(mark + 1);
          blocks.push({ at, size: step, mark: mark + 1 });
        } else if (blocks.length > 0) {
          const [{ at }] = blocks.splice(-step % blocks.length, 1);
          free(words, at);
        }
      }
      for (const { at, size, mark } of blocks) {
        assert.ok(isBlock(words, at, size));
        assert.ok(words.subarray(at + BLOCK_START, at + BLOCK_START + size).every((word) => word === mark));
      }
      const cells = walk(words);
      assert.is(cells[0] ?? firstCell(words), firstCell(words));
      assert.ok(blocks.every(({ at }) => cells.includes(at)));
    },
  ));

test.run();
