// Calls by two workers: pool.mjs KIND FORM. KIND is a Pool, of workers or of child processes, or one of its peers, or bare
// messages to workers (`port`) or to child processes (`child`). FORM is, for a function that does nothing,
//   at once   many calls, then all of their results
//   awaited   one call after another
//   chunk 1   a map with one item per task
//   map       a map with the default chunks
//   megabyte  one call after another, each with 1 MB that comes back
// and also
//   computed  a map whose tasks compute for about a millisecond each
//   start     four workers are started, do something, and are ended
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { load } from '../lib/builds.mjs';
import { serve, timed } from '../lib/serve.mjs';

const [, , kind, form] = process.argv;
const WORKERS = 2;
const STARTED = 4;
const file = new URL('./pool.worker.mjs', import.meta.url);
const counted = (n) => Array.from({ length: n }, (_, i) => i);
/** Items of maps, made once for each number of them: making one takes longer than mapping it. */
let items = [];
const itemsOf = (n) => {
  if (items.length !== n) items = counted(n);
  return items;
};

/** Calls by messages to the others in turn, each of which is answered. */
function byMessages(others, send) {
  const waiting = others.map(() => []);
  for (const [i, other] of others.entries()) other.on('message', (x) => waiting[i].shift()(x));
  let next = 0;
  return (x) =>
    new Promise((resolve) => {
      const i = next++ % others.length;
      waiting[i].push(resolve);
      send(others[i], x);
    });
}

const newWorkers = (many, as) => Array.from({ length: many }, () => new Worker(file, { workerData: as }));

/** By kind, how one call is made: each returns a promise. */
const kinds = {
  Pool: () => (x) => pool.applyAsync(same, [x]),
  'Pool of processes': () => (x) => pool.applyAsync(same, [x]),
  port: () => byMessages(newWorkers(WORKERS, 'port'), (worker, x) => worker.postMessage(x)),
  child: () => {
    const children = Array.from({ length: WORKERS }, () => fork(file, ['child']));
    return byMessages(children, (child, x) => child.send(x));
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
const isOurs = kind.startsWith('Pool');
const pool = isOurs ? new Pool(WORKERS, { context: kind === 'Pool' ? 'worker' : 'process' }) : undefined;
const { burn, meet, same } = fromModule(file);

/** The same work by as many bare workers, each of which gets its part in one message. */
async function computedBare(n) {
  burners ??= byMessages(newWorkers(WORKERS, 'burn'), (worker, x) => worker.postMessage(x));
  await Promise.all(counted(WORKERS).map((i) => burners(Math.floor((n + i) / WORKERS))));
}
let burners;

async function startBare() {
  const workers = newWorkers(STARTED, 'port');
  for (const worker of workers) worker.postMessage(1);
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  await Promise.all(workers.map((worker) => worker.terminate()));
}

async function startPool() {
  const pool = new Pool(STARTED);
  // The first worker to be up would otherwise do the work of those that are still starting.
  const came = new Int32Array(new SharedArrayBuffer(4));
  await pool.starmapAsync(meet, Array(STARTED).fill([came, STARTED]), { chunkSize: 1 });
  pool.terminate();
  await pool.joinAsync();
}

const one = form === 'start' || form === 'computed' ? undefined : await kinds[kind]();
const bytes = new Uint8Array(2 ** 20);
const inTurn = async (n, make) => {
  for (let i = 0; i < n; i++) await one(make(i));
};

const forms = {
  'at once': (n) => Promise.all(counted(n).map((i) => one(i))),
  awaited: (n) => inTurn(n, (i) => i),
  'chunk 1': (n) => pool.map(same, itemsOf(n), { chunkSize: 1 }),
  map: (n) => pool.map(same, itemsOf(n)),
  megabyte: (n) => inTurn(n, () => bytes),
  computed: (n) => (isOurs ? pool.mapAsync(burn, counted(n), { chunkSize: 1 }) : computedBare(n)),
  start: async (n) => {
    for (let i = 0; i < n; i++) await (isOurs ? startPool() : startBare());
  },
};

// The compiler needs that many calls, on both sides: even bare messages to child processes take a third of the time after thousands.
const WARM_UP = { map: 400_000, awaited: 10_000, megabyte: 50, computed: 8_000, start: 1 };
// `computed` runs for half a second: at the end one worker is idle while the other has its last task, which is not part of
// what a task costs.
const FIRST = { map: 10_000, megabyte: 8, computed: 1024, start: 1 };
const isByChildren = kind === 'child' || kind === 'Pool of processes';
await forms[form](WARM_UP[form] ?? 40_000);
serve(timed(forms[form], isByChildren ? 64 : (FIRST[form] ?? 512)));
