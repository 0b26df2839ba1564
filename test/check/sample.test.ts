import { type Body, type Memory, replay, type Scenario, sample, type Thread } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { lostUpdate, mutex } from './subjects.js';

const test = suite('sample');

for (const strategy of ['random', 'pct'] as const) {
  test(`${strategy} finds a bug, with a seed that replays it`, () => {
    for (const scenario of [mutex(3, 2, { noRemark: true }), mutex(3, 2, { storeForCas: true })]) {
      const { failure } = sample(scenario, { strategy, runs: 2000 });
      assert.ok(failure, `${strategy} found nothing`);
      assert.equal(replay(scenario, failure.schedule.seed).failure, failure);
    }
  });

  test(`${strategy} finds nothing in a correct lock, and does not call it ok`, () => {
    const result = sample(mutex(4, 2), { strategy, runs: 300 });
    assert.is(result.verdict, 'sampled', result.toString());
    assert.is(result.note, '300 runs');
  });
}

test('the same seed makes the same sample', () => {
  const [x, y, z] = [7, 7, 8].map((seed) => sample(lostUpdate(3), { seed, strategy: 'random' }).failure?.schedule.seed);
  assert.is(x, y);
  assert.is.not(x, z);
});

test('a run that is cut off makes the sample incomplete', () => {
  const result = sample(mutex(2, 2), { runs: 5, maxSteps: 3 });
  assert.is(result.verdict, 'incomplete');
  assert.is(result.note, '5 of 5 runs cut off');
});

test('a spinning thread of highest priority is made to yield', () => {
  const result = sample(
    {
      memory: { go: 0 },
      threads: [
        ({ words, at }, thread) => {
          while (Atomics.load(words, at.go) === 0) thread.mark();
        },
        ({ words, at }) => Atomics.store(words, at.go, 1),
      ],
    },
    { runs: 100, depth: 1, maxSteps: 1000 },
  );
  assert.is(result.verdict, 'sampled');
});

test('a time budget ends it', () => {
  const { ms, verdict } = sample(mutex(2, 1), { ms: 30 });
  assert.is(verdict, 'sampled');
  assert.ok(ms >= 30 && ms < 2000, `${ms} ms`);
});

/** Peterson's lock with its two stores exchanged, which needs two changes of priority at the right places. */
const swapped = (mine: 'x' | 'y', other: 'x' | 'y', turn: number): Body<'x' | 'y' | 'turn', 'inside'> => {
  return ({ words, at }, thread) => {
    Atomics.store(words, at.turn, turn);
    Atomics.store(words, at[mine], 1);
    while (Atomics.load(words, at[other]) === 1 && Atomics.load(words, at.turn) === turn) thread.mark();
    thread.ghost.add('inside', 1);
    thread.step();
    thread.ghost.add('inside', -1);
    Atomics.store(words, at[mine], 0);
  };
};

test('a bug of depth 3 is found by every seed, though a spin makes some runs long', () => {
  const scenario: Scenario<'x' | 'y' | 'turn', 'inside'> = {
    memory: { x: 0, y: 0, turn: 0 },
    ghosts: { inside: 0 },
    threads: [swapped('x', 'y', 1), swapped('y', 'x', 0)],
    invariant: ({ inside }) => inside <= 1,
  };
  const found = Array.from({ length: 20 }, (_, seed) => sample(scenario, { seed }).failure?.kind);
  assert.is(found.filter((kind) => kind === 'invariant').length, 20);
});

test('a thread that spins goes on as soon as a word has changed, so no change of priorities is lost on its behalf', () => {
  // What is free after the first store may be taken by one and, after the second, by another as well.
  const user = ({ words, at }: Memory<'lock'>, thread: Thread<'inside'>, releases: number): void => {
    while (Atomics.exchange(words, at.lock, 1) === 1);
    thread.ghost.add('inside', 1);
    thread.step();
    thread.ghost.add('inside', -1);
    for (let i = 0; i < releases; i++) Atomics.store(words, at.lock, 0);
  };
  const scenario: Scenario<'lock', 'inside'> = {
    memory: { lock: 0 },
    ghosts: { inside: 0 },
    threads: [2, 1, 1].map((releases) => (memory, thread) => user(memory, thread, releases)),
    invariant: ({ inside }) => inside <= 1,
  };
  const found = Array.from({ length: 20 }, (_, seed) => sample(scenario, { seed, runs: 5000 }).failure?.kind);
  assert.equal(found, Array(20).fill('invariant'));
});

test.run();
