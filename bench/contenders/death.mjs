// How long it takes, in µs, from the end of a worker that holds a lock until whoever waits for it is told:
// death.mjs DOING WAITING. It is measured from the call of terminate(), or from just before process.exit() in the worker.
import { Worker } from 'node:worker_threads';
import { attach, Event, Lock, OwnerDiedError, share } from 'atomics-sync-free';
import { serve } from '../lib/serve.mjs';
import { isMainThread, workerData } from '../lib/threads.mjs';

/** For how long the lock is waited for before its holder ends, in ms. */
const WAITED = 100;
/** More than any death takes to be noticed, in ms. */
const LIMIT = 10_000;

const sinceEpoch = () => performance.timeOrigin + performance.now();

/** What the holder is doing at its end. */
const doings = {
  sleeps: () => new Event().wait(),
  computes: () => {
    for (;;);
  },
  idles: () => setInterval(() => {}, 1000),
  exits: ({ started, times }) => {
    started.wait();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAITED);
    times[0] = sinceEpoch();
    process.exit();
  },
};

const waits = {
  blocks: async (lock) => lock.acquire(LIMIT),
  awaits: (lock) => lock.acquireAsync({ timeout: LIMIT }),
};

async function measure(doing, waiting) {
  const shared = { lock: new Lock(), held: new Event(), started: new Event() };
  const times = new Float64Array(new SharedArrayBuffer(8));
  const worker = new Worker(new URL(import.meta.url), { workerData: { doing, shared: share(shared), times } });
  shared.held.wait(LIMIT);
  if (doing === 'exits') {
    shared.started.set();
  } else {
    // So long nobody has looked yet, and the next look comes when it comes.
    shared.lock.acquire(WAITED + Math.random() * 10);
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
  const [doing, waiting] = process.argv.slice(2);
  serve(() => measure(doing, waiting));
} else {
  const { doing, shared, times } = workerData;
  const { lock, held, started } = attach(shared);
  lock.acquire();
  held.set();
  doings[doing]({ started, times });
}
