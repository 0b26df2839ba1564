import { type Body, explore, region, type Scenario } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('words');

function reasonOf(run: Body<'x' | 'y'>, more: Partial<Scenario<'x' | 'y'>> = {}): string {
  const { failure } = explore({ memory: { x: 1, y: 2 }, threads: [run], ...more });
  assert.is(failure?.kind, 'misuse');
  return failure?.reason ?? '';
}

test('declared plain accesses are steps like any other', () => {
  const increment: Body<'x'> = ({ words, at }) => {
    words[at.x]++;
  };
  const result = explore({
    memory: { x: 0 },
    plain: ['x'],
    threads: [increment, increment],
    outcome: ({ x }) => `${x}`,
  });
  assert.is(result.verdict, 'ok');
  assert.equal([...result.outcomes.keys()].sort(), ['1', '2']);
});

test('methods that touch elements, and views of their own, are reported', () => {
  assert.match(
    reasonOf(({ words }) => words.fill(0)),
    /'fill' of a shared array/,
  );
  assert.match(
    reasonOf(({ words }) => [...words]),
    /without Atomics/,
  );
  assert.match(
    reasonOf(({ words }) => Atomics.load(new Int32Array(words.buffer), 0)),
    /not of the memory under test/,
  );
  assert.match(
    reasonOf(({ words }) => words[2]),
    /beyond the end/,
  );
});

test('a cached Atomics is reported as such', () => {
  const { load } = Atomics;
  assert.match(
    reasonOf(({ words }) => load(words, 0)),
    /Atomics was cached/,
  );
});

test('the array looks like a shared Int32Array', () => {
  const { verdict } = explore({
    memory: { x: 0, y: 0 },
    threads: [
      ({ words }) => {
        assert.instance(words, Int32Array);
        assert.instance(words.buffer, SharedArrayBuffer);
        assert.equal([words.length, words.byteLength, words.byteOffset, words.BYTES_PER_ELEMENT], [2, 8, 0, 4]);
        assert.is(Object.prototype.toString.call(words), '[object Int32Array]');
      },
    ],
  });
  assert.is(verdict, 'ok');
});

test('subarrays are windows on the same words', () => {
  const { verdict } = explore({
    memory: { x: 0, y: 5 },
    threads: [
      ({ words }) => {
        const window = words.subarray(1).subarray(-1);
        assert.equal([window.length, window.byteOffset], [1, 4]);
        Atomics.add(window, 0, 1);
        assert.throws(() => Atomics.load(window, 1), RangeError);
      },
    ],
    final: ({ x, y }) => x === 0 && y === 6,
  });
  assert.is(verdict, 'ok');
});

test('a large array costs only the words that are touched, and stays as it was', () => {
  const image = new Int32Array(1 << 14).fill(3);
  const thread: Body = ({ words, at }) => Atomics.add(words, Atomics.load(words, at.slot) + 9000, 1);
  const result = explore({
    memory: region(image, { names: { 7: 'slot' } }),
    threads: [thread, thread],
    final: ({ slot }, { word }) => {
      assert.equal([slot, word(9003), word(9004)], [3, 5, 3]);
    },
  });
  assert.is(result.verdict, 'ok', result.toString());
  assert.ok(image.every((value) => value === 3));
});

test('several regions, named by a function, with plain words by a predicate', () => {
  const { failure } = explore({
    memory: [
      region(new Int32Array(2), { names: { 0: 'first' } }),
      region(new Int32Array(2), {
        name: 'cells',
        names: (i) => (i === 1 ? 'second' : undefined),
        plain: (i) => i === 1,
      }),
    ],
    threads: [
      ({ regions: [one, two] }) => {
        Atomics.store(one, 0, 1);
        two[1] = 2;
        Atomics.store(two, 0, 3);
      },
    ],
    final: ({ first }, { word }) => first + word(1, 1) + word(0, 1) !== 6,
  });
  assert.equal(
    failure?.schedule.steps.map(({ change }) => change),
    ['first 0 → 1', 'second 0 → 2', 'cells[0] 0 → 3'],
  );
});

test('names that do not fit are refused', () => {
  const threads = [(): void => undefined];
  assert.throws(() => explore({ memory: { x: 0 }, threads, plain: ['z' as 'x'] }), /'z', which is not a word/);
  assert.throws(() => explore({ memory: { x: 0 }, threads, ghosts: { x: 0 } }), /two words are named 'x'/);
  const { failure } = explore({
    memory: { x: 0 },
    threads: [(_, thread) => thread.ghost.add('nobody' as never, 1)],
  });
  assert.match(failure?.reason ?? '', /ghost 'nobody' is not declared/);
});

test('while a thread is set up it sees the first values and may not change them', () => {
  const quietly = (setUp: (words: Int32Array) => number) =>
    explore({
      memory: { x: 4 },
      threads: [
        {
          phases: ({ words }) => {
            const seen = setUp(words);
            return [() => Atomics.store(words, 0, seen + 1)];
          },
        },
      ],
      final: ({ x }) => x === 5,
    });
  assert.is(quietly((words) => Atomics.load(words, 0)).verdict, 'ok');
  assert.is(quietly((words) => words[0]).verdict, 'ok');
  assert.match(quietly((words) => Atomics.add(words, 0, 1)).failure?.reason ?? '', /may only read shared words/);
  const write = (words: Int32Array): number => {
    words[0] = 9;
    return 4;
  };
  assert.is(quietly(write).failure?.kind, 'misuse');
});

test.run();
