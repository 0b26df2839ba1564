import { explore, sample } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('simulation');
const realAtomics = Object.getOwnPropertyDescriptor(globalThis, 'Atomics');

function assertRestored(): void {
  assert.equal(Object.getOwnPropertyDescriptor(globalThis, 'Atomics'), realAtomics);
  assert.is(Object.getOwnPropertyDescriptor(performance, 'now'), undefined);
}

test('the real globals are back after success, failure and an exception', () => {
  const threads = [(): void => undefined];
  explore({ memory: { x: 0 }, threads });
  assertRestored();
  explore({ memory: { x: 0 }, threads, final: () => false });
  assertRestored();
  assert.throws(() => explore({ memory: { x: 0 }, threads: [] }));
  assertRestored();
  const outcome = (): string => {
    throw new Error('from outcome');
  };
  assert.throws(() => explore({ memory: { x: 0 }, threads, outcome }), 'from outcome');
  assertRestored();
  sample({ memory: { x: 0 }, threads });
  assertRestored();
});

test('an exploration within another, and Atomics outside of a thread, are refused', () => {
  const memory = { x: 0 };
  const nested = explore({ memory, threads: [() => explore({ memory, threads: [() => 0] })] });
  assert.match(nested.failure?.reason ?? '', /cannot be started within another/);
  const { failure } = explore({ memory, threads: [() => 0], final: () => Atomics.load(new Int32Array(1), 0) === 0 });
  assert.match(failure?.reason ?? '', /belong to the threads/);
  assertRestored();
});

const values = [0, 1, -1, 7, 0x7fffffff, -0x80000000, 2 ** 32 + 5, 1.9, -1.9, Number.NaN];
const names = ['store', 'exchange', 'add', 'sub', 'and', 'or', 'xor'] as const;

/** What every operation returns and leaves, for each value on a word that starts with each value. */
function tableOf(words: Int32Array): (number | string)[] {
  const table: (number | string)[] = [];
  for (const start of values) {
    for (const value of values) {
      for (const name of names) {
        Atomics.store(words, 0, start);
        table.push(Atomics[name](words, 0, value), Atomics.load(words, 0));
      }
      Atomics.store(words, 0, start);
      table.push(Atomics.compareExchange(words, 0, value, 3), Atomics.load(words, 0));
      table.push(Atomics.wait(words, 0, value, 0), Atomics.notify(words, 0, value));
    }
  }
  return table;
}

test('each operation returns and leaves what the real one does', () => {
  const expected = tableOf(new Int32Array(new SharedArrayBuffer(4)));
  let found: (number | string)[] = [];
  const { verdict } = explore({
    memory: { x: 0 },
    threads: [
      ({ words }) => {
        found = tableOf(words);
      },
    ],
  });
  assert.is(verdict, 'ok');
  assert.equal(found, expected);
});

test('arguments are converted and refused as by the real ones', () => {
  const { verdict } = explore({
    memory: { x: 0, y: 5 },
    threads: [
      ({ words }) => {
        for (const index of [2, -1, Infinity]) assert.throws(() => Atomics.load(words, index), RangeError);
        assert.is(Atomics.load(words, 1.5), 5);
        assert.is(Atomics.load(words, Number.NaN), 0);
        assert.is(Atomics.wait(words, 0, 1, Number.NaN), 'not-equal');
        assert.is(Atomics.wait(words, 0, 0, -5), 'timed-out');
        assert.equal(Atomics.waitAsync(words, 0, 1), { async: false, value: 'not-equal' });
        assert.equal(Atomics.waitAsync(words, 0, 0, 0), { async: false, value: 'timed-out' });
        assert.type(Atomics.isLockFree(4), 'boolean');
        assert.is(String(Atomics), '[object Atomics]');
      },
    ],
  });
  assert.is(verdict, 'ok');
  const sleepFor = (timeout: number) =>
    explore({ memory: { x: 0 }, threads: [({ words }) => Atomics.wait(words, 0, 0, timeout)] }).verdict;
  assert.equal([Number.NaN, Infinity, 1e10, 0].map(sleepFor), ['failed', 'failed', 'ok', 'ok']);
});

test('pause is nothing, or on demand a mark', () => {
  const pause = (): void => (Atomics as { pause?: () => void }).pause?.();
  // Two places, so two keys, and the second is passed after the first.
  const spin = ({ words, at }: { words: Int32Array; at: { x: number } }): void => {
    while (Atomics.load(words, at.x) === 0) pause();
    while (Atomics.load(words, at.x) === 1) pause();
  };
  const set = ({ words, at }: { words: Int32Array; at: { x: number } }): void => {
    for (const value of [1, 2]) Atomics.store(words, at.x, value);
  };
  const scenario = { memory: { x: 0 }, threads: [spin, set], maxStates: 300 };
  assert.match(explore(scenario).assumptions.join(), 'loops for ever');
  const marked = explore({ ...scenario, pauseMarks: true });
  assert.is(marked.verdict, 'ok', marked.toString());
  assert.match(marked.assumptions.join(), 'the keys of marks');
});

test('the clock stands still except for time-outs, and a timed wait that was notified may be late', () => {
  const { outcomes, verdict } = explore({
    memory: { x: 0, seen: -1 },
    threads: [
      ({ words, at }) => {
        const began = performance.now();
        const result = Atomics.wait(words, at.x, 0, 100);
        const took = performance.now() - began;
        Atomics.store(words, at.seen, took + ['ok', 'timed-out', 'not-equal'].indexOf(result));
      },
      ({ words, at }) => {
        Atomics.store(words, at.x, 1);
        Atomics.notify(words, at.x);
      },
    ],
    outcome: ({ seen }) => String(seen),
  });
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['0', '100', '101', '2']);
});

test('the clock counts from its first reading in a phase', () => {
  const { outcomes } = explore({
    memory: { x: 0, first: -1, second: -1 },
    threads: [
      {
        phases: ({ words, at }) => [
          () => {
            Atomics.wait(words, at.x, 0, 7);
            Atomics.store(words, at.first, performance.now());
            Atomics.wait(words, at.x, 0, 7);
          },
          () => Atomics.store(words, at.second, performance.now()),
        ],
      },
    ],
    outcome: ({ first, second }) => `${first} ${second}`,
  });
  assert.equal([...outcomes.keys()], ['0 0']);
});

test.run();
