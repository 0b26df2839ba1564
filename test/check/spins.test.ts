import { type Body, explore, replay, type Scenario, sample } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('loops');

test('cost nothing where a thread has none', () => {
  let runs = 0;
  const body: Body = ({ words, at }) => {
    runs++;
    for (let each = 0; each < 3; each++) Atomics.load(words, at.word);
  };
  assert.is(explore({ memory: { word: 0 }, threads: [body] }).verdict, 'ok');
  assert.is(runs, 3, 'once for each step that is new to it, and to its end');
});

test('are found where a thread goes round', () => {
  const waiter: Body = ({ words, at }) => {
    while (Atomics.load(words, at.flag) === 0);
  };
  const setter: Body = ({ words, at }) => void Atomics.store(words, at.flag, 1);
  const result = explore({ memory: { flag: 0 }, threads: [waiter, setter], maxStates: 20 });
  assert.is(result.verdict, 'ok');
  assert.match(result.assumptions.join(), /what loops 3000 times/);
});

test('the result says so where it was not checked whether readers may starve a writer', () => {
  const reader: Body = ({ words, at }) => {
    while (Atomics.load(words, at.writing) === 1);
    Atomics.add(words, at.readers, 1);
    Atomics.sub(words, at.readers, 1);
  };
  const writer: Body = ({ words, at }) => {
    while (Atomics.load(words, at.readers) !== 0);
    Atomics.store(words, at.writing, 1);
    Atomics.store(words, at.writing, 0);
  };
  const result = explore({ memory: { readers: 0, writing: 0 }, threads: [reader, reader, writer] });
  assert.is(result.verdict, 'ok');
  assert.match(String(result), /no thread loops for ever while others take their turns, which is not checked/);
  const straight = explore({ memory: { writing: 0 }, threads: [({ words, at }) => Atomics.load(words, at.writing)] });
  assert.equal(straight.assumptions, []);
});

/** A thread that keeps what it saw on the way round until it is out of its loop, and one that lets it out. */
function keeping(round: (words: Int32Array) => number, start: number): Scenario<'flag' | 'other', 'kept'> {
  return {
    memory: { flag: 0, other: 0 },
    ghosts: { kept: 0 },
    threads: [
      ({ words, at }, thread) => {
        let kept = start;
        while (Atomics.load(words, at.flag) === 0) kept = round(words);
        thread.ghost.set('kept', kept);
      },
      ({ words, at }) => {
        Atomics.store(words, at.other, 1);
        Atomics.store(words, at.flag, 1);
      },
    ],
    outcome: ({ kept }) => String(kept),
  };
}

test('what a round leaves behind for the checks alone is not lost', () => {
  const reads = keeping((words) => Atomics.load(words, 1), 5);
  const swaps = keeping((words) => Atomics.compareExchange(words, 0, 1, 2), 5);
  for (const [scenario, expected] of [
    [reads, ['0', '1', '5']],
    [swaps, ['0', '1', '5']],
  ] as const) {
    assert.equal([...explore(scenario).outcomes.keys()].sort(), expected);
    assert.equal([...sample(scenario, { runs: 2_000, strategy: 'random' }).outcomes.keys()].sort(), expected);
  }
});

test('a failure after a loop that leaves something behind can be replayed', () => {
  const waiter: Body<'flag' | 'other'> = ({ words, at }) => {
    let kept = 0;
    while (Atomics.load(words, at.flag) === 0) kept = Atomics.exchange(words, at.other, 2);
    Atomics.wait(words, at.flag, kept);
  };
  const setter: Body<'flag' | 'other'> = ({ words, at }) => {
    Atomics.store(words, at.flag, 2);
    Atomics.notify(words, at.flag);
  };
  const scenario: Scenario<'flag' | 'other'> = { memory: { flag: 0, other: 0 }, threads: [waiter, setter] };
  for (const { failure } of [explore(scenario), sample(scenario)]) {
    assert.is(failure?.kind, 'deadlock');
    assert.equal(replay(scenario, failure?.schedule.seed ?? '').failure, failure);
  }
});

test.run();
