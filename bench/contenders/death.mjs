// How long it takes, in µs, from the end of a worker that holds a lock until whoever waits for it is told:
// death.mjs DOING WAITING [cold]. It is measured from the call of terminate(), or in the worker: from just before
// process.exit(), or from the last that it does before its memory is full. Cold, nobody waits for the lock before its holder
// is ending; to be asked once in a process, so that this wait for it is the first of all.
import { Worker } from 'node:worker_threads';
import { attach, Event, Lock, OwnerDiedError, share } from 'atomics-sync-free';
import { serve } from '../lib/serve.mjs';
import { isMainThread, workerData } from '../lib/threads.mjs';

const [, , doing, waiting, temperature] = process.argv;
/** For how long the lock is waited for before its holder ends, in ms. */
const WAITED = temperature === 'cold' ? 0 : 100;
/** The heap of a worker, in MB: small, so that it is soon full. */
const HEAP_MB = 32;
/** More than any death takes to be noticed, in ms. */
const LIMIT = 10_000;

const sinceEpoch = () => performance.timeOrigin + performance.now();

/** Says that the holder may come to its end by itself, and waits as long as the lock is to be waited for. */
function beWaitedFor({ started, waited }) {
  started.wait();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, waited);
}

/** What the holder is doing at its end. */
const doings = {
  sleeps: () => new Event().wait(),
  computes: () => {
    for (;;);
  },
  idles: () => setInterval(() => {}, 1000),
  exits: ({ times, ...signs }) => {
    beWaitedFor(signs);
    times[0] = sinceEpoch();
    process.exit();
  },
  fills: ({ times, ...signs }) => {
    beWaitedFor(signs);
    for (const filled = []; ; times[0] = sinceEpoch()) filled.push(new Array(10_000).fill(filled.length));
  },
};
const ENDS_BY_ITSELF = ['exits', 'fills'];

const waits = {
  blocks: async (lock) => lock.acquire(LIMIT),
  awaits: (lock) => lock.acquireAsync({ timeout: LIMIT }),
};

async function measure() {
  const shared = { lock: new Lock(), held: new Event(), started: new Event() };
  const times = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(import.meta.url), {
    workerData: { does: doing, shared: share(shared), times, waited: WAITED },
    resourceLimits: { maxOldGenerationSizeMb: HEAP_MB },
  });
  // That its memory is full is what is wanted.
  worker.on('error', () => {});
  shared.held.wait(LIMIT);
  if (ENDS_BY_ITSELF.includes(doing)) {
    shared.started.set();
  } else {
    // So long nobody has looked yet, and the next look comes when it comes.
    if (WAITED > 0) shared.lock.acquire(WAITED + Math.random() * 10);
    times[0] = sinceEpoch();
    void worker.terminate();
  }
  try {
    await waits[waiting](shared.lock);
  } catch (error) {
    if (error instanceof OwnerDiedError) return (sinceEpoch() - times[0]) * 1e3;
    throw error;
  }
  return null;
}

if (isMainThread) {
  serve(measure);
} else {
  const { does, shared, times, waited } = workerData;
  const { lock, held, started } = attach(shared);
  lock.acquire();
  held.set();
  doings[does]({ started, times, waited });
}
