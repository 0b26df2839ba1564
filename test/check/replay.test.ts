import { explore, replay, type Scenario } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { lostUpdate, mutex } from './subjects.js';

const test = suite('replay');

function sameAgain<N extends string, G extends string>(scenario: Scenario<N, G>): void {
  const { failure } = explore(scenario);
  const again = replay(scenario, failure?.schedule.seed ?? '').failure;
  assert.ok(failure);
  assert.equal(again, failure);
}

test('a seed reproduces the failure', () => {
  sameAgain(lostUpdate(2));
  sameAgain(mutex(3, 1, { noRemark: true }));
  sameAgain({ ...mutex(3, 1), kills: 1 });
});

test('a seed reproduces a livelock, circle included', () => {
  const scenario: Scenario<'x'> = {
    memory: { x: 1 },
    threads: [
      ({ words, at }, thread) => {
        while (Atomics.load(words, at.x) !== 0) thread.mark();
      },
    ],
  };
  assert.match(explore(scenario).failure?.schedule.seed ?? '', /~1$/);
  sameAgain(scenario);
});

test("an outcome's seed gives its run, which is no failure", () => {
  const scenario = { ...lostUpdate(2), final: () => true, outcome: ({ count }: { count: number }) => `${count}` };
  const { verdict, schedule } = replay(scenario, explore(scenario).outcomes.get('1') ?? '');
  assert.is(verdict, 'sampled');
  assert.is(schedule?.steps.length, 4);
});

test('a seed reproduces the misuse of a ghost that changes unseen', () => {
  sameAgain({
    memory: { word: 0 },
    ghosts: { inside: 0 },
    threads: [
      ({ words, at }, { ghost }) => {
        Atomics.load(words, at.word);
        ghost.add('inside', 1);
        ghost.add('inside', -1);
      },
    ],
    invariant: ({ inside }) => inside < 2,
  });
});

test('a seed that does not fit is refused', () => {
  assert.throws(() => replay(lostUpdate(2), '0*9'), /step 3 of the seed is not possible/);
  assert.throws(() => replay(lostUpdate(2), 'zero'), /not part of a seed/);
  assert.throws(() => replay(lostUpdate(2), '0*4000000000'), /not part of a seed/);
  assert.throws(() => replay(lostUpdate(2), null as never), /a seed must be a string, not null/);
});

test.run();
