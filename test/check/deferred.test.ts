import * as assert from 'uvu/assert';
import { Deferred } from '#dist/check/deferred.js';
import { suite } from '../support/suite.js';

const test = suite('deferred');

/** A turn that is over when `end` is called. */
function turn() {
  const queue: (() => void)[] = [];
  return {
    queueMicrotask: (callback: () => void): void => void queue.push(callback),
    end: (): void => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) next();
    },
  };
}

test('callbacks run at the end of the turn that resolves it, in order', () => {
  const now = turn();
  const deferred = new Deferred<string>(now);
  const log: string[] = [];
  deferred.then((value) => log.push(`1 ${value}`));
  deferred.then((value) => log.push(`2 ${value}`));
  now.end();
  deferred.resolve('ok');
  assert.equal(log, []);
  now.end();
  deferred.then((value) => log.push(`3 ${value}`));
  assert.equal(log, ['1 ok', '2 ok']);
  now.end();
  assert.equal(log, ['1 ok', '2 ok', '3 ok']);
});

test('then() passes on what its callback gives, and follows another deferred', () => {
  const now = turn();
  const [first, second] = [new Deferred<number>(now), new Deferred<number>(now)];
  const log: number[] = [];
  first
    .then((value) => value + 1)
    .then((value) => second.then((other) => value * other))
    .then((value) => log.push(value));
  first.resolve(1);
  now.end();
  assert.equal(log, []);
  second.resolve(21);
  now.end();
  assert.equal(log, [42]);
});

test.run();
