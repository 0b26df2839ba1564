import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from 'atomics-sync-free';
import { catalogue, run, subjectOf } from 'atomics-sync-free/stress';
import * as assert from 'uvu/assert';
import { headOf } from '#dist/cli/explain.js';
import { suite } from '../support/suite.js';

const test = suite('stress catalogue');

const races = new Map<string, typeof catalogue>();
for (const each of catalogue) {
  const race = each.name.split('/')[0];
  races.set(race, [...(races.get(race) ?? []), each]);
}

test('names are unique, and made of race and variant', () => {
  assert.is(new Set(catalogue.map(({ name }) => name)).size, catalogue.length);
  for (const { name } of catalogue) assert.match(name, /^[a-z]+(-[a-z]+)*\/[a-z]+(-[a-z]+)*$/);
});

test('every race has a form in which it is possible and one in which it is forbidden', () => {
  for (const [race, variants] of races) {
    const expected = (expectation: string): boolean =>
      variants.some(({ outcomes }) => outcomes.some((outcome) => outcome.expectation === expectation));
    assert.ok(expected('INTERESTING'), `${race} has no broken form`);
    assert.ok(expected('FORBIDDEN'), `${race} has no repaired form`);
  }
});

test('every test can see something right', () => {
  for (const { name, outcomes } of catalogue) {
    assert.ok(
      outcomes.some(({ expectation }) => expectation === 'ACCEPTABLE'),
      name,
    );
  }
});

test('every test has a subject, and every primitive is one', () => {
  const subjects = new Set(catalogue.map(subjectOf));
  assert.not.ok(subjects.has('other'));
  for (const primitive of [Lock, RLock, Semaphore, BoundedSemaphore, Event, Condition, Barrier, RWLock]) {
    assert.ok(subjects.has(primitive.name), primitive.name);
  }
});

test('every race’s module explains it, and shows a run with every outcome of every variant', async () => {
  for (const test of catalogue) {
    const head = (await headOf(test)) ?? '';
    const variant = test.name.split('/')[1];
    const row = head.split('\n').find((line) => line.startsWith(`    ${variant} `)) ?? '';
    for (const { result } of test.outcomes) {
      assert.match(row, new RegExp(`(^| · | {2})${result} [\\d,]+( · |$)`), `${test.name}: ${result}`);
    }
  }
});

for (const [race, variants] of races) {
  test(`nothing forbidden is seen in ${race}`, async () => {
    for (const variant of variants) {
      const { name, verdict, reason } = await run(variant, { seconds: 0.1 });
      assert.is.not(verdict, 'FAILED', `${name}: ${reason}`);
    }
  });
}

test.run();
