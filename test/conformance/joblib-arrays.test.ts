/** joblib's tests of memory maps, for arrays passed in shared memory, under the same names in camelCase. */
import { type DelayedCall, Parallel } from 'atomics-sync-free/joblib';
import * as assert from 'uvu/assert';
import { looksAt } from '../joblib/parallel.tasks.js';
import { suite } from '../support/suite.js';

const test = suite('joblib arrays');

type Seen =
  Awaited<ReturnType<Parallel['runAsync']>> extends (infer _)[]
    ? { readonly isShared: boolean; readonly last: number; readonly before: number }
    : never;

const shared = (seen: readonly Seen[]): boolean[] => seen.map(({ isShared }) => isShared);
const array = (length: number, value = 1): Float64Array => new Float64Array(length).fill(value);

test('memmappingPoolForLargeArrays', () => {
  const parallel = new Parallel({ nJobs: 2, maxNbytes: 40 });
  assert.equal(shared(parallel.run([looksAt(array(4), 1), looksAt(array(5), 1), looksAt({ deep: [array(500)] }, 1)])), [
    false,
    true,
    true,
  ]);
});

test('memmappingPoolForLargeArraysDisabled', () => {
  const calls = (): DelayedCall<Seen>[] => [looksAt(array(500_000), 1)];
  assert.equal(shared(new Parallel({ nJobs: 2 }).run(calls())), [false]);
  assert.equal(shared(new Parallel({ nJobs: 2, maxNbytes: Infinity }).run(calls())), [false]);
});

test('autoMemmapOnArraysFromGenerator', () => {
  function* input(): Generator<DelayedCall<Seen>> {
    for (let i = 0; i < 20; i++) yield looksAt(array(50, i), i);
  }
  const seen = new Parallel({ nJobs: 2, maxNbytes: 100 }).run(input());
  assert.ok(seen.every(({ isShared, last }, i) => isShared && last === i));
});

test('manyParallelCallsOnSameObject', () => {
  const large = array(2000, 3);
  for (let i = 0; i < 5; i++) {
    const seen = new Parallel({ nJobs: 2, maxNbytes: 100 }).run(Array.from({ length: 10 }, () => looksAt(large, 3)));
    assert.ok(seen.every(({ isShared, before, last }) => isShared && before === 3 && last === 3));
  }
});

test('mutateInputWithThreads', () => {
  const zeros = new Float64Array(new SharedArrayBuffer(80));
  const parts = [0, 2, 4, 6].map((i) => zeros.subarray(i, i + 2));
  new Parallel({ nJobs: 2, require: 'sharedmem' }).run(parts.map((part, i) => looksAt(part, i + 1)));
  assert.equal([...zeros], [1, 0, 2, 0, 3, 0, 4, 0, 0, 0]);
});

test.run();
