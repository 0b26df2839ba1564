// Four workers call something that allows five calls in any 50 ms, whoever makes them.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { attach, Semaphore, share } from 'atomics-sync-free';

const LIMIT = 5;
const PERIOD = 50;
const CALLS = 5;

/**
 * A call takes a permit, and gives it back when the period is over. The permit comes back by a timer, and a blocked
 * worker runs no timers: so the wait is an async one.
 */
async function limited(limiter, call) {
  await limiter.acquireAsync();
  call();
  // Date.now() and timers count in whole milliseconds, so that each may be off by one.
  setTimeout(() => limiter.release(), PERIOD + 2);
}

if (isMainThread) {
  const limiter = new Semaphore(LIMIT);
  const times = [1, 2, 3, 4].map(() => new Float64Array(new SharedArrayBuffer(CALLS * 8)));
  const workers = times.map((mine) => new Worker(new URL(import.meta.url), { workerData: share({ limiter, mine }) }));
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.on('exit', resolve))));
  const calls = times.flatMap((theirs) => [...theirs]).sort((a, b) => a - b);
  const kept = calls.every((time, i) => i < LIMIT || time - calls[i - LIMIT] >= PERIOD);
  console.log(`${calls.length} calls, limit ${kept ? 'kept' : 'broken'}`); // 20 calls, limit kept
} else {
  const { limiter, mine } = attach(workerData);
  for (let i = 0; i < CALLS; i++) {
    await limited(limiter, () => {
      mine[i] = Date.now();
    });
  }
}
