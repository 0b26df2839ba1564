import * as assert from 'uvu/assert';
import { List } from '#dist/gil/python/values/containers.js';
import { suite } from '../../support/suite.js';

const test = suite('Python containers');

test('a list takes any number of items, and its own', () => {
  const list = new List([1]);
  list.extend(new Array<number>(300_000).fill(2));
  list.extend(list.items);
  assert.equal([list.items.length, list.items[300_001]], [600_002, 1]);
  list.replace(list.items.slice(0, 299_999));
  assert.is(list.items.length, 299_999);
});

test.run();
