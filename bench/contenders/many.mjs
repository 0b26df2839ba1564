// What it costs to make many primitives, to share them and to attach them in another agent, and the room they take:
// many.mjs KIND.
import { once } from 'node:events';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { Arena, attach, Lock, share } from 'atomics-sync-free';
import { serve } from '../lib/serve.mjs';

const kind = process.argv[2];

/** `revive` is undefined if what arrives can be used as it is. */
const kinds = {
  Lock: {
    make: (count) => {
      const arena = new Arena({ byteLength: count * 64 + 65_536 });
      return Array.from({ length: count }, () => new Lock({ arena }));
    },
    give: share,
    revive: attach,
  },
  'Lock, default arena': {
    make: (count) => Array.from({ length: count }, () => new Lock()),
    give: share,
    revive: attach,
  },
  'one buffer each': {
    make: (count) => Array.from({ length: count }, () => new Int32Array(new SharedArrayBuffer(4))),
    give: (all) => all,
    revive: (all) => all,
  },
};

async function multithreading() {
  const { Mutex } = await import('./multithreading.mjs');
  const buffers = new WeakMap();
  return {
    // The package shares through its own pool, but a mutex can also be put on a buffer by hand.
    make: (count) =>
      Array.from({ length: count }, () => {
        const buffer = new SharedArrayBuffer(4);
        const mutex = new Mutex(undefined, buffer);
        buffers.set(mutex, buffer);
        return mutex;
      }),
    give: (all) => all.map((mutex) => buffers.get(mutex)),
    revive: (all) => all.map((buffer) => new Mutex(undefined, buffer)),
  };
}

const { make, give, revive } = kind === 'multithreading' ? await multithreading() : kinds[kind];

if (isMainThread) {
  const worker = new Worker(new URL(import.meta.url), { argv: [kind] });
  worker.on('error', (error) => {
    console.error(error);
    process.exit(1);
  });
  await once(worker, 'message');
  serve(async (count) => {
    globalThis.gc?.();
    const heap = process.memoryUsage().heapUsed;
    const start = performance.now();
    const all = make(count);
    const made = performance.now();
    const bytes = (process.memoryUsage().heapUsed - heap) / count;
    const before = performance.now();
    const data = give(all);
    const given = performance.now();
    worker.postMessage(data);
    const [attached] = await once(worker, 'message');
    return { create: made - start, share: given - before, attach: attached, heap: bytes };
  });
} else {
  let kept;
  parentPort.on('message', (data) => {
    const start = performance.now();
    kept = revive(data);
    parentPort.postMessage(performance.now() - start, kept.length === 0 ? [] : undefined);
  });
  parentPort.postMessage('ready');
}
