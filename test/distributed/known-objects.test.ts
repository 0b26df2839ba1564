// What a keeper is told of names does not grow with the number of names ever used.
import * as assert from 'uvu/assert';
import { KnownObjects } from '#dist/distributed/known-objects.js';
import { suite } from '../support/suite.js';

const test = suite('objects that a keeper knows');

test('objects without requests are forgotten, objects in use are not, and no number is used twice', () => {
  const known = new KnownObjects();
  const used = known.add('used');
  used.users++;
  const numbers = new Set([used.number]);
  const forgotten: number[] = [];
  for (let i = 0; i < 50_000; i++) {
    forgotten.push(...known.forgetSome());
    numbers.add(known.add(`order ${i}`).number);
    assert.ok(known.size <= 10_000);
  }
  assert.is(numbers.size, 50_001);
  assert.is(known.get('used'), used);
  assert.is(forgotten.length, 50_001 - known.size);
  assert.not(forgotten.includes(used.number));
});

test.run();
