import { defineStressTest, selectTests } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('selectTests');

const tests = ['lost-update/plain', 'lost-update/lock', 'lost-update-again/lock', 'a.b'].map((name) =>
  defineStressTest({
    module: import.meta.url,
    name,
    description: '',
    words: {},
    actors: () => {},
    arbiter: () => '',
    outcomes: [],
  }),
);
const select = (...patterns: string[]): string[] => selectTests(tests, patterns).map(({ name }) => name);

test('nothing selects everything', () => {
  assert.equal(
    select(),
    tests.map(({ name }) => name),
  );
});

test('a race selects its variants and no other race that begins alike', () => {
  assert.equal(select('lost-update'), ['lost-update/plain', 'lost-update/lock']);
});

test('a star stands for any run of characters', () => {
  assert.equal(select('*/lock'), ['lost-update/lock', 'lost-update-again/lock']);
  assert.equal(select('lost*'), ['lost-update/plain', 'lost-update/lock', 'lost-update-again/lock']);
});

test('every other character stands for itself', () => {
  assert.equal(select('a.b'), ['a.b']);
  assert.throws(() => select('a?b'), /a\?b/);
  assert.throws(() => select('lost.update/lock'), /lost\.update/);
});

test('a test that is selected twice comes once, in the order of the catalogue', () => {
  assert.equal(select('lost-update/lock', 'lost-update'), ['lost-update/plain', 'lost-update/lock']);
});

test('a pattern that fits nothing is named, even beside one that fits', () => {
  assert.throws(() => select('a.b', 'update', 'lock'), /no stress test is called update or lock/);
});

test('two tests of one name are refused', () => {
  assert.throws(() => selectTests([...tests, tests[0]], []), /two stress tests are called/);
});

test.run();
