// Two threads that take turns: pingpong.mjs KIND PRIMITIVE [BUILD]. The main thread is one of them. BUILD is the folder
// of another build of the package. KIND `fallback` is ours on a host without Atomics.waitAsync.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { BareBarrier, BareCondition, BareEvent, BareLock, BareSemaphore, CELL } from '../lib/bare.mjs';
import { load } from '../lib/builds.mjs';
import { serve, timed } from '../lib/serve.mjs';
import { isMainThread, serveThreads, Threads } from '../lib/threads.mjs';

const [, , kind, primitive, build] = process.argv;
// Before the package is loaded, because it may look for waitAsync then.
if (kind === 'fallback') delete Atomics.waitAsync;
const { attach, Barrier, Condition, Event, Lock, Semaphore, share } = await load(build);

// --- how turns are taken through each primitive ---

/** By two primitives, each released by the other thread: locks that anyone may release, or semaphores. */
const byTwo = (a, b) => ({
  ping: (n) => {
    for (let i = 0; i < n; i++) {
      b.release();
      a.acquire();
    }
  },
  pong: (n) => {
    for (let i = 0; i < n; i++) {
      b.acquire();
      a.release();
    }
  },
});

/** The same with tasks that wait. */
const byTwoAsync = (a, b) => ({
  ping: async (n) => {
    for (let i = 0; i < n; i++) {
      b.release();
      await a.acquireAsync();
    }
  },
  pong: async (n) => {
    for (let i = 0; i < n; i++) {
      await b.acquireAsync();
      a.release();
    }
  },
});

const byEvents = (a, b) => ({
  ping: (n) => {
    for (let i = 0; i < n; i++) {
      b.set();
      a.wait();
      a.clear();
    }
  },
  pong: (n) => {
    for (let i = 0; i < n; i++) {
      b.wait();
      b.clear();
      a.set();
    }
  },
});

/** By a word, under a lock, that says whose turn it is. */
const byCondition = (turn, lock, wait, notify) => ({
  ping: (n) => {
    lock(() => {
      for (let i = 0; i < n; i++) {
        turn[0] = 1;
        notify();
        while (turn[0] !== 0) wait();
      }
    });
  },
  pong: (n) => {
    lock(() => {
      for (let i = 0; i < n; i++) {
        while (turn[0] !== 1) wait();
        turn[0] = 0;
        notify();
      }
    });
  },
});

const byBarrier = (barrier) => {
  const meet = (n) => {
    for (let i = 0; i < 2 * n; i++) barrier.wait();
  };
  return { ping: meet, pong: meet };
};

const within = (lock) => (fn) => {
  lock.acquire();
  fn();
  lock.release();
};

// --- the contenders ---

const ours = {
  make: () => {
    const turn = new Int32Array(new SharedArrayBuffer(4));
    if (primitive === 'Lock' || primitive === 'Lock, async') {
      const locks = [new Lock(), new Lock()];
      for (const lock of locks) lock.acquire();
      return share(locks);
    }
    if (primitive === 'Semaphore') return share([new Semaphore(0), new Semaphore(0)]);
    if (primitive === 'Event') return share([new Event(), new Event()]);
    if (primitive === 'Condition') return share([new Condition(new Lock()), turn]);
    return share([new Barrier(2)]);
  },
  sides: (shared) => {
    const [a, b] = attach(shared);
    if (primitive === 'Lock, async') return byTwoAsync(a, b);
    if (primitive === 'Event') return byEvents(a, b);
    if (primitive === 'Barrier') return byBarrier(a);
    if (primitive !== 'Condition') return byTwo(a, b);
    return byCondition(
      b,
      within(a.lock),
      () => a.wait(),
      () => a.notify(),
    );
  },
};

/** `make` makes what the two share; `sides` returns both sides of the game. */
const kinds = {
  ours,
  fallback: ours,
  bare: {
    make: () => {
      const words = new Int32Array(new SharedArrayBuffer(8 * CELL * 4));
      // They are as far apart as ours. Both locks are held at first.
      if (primitive === 'Lock') for (const cell of [0, 1]) new BareLock(words, cell).acquire();
      return words;
    },
    sides: (words) => {
      if (primitive === 'Lock') return byTwo(new BareLock(words, 0), new BareLock(words, 1));
      if (primitive === 'Semaphore') return byTwo(new BareSemaphore(words, 0), new BareSemaphore(words, 1));
      if (primitive === 'Event') return byEvents(new BareEvent(words, 0), new BareEvent(words, 1));
      if (primitive === 'Barrier') return byBarrier(new BareBarrier(words, 0));
      const lock = new BareLock(words, 0);
      const condition = new BareCondition(words, CELL, lock, isMainThread ? 2 : 3);
      return byCondition(
        words.subarray(4 * CELL),
        within(lock),
        () => condition.wait(),
        () => condition.notify(),
      );
    },
  },
  multithreading: {
    make: () => [4, 4, 4].map((bytes) => new SharedArrayBuffer(bytes)),
    sides: async ([first, second, third]) => {
      const { Condvar, Mutex } = await import('./multithreading.mjs');
      const mutex = new Mutex(undefined, first);
      const condition = new Condvar(second);
      let guard;
      return byCondition(
        new Int32Array(third),
        (fn) => {
          guard = mutex.blockingLock();
          fn();
          guard.dispose();
        },
        () => condition.blockingWait(guard),
        () => condition.notifyOne(),
      );
    },
  },
  v8: {
    make: () => {
      const game = new (SharedStructType(['mutex', 'condition', 'turn']))();
      game.mutex = new Atomics.Mutex();
      game.condition = new Atomics.Condition();
      game.turn = 0;
      return game;
    },
    sides: (game) => ({
      ping: (n) => {
        Atomics.Mutex.lock(game.mutex, () => {
          for (let i = 0; i < n; i++) {
            game.turn = 1;
            Atomics.Condition.notify(game.condition, 1);
            while (game.turn !== 0) Atomics.Condition.wait(game.condition, game.mutex);
          }
        });
      },
      pong: (n) => {
        Atomics.Mutex.lock(game.mutex, () => {
          for (let i = 0; i < n; i++) {
            while (game.turn !== 1) Atomics.Condition.wait(game.condition, game.mutex);
            game.turn = 0;
            Atomics.Condition.notify(game.condition, 1);
          }
        });
      },
    }),
  },
};

async function throughThreads() {
  const { make, sides } = kinds[kind];
  if (!isMainThread) {
    serveThreads(async ({ turns, game }) => {
      const { pong } = await sides(game);
      return () => pong(turns[0]);
    });
    return;
  }
  const game = make();
  const turns = new Int32Array(new SharedArrayBuffer(4));
  const threads = await Threads.start(import.meta.url, 1, { turns, game });
  const { ping } = await sides(game);
  serve(
    timed(async (n) => {
      turns[0] = n;
      threads.begin(1);
      threads.go();
      await ping(n);
      threads.join(1);
    }),
  );
}

async function throughMessages() {
  const echo =
    "const { parentPort } = require('node:worker_threads'); parentPort.on('message', (m) => parentPort.postMessage(m));";
  const worker = new Worker(echo, { eval: true });
  await once(worker, 'online');
  let left = 0;
  let end;
  worker.on('message', () => {
    if (--left === 0) end();
    else worker.postMessage(0);
  });
  serve(
    timed(
      (n) =>
        new Promise((resolve) => {
          left = n;
          end = resolve;
          worker.postMessage(0);
        }),
    ),
  );
}

if (kind === 'messages') await throughMessages();
else await throughThreads();
