import { type Body, explore } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('loops');

test('cost nothing where a thread has none', () => {
  let runs = 0;
  const body: Body = ({ words, at }) => {
    runs++;
    for (let each = 0; each < 3; each++) Atomics.load(words, at.word);
  };
  assert.is(explore({ memory: { word: 0 }, threads: [body] }).verdict, 'ok');
  assert.is(runs, 3, 'once for each step that is new to it, and to its end');
});

test('are found where a thread goes round', () => {
  const waiter: Body = ({ words, at }) => {
    while (Atomics.load(words, at.flag) === 0);
  };
  const setter: Body = ({ words, at }) => void Atomics.store(words, at.flag, 1);
  const result = explore({ memory: { flag: 0 }, threads: [waiter, setter], maxStates: 20 });
  assert.is(result.verdict, 'ok');
  assert.match(result.assumptions.join(), /what loops 3000 times/);
});

test('the result says so where it was not checked whether readers may starve a writer', () => {
  const reader: Body = ({ words, at }) => {
    while (Atomics.load(words, at.writing) === 1);
    Atomics.add(words, at.readers, 1);
    Atomics.sub(words, at.readers, 1);
  };
  const writer: Body = ({ words, at }) => {
    while (Atomics.load(words, at.readers) !== 0);
    Atomics.store(words, at.writing, 1);
    Atomics.store(words, at.writing, 0);
  };
  const result = explore({ memory: { readers: 0, writing: 0 }, threads: [reader, reader, writer] });
  assert.is(result.verdict, 'ok');
  assert.match(String(result), /no thread loops for ever while others take their turns, which is not checked/);
  const straight = explore({ memory: { writing: 0 }, threads: [({ words, at }) => Atomics.load(words, at.writing)] });
  assert.equal(straight.assumptions, []);
});

test.run();
