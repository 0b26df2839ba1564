// How long it takes, in µs, from the last that a worker does before its memory is full until the host says that it has ended,
// with nothing of this package: what a lock that it holds can be told by at the earliest.
import { Worker } from 'node:worker_threads';
import { serve } from '../lib/serve.mjs';
import { isMainThread, workerData } from '../lib/threads.mjs';

/** As in death.mjs. */
const WAITED = 100;
const HEAP_MB = 32;

const sinceEpoch = () => performance.timeOrigin + performance.now();

async function measure() {
  const times = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(import.meta.url), {
    workerData: times,
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  // That its memory is full is what is wanted.
  worker.on('error', () => {});
  await new Promise((resolve) => worker.on('exit', resolve));
  return (sinceEpoch() - times[0]) * 1e3;
}

if (isMainThread) {
  serve(measure);
} else {
  const times = workerData;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAITED);
  for (const filled = []; ; times[0] = sinceEpoch()) filled.push(new Array(10_000).fill(filled.length));
}
