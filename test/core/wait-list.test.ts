import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { append, clearList, firstLink, LINK_WORDS, LIST_WORDS, linksIn, unlink } from '#dist/core/memory/wait-list.js';
import { holds } from '../support/holds.js';
import { suite } from '../support/suite.js';

const test = suite('wait lists');

const LIST = 4;
const LINKS = 8;
const linkAt = (n: number): number => LIST + LIST_WORDS + LINK_WORDS * n;

function newList(): Int32Array {
  const words = new Int32Array(linkAt(LINKS));
  clearList(words, LIST);
  return words;
}

/** Takes out all, from the first on. */
function drain(words: Int32Array): number[] {
  const links: number[] = [];
  for (let link = firstLink(words, LIST); link !== LIST; link = firstLink(words, LIST)) {
    links.push(link);
    unlink(words, link);
  }
  return links;
}

test('a new list is empty, and so is one from which all were taken out', () => {
  const words = newList();
  assert.is(firstLink(words, LIST), LIST);
  assert.is(firstLink(words, LIST), LIST);
  append(words, LIST, linkAt(0));
  assert.is.not(firstLink(words, LIST), LIST);
  unlink(words, linkAt(0));
  assert.is(firstLink(words, LIST), LIST);
  assert.is(linksIn(words, LIST).length, 0);
});

test('first in, first out, wherever others leave in between', () =>
  holds(fc.array(fc.tuple(fc.boolean(), fc.nat(LINKS - 1)), { maxLength: 60, size: 'max' }), (steps) => {
    const words = newList();
    const model: number[] = [];
    for (const [comes, n] of steps) {
      const link = linkAt(n);
      const place = model.indexOf(link);
      if (comes && place < 0) {
        append(words, LIST, link);
        model.push(link);
      } else if (!comes && place >= 0) {
        unlink(words, link);
        model.splice(place, 1);
      }
      assert.is(linksIn(words, LIST).length, model.length);
      assert.is(firstLink(words, LIST), model[0] ?? LIST);
    }
    assert.equal(drain(words), model);
  }));

test('counting ends, whatever somebody has written over the links', () => {
  const words = newList();
  append(words, LIST, linkAt(0));
  append(words, LIST, linkAt(1));
  // The second points to the first: it would never come back to the list.
  words[linkAt(1)] = linkAt(0);
  assert.ok(linksIn(words, LIST).length <= words.length);
});

test.run();
