import { defineStressTest, subjectOf, testsOf } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import * as races from './fixtures/races.fixture.js';

const test = suite('stress test definition');

const sound = {
  module: import.meta.url,
  name: 'sound',
  description: 'A test that can be defined.',
  words: { counter: 0 },
  actors: () => {},
  arbiter: () => 'over',
  outcomes: [],
};

test('tests are found among the exports of a module, singly and in arrays', () => {
  const names = testsOf({ ...races, other: 42, nothing: null }).map(({ name }) => name);
  assert.ok(names.includes('steady/one-actor'));
  assert.ok(names.includes('more/a') && names.includes('more/b'));
  assert.not.ok(names.includes('other'));
  assert.equal(testsOf({ a: races.steady, b: [races.steady] }), [races.steady]);
});

test('a test without actors is refused', () => {
  assert.throws(() => defineStressTest({ ...sound, actors: [] }), /sound has no actor/);
});

test('a word may not take the name of what the cell already has', () => {
  assert.throws(() => defineStressTest({ ...sound, words: { memory: 0 } }), /a word cannot be called "memory"/);
});

test('a test without a subject is about something else', () => {
  assert.is(subjectOf(defineStressTest({ ...sound, subject: 'Lock' })), 'Lock');
  assert.is(subjectOf(defineStressTest(sound)), 'other');
});

test('batch and time limit must be positive', () => {
  assert.throws(() => defineStressTest({ ...sound, batch: 0 }), /batch must be 1 or more/);
  assert.throws(() => defineStressTest({ ...sound, batch: 1.5 }), /batch must be 1 or more/);
  assert.throws(() => defineStressTest({ ...sound, timeLimit: 0 }), /timeLimit must be above 0 ms/);
});

test('only an actor of the list can be killed', () => {
  const actors = [() => {}, () => {}];
  assert.is(defineStressTest({ ...sound, actors, kills: 1 }).kills, 1);
  for (const kills of [2, -1, 0.5, Number.NaN, '0', 'length']) {
    assert.throws(
      () => defineStressTest({ ...sound, actors, kills: kills as number }),
      /kills must be the index of an actor, not/,
    );
  }
});

test('what a test declares is checked, and the message names what is wrong', () => {
  const outcome = (fields: object) => ({
    outcomes: [{ result: 'x', expectation: 'FORBIDDEN', description: '', ...fields }],
  });
  const wrong: readonly [object, RegExp][] = [
    [outcome({ expectation: 'FORBIDEN' }), /outcome x has the expectation 'FORBIDEN'; did you mean 'FORBIDDEN'\?/],
    [outcome({ result: 1 }), /an outcome needs a result/],
    [outcome({ mustBeSen: true }), /outcome x has no field 'mustBeSen'; did you mean 'mustBeSeen'\?/],
    [outcome({ mustBeSeen: 'yes' }), /mustBeSeen of outcome x must be true or false/],
    [{ outcomes: undefined }, /needs a list of outcomes/],
    [{ outcomes: [null] }, /an outcome must be an object/],
    [{ arbiter: async () => 'over' }, /arbiter must be a plain synchronous function, not \[object AsyncFunction\]/],
    [{ prepare: async () => {} }, /prepare must be a plain synchronous function, not \[object AsyncFunction\]/],
    [{ primitives: { lock: 1 } }, /primitives must be a plain synchronous function, not \[object Object\]/],
    [{ words: new Map([['x', 0]]) }, /words must be an object of names and first values/],
    [{ words: undefined }, /words must be an object of names and first values/],
    [{ actors: undefined }, /needs an actor, or a list of them/],
    [{ timeLimit: '5' }, /timeLimit must be above 0 ms/],
    [{ arbitre: () => '' }, /no field 'arbitre'; did you mean 'arbiter'\?/],
    [{ actors: async () => {} }, /not \[object AsyncFunction\]/],
    [{ words: { x: 0.5 } }, /word x must start as a 32-bit integer, not 0.5/],
    [{ name: '' }, /needs a name/],
  ];
  for (const [fields, message] of wrong) {
    assert.throws(
      () => defineStressTest({ ...sound, ...fields } as never),
      (error: Error) => message.test(error.message),
    );
  }
});

test('what is not a definition is refused', () => {
  for (const what of [undefined, null, 'x', []])
    assert.throws(() => defineStressTest(what as never), /a stress test must be defined by an object/);
});

test.run();
