// Functions whose modules do not import the package: workers load little of it for them, as long as that is enough.
import { fromModule, Lock, OwnerDiedError, TimeoutError } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { errorOf, joined, resultOf, started, thrownBy } from '../support/threads.js';
import type * as functions from './small.worker.js';

const test = suite('workers with little of the package');

const { hasPackage, isTimeout, makeLock, timesOut, timesOutLater } = fromModule<typeof functions>(
  new URL('./small.worker.js', import.meta.url),
);

test('the package is not loaded for a function that has nothing to do with it', () => {
  assert.not(resultOf(hasPackage));
  assert.not(resultOf(hasPackage, { list: [1, 'two'] }, new Int32Array(new SharedArrayBuffer(8))));
});

test('it is loaded for a function that is given something of it, at any depth', () => {
  assert.ok(resultOf(hasPackage, { lock: new Lock() }));
  assert.ok(resultOf(hasPackage, [new Error('it failed', { cause: new TimeoutError('it is late') })]));
});

test('a function that loads it recognizes the classes of its arguments', () => {
  assert.ok(resultOf(isTimeout, new TimeoutError('it is late')));
  assert.not(resultOf(isTimeout, new RangeError('it is far')));
});

test('what a function that has loaded it returns or throws arrives with its class', () => {
  assert.instance(errorOf(timesOut), TimeoutError);
  assert.instance(errorOf(timesOutLater), TimeoutError);
  const lock = resultOf(makeLock);
  assert.instance(lock, Lock);
  assert.instance(
    thrownBy(() => lock.acquire(10_000)),
    OwnerDiedError,
  );
});

test('a worker can go on to a function that loads the package, and then to others', () => {
  for (const target of [hasPackage, makeLock, hasPackage]) joined(started<unknown[], unknown>(target, []));
  const thread = joined(started(hasPackage, []));
  assert.not(thread.result);
});

test.run();
