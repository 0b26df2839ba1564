// Typed arrays that are sent to the workers without a copy for each call.
import { Parallel } from 'atomics-sync-free/joblib';
import * as assert from 'uvu/assert';
import { SharedArrays } from '#dist/joblib/parallel/shared-arrays.js';
import { untilCollected } from '../support/garbage.js';
import { suite } from '../support/suite.js';
import { looksAt } from './parallel.tasks.js';

const test = suite('arrays of Parallel');

const array = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => i + 1);

test('an array over shared memory is sent as it is, wherever it stands, and writes into it are seen by all', () => {
  const shared = new Float64Array(new SharedArrayBuffer(80)).fill(7);
  const parallel = new Parallel({ nJobs: 2, batchSize: 1 });
  const [seen] = parallel.run([looksAt(shared, 8)]);
  assert.equal(seen, { isShared: true, name: 'Float64Array', length: 10, last: 7, before: 7 });
  assert.is(shared[0], 8);
  const [deep] = parallel.run([looksAt({ deep: [shared.subarray(2)] }, 9)]);
  assert.equal([deep.isShared, deep.length, shared[2]], [true, 8, 9]);
});

test('with maxNbytes, large arrays are copied once for all calls, and small ones for each call', async () => {
  const [large, small] = [array(1000), array(10)];
  const parallel = new Parallel({ nJobs: 2, maxNbytes: 8000 });
  const seen = await parallel.runAsync([1, 2, 3, 4].map((mark) => looksAt(large, mark)));
  for (const each of seen)
    assert.equal({ ...each, before: 0 }, { isShared: true, name: 'Float64Array', length: 1000, last: 1000, before: 0 });
  // One call was the first; the others saw the mark of another.
  assert.is(seen.filter(({ before }) => before === 1).length >= 1, true);
  assert.is(large[0], 1, 'what the calls write does not come back');
  assert.is(large.buffer.byteLength, 8000);
  for (const each of await parallel.runAsync([looksAt(small, 5), looksAt(small, 5)]))
    assert.equal([each.isShared, each.before], [false, 1]);
  // Another run has a copy of its own.
  large[0] = 50;
  assert.is((await parallel.runAsync([looksAt(large, 5)]))[0].before, 50);
});

test('with one job, arrays are passed as they are', () => {
  const large = array(1000);
  const [here] = new Parallel({ nJobs: 1, maxNbytes: 0 }).run([looksAt(large, -1)]);
  assert.equal([here.isShared, large[0]], [false, -1]);
});

test('with processes, each call has an array of its own, whatever maxNbytes is', () => {
  const large = array(1000);
  const parallel = new Parallel({ nJobs: 2, backend: 'processes', maxNbytes: 0, batchSize: 1 });
  for (const seen of parallel.run([2, 3, 4].map((mark) => looksAt(large, mark))))
    assert.equal(seen, { isShared: false, name: 'Float64Array', length: 1000, last: 1000, before: 1 });
  assert.is(large[0], 1);
});

test('arrays to share are found within objects, views and cycles are preserved, and all else stays the same', () => {
  const arrays = new SharedArrays(64);
  const big = array(100);
  const [bytes, own, small] = [Buffer.alloc(100), new (class Own extends Float64Array {})(100), array(7)];
  const given = [1, 'text', null, small, bytes, own, new DataView(big.buffer), new Map([[1, big]])];
  assert.is(arrays.shared(given), given, 'nothing to share, nothing to copy');
  const loop: Record<string, unknown> = { big, part: big.subarray(10, 30), list: [big, new Array(3)] };
  loop.loop = loop;
  const args = [loop, big];
  const [shared, same] = arrays.shared(args) as [typeof loop, Float64Array];
  assert.is(shared.loop, shared);
  assert.equal([...same], [...big]);
  assert.is((shared.big as Float64Array).buffer, same.buffer, 'one copy for all');
  assert.is((shared.list as Float64Array[])[0].buffer, same.buffer);
  assert.equal([...(shared.part as Float64Array)], [...big.subarray(10, 30)]);
  assert.is((shared.list as unknown[][])[1].length, 3);
  assert.is((arrays.shared([big])[0] as Float64Array) === same, false);
  assert.is((arrays.shared([big])[0] as Float64Array).buffer, same.buffer);
  assert.is(loop.big, big, 'the caller keeps what it had');
});

test('an array too large for a ring is still copied, and each call has memory of its own', async () => {
  const huge = new Float64Array(9_000_000);
  huge[0] = 1;
  const calls = [looksAt(huge, 2), looksAt({ deep: [huge] }, 3)];
  for (const seen of await new Parallel({ nJobs: 2, batchSize: 2 }).runAsync(calls))
    assert.equal(seen, { isShared: false, name: 'Float64Array', length: huge.length, last: 0, before: 1 });
  assert.is(huge[0], 1);
});

test('the copies are freed when the run is over', async () => {
  const copies = new Set<WeakRef<SharedArrayBuffer>>();
  const real = globalThis.SharedArrayBuffer;
  globalThis.SharedArrayBuffer = new Proxy(real, {
    construct(target, [bytes]) {
      const memory = new target(bytes);
      if (bytes === 8000) copies.add(new WeakRef(memory));
      return memory;
    },
  });
  try {
    await new Parallel({ nJobs: 2, maxNbytes: 8000 }).runAsync([1, 2].map((mark) => looksAt(array(1000), mark)));
  } finally {
    globalThis.SharedArrayBuffer = real;
  }
  assert.is(copies.size, 2);
  await untilCollected(() => [...copies].every((each) => each.deref() === undefined), 'the copies are collected');
});

test('maxNbytes is a number of bytes', () => {
  for (const maxNbytes of [-1, 1.5, Number.NaN]) assert.throws(() => new Parallel({ maxNbytes }), RangeError);
  assert.throws(() => new Parallel({ maxNbytes: '1M' as never }), /maxNbytes must be a number, not "1M"/);
});

test.run();
