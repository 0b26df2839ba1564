// Calls of a function that does nothing, by two workers: pool.mjs KIND FORM. KIND is a Pool or one of its peers, or `port`
// for bare messages; FORM is
//   at once   so many calls, then all of their results
//   awaited   one call after the other
//   chunk 1   a map whose items are a task each
//   map       a map as it is by default
import { Worker } from 'node:worker_threads';
import { load } from '../lib/builds.mjs';
import { serve, timed } from '../lib/serve.mjs';

const [, , kind, form] = process.argv;
const WORKERS = 2;
const file = new URL('./pool.worker.mjs', import.meta.url);

/** By kind, how one call is made: each gives a promise. */
const kinds = {
  Pool: () => (x) => pool.applyAsync(same, [x]),
  port: async () => {
    const workers = Array.from({ length: WORKERS }, () => new Worker(file, { workerData: 'port' }));
    const waiting = workers.map(() => []);
    for (const [i, worker] of workers.entries()) worker.on('message', (x) => waiting[i].shift()(x));
    return (x) =>
      new Promise((resolve) => {
        waiting[x % WORKERS].push(resolve);
        workers[x % WORKERS].postMessage(x);
      });
  },
  piscina: async () => {
    const { Piscina } = await import('piscina');
    const pool = new Piscina({
      filename: file.href,
      minThreads: WORKERS,
      maxThreads: WORKERS,
      concurrentTasksPerWorker: 64,
    });
    return (x) => pool.run(x);
  },
  tinypool: async () => {
    const { Tinypool } = await import('tinypool');
    const pool = new Tinypool({ filename: file.href, minThreads: WORKERS, maxThreads: WORKERS });
    return (x) => pool.run(x);
  },
  workerpool: async () => {
    const { default: workerpool } = await import('workerpool');
    const pool = workerpool.pool(file.pathname, {
      minWorkers: WORKERS,
      maxWorkers: WORKERS,
      workerType: 'thread',
      workerThreadOpts: { workerData: 'workerpool' },
    });
    return (x) => pool.exec('same', [x]);
  },
};

const { Pool, fromModule } = await load(undefined, '/multiprocessing');
const pool = kind === 'Pool' ? new Pool(WORKERS) : undefined;
const { same } = fromModule(file);
const call = await kinds[kind]();

const forms = {
  'at once': (n) => Promise.all(Array.from({ length: n }, (_, i) => call(i))),
  awaited: async (n) => {
    for (let i = 0; i < n; i++) await call(i);
  },
  'chunk 1': (n) =>
    pool.map(
      same,
      Array.from({ length: n }, (_, i) => i),
      { chunkSize: 1 },
    ),
  map: (n) =>
    pool.map(
      same,
      Array.from({ length: n }, (_, i) => i),
    ),
};

// The compiler needs that many, on both sides.
const WARM_UP = { map: 400_000, awaited: 5_000 };
await forms[form](WARM_UP[form] ?? 40_000);
serve(timed(forms[form], form === 'map' ? 10_000 : 512));
