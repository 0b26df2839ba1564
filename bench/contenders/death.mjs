// How long it takes, in µs, from the end of a worker that holds a lock until a waiter learns of it:
// death.mjs DOING WAITING [cold]. The time counts from the call of terminate(), or in the worker: from just before
// process.exit(), or from its last action before its memory is full. With `cold`, nobody waits for the lock until its holder
// is ending; ask once in each process, so that this wait is the first of the process.
import { Worker } from 'node:worker_threads';
import { attach, Event, Lock, OwnerDiedError, share } from 'atomics-sync-free';
import { serve } from '../lib/serve.mjs';
import { isMainThread, workerData } from '../lib/threads.mjs';

const [, , doing, waiting, temperature] = process.argv;
/** How long the lock is waited for before its holder ends, in ms. */
const WAITED = temperature === 'cold' ? 0 : 100;
/** The heap of a worker, in MB: small, so that it is soon full. */
const HEAP_MB = 32;
/** Longer than it takes to notice any death, in ms. */
const LIMIT = 10_000;

const sinceEpoch = () => performance.timeOrigin + performance.now();

/** Waits until the holder may end itself, and then for as long as the lock is to be waited for. */
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
  // That it runs out of memory is intended.
  worker.on('error', () => {});
  shared.held.wait(LIMIT);
  if (ENDS_BY_ITSELF.includes(doing)) {
    shared.started.set();
  } else {
    // The random part lets the end fall at any moment between two checks.
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
