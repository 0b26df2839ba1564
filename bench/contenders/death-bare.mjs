// How long it takes, in µs, from the last action of a worker before its memory is full until the host reports its end,
// without this package: nobody can learn earlier that the holder of a lock has died.
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
  // That it runs out of memory is intended.
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
