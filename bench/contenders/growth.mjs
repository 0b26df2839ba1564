// How the cost grows with the number of waiters, or of primitives: growth.mjs KIND [MOST].
import { Arena, attach, Condition, Lock, share } from 'atomics-sync-free';
import { serve } from '../lib/serve.mjs';
import { isMainThread, serveThreads, Threads } from '../lib/threads.mjs';

const [kind, most] = [process.argv[2], Number(process.argv[3])];

/** How long threads have to fall asleep, in ms. */
const SETTLE = 20;

const inMain = {
  /** `count` threads sleep on a lock, and get it one after another. */
  threads: async () => {
    const lock = new Lock({ arena: new Arena({ agents: most + 1 }) });
    const threads = await Threads.start(import.meta.url, most, share(lock), {
      resourceLimits: { stackSizeMb: 1, maxYoungGenerationSizeMb: 1, maxOldGenerationSizeMb: 16 },
    });
    const nobody = new Int32Array(new SharedArrayBuffer(4));
    return (count) => {
      lock.acquire();
      threads.begin(count);
      threads.go();
      Atomics.wait(nobody, 0, 0, SETTLE + count);
      const start = performance.now();
      lock.release();
      threads.join(count);
      return ((performance.now() - start) / count) * 1e6;
    };
  },

  /** `count` tasks wait for a lock, and get it one after another. */
  tasks: () => {
    const lock = new Lock();
    return repeated(async (count) => {
      lock.acquire();
      const tasks = Array.from({ length: count }, async () => {
        await lock.acquireAsync();
        lock.release();
      });
      const start = performance.now();
      lock.release();
      await Promise.all(tasks);
      return performance.now() - start;
    });
  },

  /** `count` tasks wait for a condition, and are notified one by one. */
  notify: () => {
    const condition = new Condition(new Lock());
    return repeated(async (count) => {
      const tasks = Array.from({ length: count }, () => condition.lock.runAsync(() => condition.waitAsync()));
      // Once the lock has passed through all of them, the last one waits.
      await condition.lock.acquireAsync();
      const start = performance.now();
      for (let i = 0; i < count; i++) condition.notify();
      const took = performance.now() - start;
      condition.lock.release();
      await Promise.all(tasks);
      return took;
    });
  },

  /** Pairs on `count` locks of one arena, one after another. */
  locks: () => locksOf(false),
  'packed locks': () => locksOf(true),

  /** The same with the bare calls, on separate cache lines. */
  words: () => {
    const words = new Int32Array(new SharedArrayBuffer(most * 64));
    return (count) =>
      pairs(count, (i) => {
        Atomics.compareExchange(words, i * 16, 0, 32);
        Atomics.exchange(words, i * 16, 0);
      });
  },
};

function locksOf(packed) {
  const arena = new Arena({ byteLength: most * 64 + 65_536, packed });
  const locks = Array.from({ length: most }, () => new Lock({ arena }));
  return (count) =>
    pairs(count, (i) => {
      locks[i].acquire();
      locks[i].release();
    });
}

/** @returns {(count: number) => Promise<number>} ns for each waiter, over as many rounds as it takes for `most` waiters */
const repeated = (round) => async (count) => {
  const rounds = Math.ceil(most / count);
  let took = 0;
  for (let i = 0; i < rounds; i++) took += await round(count);
  return (took / (rounds * count)) * 1e6;
};

/** @returns ns for each pair, over at least 100,000 of them */
function pairs(count, pair) {
  const passes = Math.ceil(100_000 / count);
  const start = performance.now();
  for (let pass = 0; pass < passes; pass++) for (let i = 0; i < count; i++) pair(i);
  return ((performance.now() - start) / (passes * count)) * 1e6;
}

if (isMainThread) {
  serve(await inMain[kind]());
} else {
  serveThreads((shared) => {
    const lock = attach(shared);
    return () => {
      lock.acquire();
      lock.release();
    };
  });
}
