import * as assert from 'uvu/assert';
import { Images } from '#dist/check/images.js';
import type { Words } from '#dist/check/words.js';
import { suite } from '../support/suite.js';

const test = suite('images');
/** All that images ask of the table of words. */
const words = { initial: (word: number) => word * 10 } as Words;

test('equal contents are one image, however they came about', () => {
  const images = new Images(words);
  const x = images.set(images.set(images.first, 3, 1), 1, 2);
  const y = images.set(images.set(images.first, 1, 2), 3, 1);
  assert.is(x, y);
  assert.is(images.set(images.set(x, 3, 30), 1, 10), images.first);
  assert.is(images.byId(x.id), x);
});

test('words that no image has touched hold their first value', () => {
  const images = new Images(words);
  const image = images.set(images.first, 2, -1);
  assert.equal(
    [0, 1, 2, 9].map((word) => images.get(image, word)),
    [0, 10, -1, 90],
  );
});

test.run();
