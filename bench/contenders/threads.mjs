// A function that does nothing, or fails, run by a worker: threads.mjs KIND FORM COMLINK. KIND is ours (`Thread`), `bare`
// for a Worker and its messages, or a peer; COMLINK is the folder where comlink is installed. FORM is
//   cold    by a new worker, which then ends
//   first   the same, for the first time in a process
//   warm    by one thread after another, blocking
//   call    awaited, by one running worker
//   error   the same, of a function that throws
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { load } from '../lib/builds.mjs';
import { serve, timed } from '../lib/serve.mjs';

const [, , kind, form, comlinkFolder] = process.argv;
const file = new URL('./threads.worker.mjs', import.meta.url);

const ours = async () => {
  const { fromModule, Pool } = await load(undefined, '/multiprocessing');
  const { Thread } = await load(undefined, '/threading');
  const work = fromModule(file);
  const run = (fresh) => {
    const thread = new Thread({ target: work.nothing, fresh });
    thread.start();
    return thread;
  };
  return {
    cold: async () => {
      const thread = run(true);
      await thread.joinAsync();
      return thread.result;
    },
    warm: () => {
      const thread = run(false);
      thread.join();
      return thread.result;
    },
    open: () => {
      const pool = new Pool(1);
      return { call: (name) => pool.applyAsync(work[name], []) };
    },
  };
};

/** For a pool of one worker: `make` makes it, `run` makes it call a function, `end` ends it. */
const pooled = (make, run, end) => ({
  cold: async () => {
    const pool = await make();
    await run(pool, 'nothing');
    void end(pool);
  },
  open: async () => {
    const pool = await make();
    return { call: (name) => run(pool, name) };
  },
});

const limits = { filename: file.href, minThreads: 1, maxThreads: 1 };
const kinds = {
  Thread: ours,
  bare: () => ({
    cold: async () => {
      await once(new Worker(file, { workerData: { once: true } }), 'message');
    },
    open: () => {
      const worker = new Worker(file, { workerData: { messages: true } });
      return {
        call: async (name) => {
          worker.postMessage(name);
          const [{ error }] = await once(worker, 'message');
          if (error !== undefined) throw error;
        },
      };
    },
  }),
  piscina: async () => {
    const { Piscina } = await import('piscina');
    return pooled(
      () => new Piscina(limits),
      (pool, name) => pool.run(undefined, { name }),
      (pool) => pool.destroy(),
    );
  },
  tinypool: async () => {
    const { Tinypool } = await import('tinypool');
    return pooled(
      () => new Tinypool(limits),
      (pool, name) => pool.run(undefined, { name }),
      (pool) => pool.destroy(),
    );
  },
  workerpool: async () => {
    const { default: workerpool } = await import('workerpool');
    const settings = {
      maxWorkers: 1,
      workerType: 'thread',
      workerThreadOpts: { workerData: { workerpool: true } },
    };
    return pooled(
      () => workerpool.pool(fileURLToPath(file), settings),
      (pool, name) => pool.exec(name, []),
      (pool) => pool.terminate(),
    );
  },
  comlink: async () => {
    const adapter = pathToFileURL(join(comlinkFolder, 'node_modules/comlink/dist/esm/node-adapter.mjs')).href;
    const { wrap } = await import(new URL('./comlink.mjs', adapter).href);
    const { default: endpoint } = await import(adapter);
    return pooled(
      () => {
        const worker = new Worker(file, { workerData: { comlink: adapter } });
        return { worker, api: wrap(endpoint(worker)) };
      },
      ({ api }, name) => api[name](),
      ({ worker }) => worker.terminate(),
    );
  },
};

/** The compiler needs that many turns, on all sides. */
const WARM_UP = 10_000;

/** Like `timed`, for a loop that is warmed up first. */
async function warmed(loop) {
  await loop(WARM_UP);
  return timed(loop);
}

const forms = {
  cold: ({ cold }) =>
    timed(async (n) => {
      for (let i = 0; i < n; i++) await cold();
    }, 4),
  warm: ({ warm }) =>
    warmed((n) => {
      for (let i = 0; i < n; i++) warm();
    }),
  call: async ({ open }) => {
    const { call } = await open();
    return warmed(async (n) => {
      for (let i = 0; i < n; i++) await call('nothing');
    });
  },
  error: async ({ open }) => {
    const { call } = await open();
    return warmed(async (n) => {
      for (let i = 0; i < n; i++) await call('fails').then(refuse, () => {});
    });
  },
};

const refuse = () => {
  throw new Error('it did not fail');
};

if (form === 'first') {
  const own = fileURLToPath(import.meta.url);
  serve(() => Number(execFileSync(process.execPath, [own, kind, 'once', comlinkFolder], { encoding: 'utf8' })));
} else if (form === 'once') {
  const { cold } = await kinds[kind]();
  const start = performance.now();
  await cold();
  process.stdout.write(String((performance.now() - start) * 1e6));
  process.exit();
} else {
  serve(await forms[form](await kinds[kind]()));
}
