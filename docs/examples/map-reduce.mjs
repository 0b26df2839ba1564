// How often is each digit the last one of a square? Four workers count their quarters, then add up each other's counts.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { attach, Barrier, share } from 'atomics-sync-free';

const WORKERS = 4;
const NUMBERS = 1_000_000;
const DIGITS = 10;

if (isMainThread) {
  const barrier = new Barrier(WORKERS);
  const counts = new Int32Array(new SharedArrayBuffer(WORKERS * DIGITS * 4)); // a row for each worker
  const sums = new Int32Array(new SharedArrayBuffer(DIGITS * 4));
  for (let me = 0; me < WORKERS; me++) {
    new Worker(new URL(import.meta.url), { workerData: share({ barrier, counts, sums, me }) });
  }
} else {
  const { barrier, counts, sums, me } = attach(workerData);

  const row = counts.subarray(me * DIGITS, (me + 1) * DIGITS);
  for (let n = me; n < NUMBERS; n += WORKERS) row[(n * n) % 10]++;

  barrier.wait(); // all rows are complete
  for (let digit = me; digit < DIGITS; digit += WORKERS) {
    for (let worker = 0; worker < WORKERS; worker++) sums[digit] += counts[worker * DIGITS + digit];
  }

  const last = barrier.wait() === WORKERS - 1; // all sums are complete, and one worker came last
  if (last) console.log(sums.join(' ')); // 100000 200000 0 0 200000 100000 200000 0 0 200000
}
