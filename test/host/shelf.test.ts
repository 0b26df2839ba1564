import * as assert from 'uvu/assert';
import { Shelf } from '#dist/host/shelf.js';
import { suite } from '../support/suite.js';

const test = suite('the shelf');

const buffer = new SharedArrayBuffer(8);

/** What a fetch gets. */
function fetched(shelf: Shelf): SharedArrayBuffer[] {
  const given: SharedArrayBuffer[] = [];
  shelf.fetch(1, (buffer) => given.push(buffer));
  return given;
}

test('a fetch gets what is kept, before it or after', () => {
  const shelf = new Shelf();
  const early = fetched(shelf);
  assert.equal(early, []);
  shelf.keep(1, buffer);
  assert.equal([early.length, fetched(shelf).length, fetched(shelf)[0] === buffer], [1, 1, true]);
});

test('what is dropped as often as it was kept is not kept any more, in whatever order', () => {
  const shelf = new Shelf();
  shelf.keep(1, buffer);
  shelf.drop(1);
  assert.equal(fetched(shelf), []);
  const other = new Shelf();
  other.drop(1);
  other.keep(1, buffer);
  other.keep(1, buffer);
  assert.is(fetched(other).length, 1);
  other.drop(1);
  assert.equal(fetched(other), []);
});

test.run();
