import { replay, sample } from 'atomics-sync-free/check';
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

test('a budget of time ends it', () => {
  const { ms, verdict } = sample(mutex(2, 1), { ms: 30 });
  assert.is(verdict, 'sampled');
  assert.ok(ms >= 30 && ms < 2000, `${ms} ms`);
});

test.run();
