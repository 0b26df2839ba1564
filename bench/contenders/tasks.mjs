// Async tasks of one agent that take turns at one lock: tasks.mjs KIND TASKS. A single task is uncontended. KIND
// `fallback` is our Lock on a host without Atomics.waitAsync.
import { load } from '../lib/builds.mjs';
import { serve, timed } from '../lib/serve.mjs';

const [kind, count] = [process.argv[2], Number(process.argv[3])];
// Before the package is loaded, because it may look for waitAsync then.
if (kind === 'fallback') delete Atomics.waitAsync;
const { Lock, RLock, Semaphore } = await load();

const acquireAsync = (one) => async (n, inside) => {
  for (let i = 0; i < n; i++) {
    await one.acquireAsync();
    if (inside !== undefined) await inside;
    one.release();
  }
};

/** For locks whose acquisition resolves to an object with `release`. */
const acquire = (take) => async (n, inside) => {
  for (let i = 0; i < n; i++) {
    const held = await take();
    if (inside !== undefined) await inside;
    held.release();
  }
};

const kinds = {
  Lock: () => acquireAsync(new Lock()),
  fallback: () => acquireAsync(new Lock()),
  Semaphore: () => acquireAsync(new Semaphore(1)),
  RLock: () => {
    const lock = new RLock();
    return acquire(() => lock.holdAsync());
  },
  'async-mutex': async () => {
    const { Mutex } = await import('async-mutex');
    const mutex = new Mutex();
    return async (n, inside) => {
      for (let i = 0; i < n; i++) {
        const release = await mutex.acquire();
        if (inside !== undefined) await inside;
        release();
      }
    };
  },
  multithreading: async () => {
    const { Mutex } = await import('./multithreading.mjs');
    const mutex = new Mutex();
    return async (n, inside) => {
      for (let i = 0; i < n; i++) {
        const guard = await mutex.lock();
        if (inside !== undefined) await inside;
        guard.dispose();
      }
    };
  },
  v8: () => {
    const mutex = new Atomics.Mutex();
    return async (n, inside) => {
      for (let i = 0; i < n; i++)
        await Atomics.Mutex.lockAsync(mutex, inside === undefined ? () => {} : async () => inside);
    };
  },
};

const task = await kinds[kind]();
// Held across an await, so that the others find it taken.
const inside = count === 1 ? undefined : Promise.resolve();
const loop = timed(async (n) => {
  const each = Math.ceil(n / count);
  await Promise.all(Array.from({ length: count }, () => task(each, inside)));
}, count);
serve(loop);
