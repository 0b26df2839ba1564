import { getEventListeners } from 'node:events';
import * as assert from 'uvu/assert';
import { onAbort } from '#dist/core/wait/abort.js';
import { suite } from '../support/suite.js';

const test = suite('listening to signals');

test('all listeners are called when the signal aborts, the last one first', () => {
  const abort = new AbortController();
  const called: number[] = [];
  for (let i = 0; i < 5; i++) onAbort(abort.signal, () => called.push(i));
  assert.equal(called, []);
  abort.abort();
  assert.equal(called, [4, 3, 2, 1, 0]);
  abort.abort();
  assert.equal(called, [4, 3, 2, 1, 0]);
});

test('a listener that is removed is not called, and the others are', () => {
  const abort = new AbortController();
  const called: number[] = [];
  const back = Array.from({ length: 5 }, (_, i) => onAbort(abort.signal, () => called.push(i)));
  back[0]();
  back[3]();
  back[3]();
  abort.abort();
  assert.equal(called, [4, 2, 1]);
  back[1]();
});

test('a listener that is removed by one called before it is not called', () => {
  const abort = new AbortController();
  const called: string[] = [];
  const second = onAbort(abort.signal, () => called.push('second'));
  onAbort(abort.signal, () => {
    called.push('first');
    second();
  });
  abort.abort();
  assert.equal(called, ['first']);
});

test('a signal has one listener, however many wait, at one time or one after the other', () => {
  const { signal } = new AbortController();
  for (let i = 0; i < 1000; i++) {
    const back = onAbort(signal, () => {});
    if (i % 2 === 0) back();
  }
  assert.is(getEventListeners(signal, 'abort').length, 1);
});

test('signals are told apart', () => {
  const [one, other] = [new AbortController(), new AbortController()];
  const called: string[] = [];
  onAbort(one.signal, () => called.push('one'));
  onAbort(other.signal, () => called.push('other'));
  other.abort();
  assert.equal(called, ['other']);
});

test.run();
