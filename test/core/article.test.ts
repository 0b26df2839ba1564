import * as assert from 'uvu/assert';
import { withArticle } from '#dist/core/article.js';
import { suite } from '../support/suite.js';

const test = suite('articles');

test('they go by how the word sounds', () => {
  const nouns =
    'an EventTarget, an AbortSignal, an Int32Array, a Uint8Array, a URL, a User, an Upper, an RLock, an RWLock, an int, an object, a Lock, a Map, a function, a symbol, an SVGElement, a MessagePort, an HTTPError, a GIL, a unit, an undefined';
  for (const noun of nouns.split(', ')) assert.is(withArticle(noun.split(' ')[1]), noun);
});

test.run();
