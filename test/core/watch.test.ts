import * as assert from 'uvu/assert';
import { watch } from '#dist/core/wait/watch.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('watching a gate');

/** For the rest of the test, a host that has no Atomics.waitAsync. */
function withoutWaitAsync(): void {
  const { waitAsync } = Atomics;
  Reflect.deleteProperty(Atomics, 'waitAsync');
  atTestEnd(() => {
    Atomics.waitAsync = waitAsync;
  });
  assert.is(Atomics.waitAsync, undefined);
}

const gates = (): Int32Array => new Int32Array(new SharedArrayBuffer(8));

function change(words: Int32Array): void {
  Atomics.add(words, 1, 1);
  Atomics.notify(words, 1);
}

/** A watch of the second word, which was seen with this value, and how often it was told of a change. */
function watched(words: Int32Array, seen: number) {
  const told = { times: 0 };
  const cancel = watch(words, 1, seen, () => {
    told.times++;
  });
  return { told, cancel };
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

for (const [host, prepare] of [
  ['by Atomics.waitAsync', () => {}],
  ['by a timer, where there is none', withoutWaitAsync],
] as const) {
  test(`${host}: a change is reported once, and not synchronously`, async () => {
    prepare();
    const words = gates();
    const { told, cancel } = watched(words, 0);
    assert.type(cancel, 'function');
    change(words);
    assert.is(told.times, 0);
    await until(() => told.times > 0);
    change(words);
    await pause(20);
    assert.is(told.times, 1);
  });

  test(`${host}: a gate that has another value already is not watched`, async () => {
    prepare();
    const words = gates();
    change(words);
    const { told, cancel } = watched(words, 0);
    assert.is(cancel, undefined);
    await pause(20);
    assert.is(told.times, 0);
  });

  test(`${host}: while nothing changes, nothing is reported`, async () => {
    prepare();
    const words = gates();
    const { told, cancel } = watched(words, 0);
    await pause(30);
    assert.is(told.times, 0);
    cancel?.();
  });

  test(`${host}: a watch that is ended leaves none behind`, async () => {
    prepare();
    const words = gates();
    const { cancel } = watched(words, 0);
    cancel?.();
    assert.is(Atomics.notify(words, 1), 0);
    await pause(10);
  });
}

test('by a timer: a watch that is ended reports nothing more, and looks no more', async () => {
  withoutWaitAsync();
  const words = gates();
  const { told, cancel } = watched(words, 0);
  cancel?.();
  change(words);
  const { load } = Atomics;
  let looks = 0;
  Atomics.load = ((array: Int32Array, index: number) => {
    looks++;
    return load(array, index);
  }) as typeof Atomics.load;
  atTestEnd(() => {
    Atomics.load = load;
  });
  await pause(30);
  assert.is(told.times, 0);
  assert.is(looks, 0);
});

test.run();
