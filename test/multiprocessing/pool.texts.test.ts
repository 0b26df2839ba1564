import * as assert from 'uvu/assert';
import { Texts } from '#dist/multiprocessing/pool/texts.js';
import { Codec } from '#dist/tasks/codec/index.js';
import { suite } from '../support/suite.js';

const test = suite('texts of the functions of a pool');

const codec = new Codec();

test('a text is read where it stands, even by a reader that saw the memory before it grew', () => {
  const texts = new Texts();
  const reader = new Texts(texts.buffer);
  const written = ['a', 'b'.repeat(5000), 'c'.repeat(100_000)];
  const places = written.map((text) => texts.add(codec.encodeToBytes(text)));
  assert.equal(
    places.map((at) => reader.read(at, codec)),
    written,
  );
  assert.is(reader.read(places[0], codec), 'a');
});

test('there is no place for a text that is too long, and shorter ones find theirs after it', () => {
  const texts = new Texts();
  assert.is(texts.add(new Uint8Array(texts.buffer.maxByteLength)), 0);
  assert.is(texts.read(texts.add(codec.encodeToBytes('short')), codec), 'short');
});

test.run();
