// How long it takes, in µs, until the last of a number of sleeping threads is awake: wakeup.mjs KIND THREADS.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { attach, Condition, Event, Lock, Semaphore, share } from 'atomics-sync-free';
import { serve } from '../lib/serve.mjs';
import { isMainThread, serveThreads, Threads } from '../lib/threads.mjs';

const [kind, most] = [process.argv[2], Number(process.argv[3])];

/** How long threads have to fall asleep, in ms. */
const SETTLE = 10;

const within = (lock, fn) => {
  lock.acquire();
  fn();
  lock.release();
};

// A thread that comes late, on a busy machine, must not wait for ever: it waits until the round reaches the target.
const ROUND = 0;
const TARGET = 1;
const isOver = (rounds) => Atomics.load(rounds, ROUND) >= rounds[TARGET];

/** For each kind: what is shared; how a thread waits; how all of them are woken. */
const kinds = {
  bare: {
    make: () => null,
    wait: (_, rounds) => {
      while (!isOver(rounds)) Atomics.wait(rounds, ROUND, rounds[TARGET] - 1);
    },
    wake: (_, rounds) => {
      Atomics.add(rounds, ROUND, 1);
      Atomics.notify(rounds, ROUND);
    },
  },
  Event: {
    make: () => new Event(),
    wait: (event) => event.wait(),
    wake: (event) => event.set(),
    after: (event) => event.clear(),
  },
  Semaphore: {
    make: () => new Semaphore(0),
    wait: (semaphore) => semaphore.acquire(),
    wake: (semaphore, _, count) => semaphore.release(count),
  },
  Condition: {
    make: () => new Condition(new Lock()),
    wait: (condition, rounds) =>
      within(condition.lock, () => {
        while (!isOver(rounds)) condition.wait();
      }),
    wake: (condition, rounds) =>
      within(condition.lock, () => {
        rounds[ROUND]++;
        condition.notifyAll();
      }),
  },
  v8: {
    make: () => {
      const shared = new (SharedStructType(['mutex', 'condition']))();
      shared.mutex = new Atomics.Mutex();
      shared.condition = new Atomics.Condition();
      return shared;
    },
    wait: ({ mutex, condition }, rounds) =>
      Atomics.Mutex.lock(mutex, () => {
        while (!isOver(rounds)) Atomics.Condition.wait(condition, mutex);
      }),
    wake: ({ mutex, condition }, rounds) =>
      Atomics.Mutex.lock(mutex, () => {
        rounds[ROUND]++;
        Atomics.Condition.notify(condition);
      }),
  },
};

const clock = () => Number(process.hrtime.bigint());

async function throughMemory() {
  const { make, wait, wake, after } = kinds[kind];
  const live = (shared) => (kind === 'v8' ? shared : attach(shared));
  if (!isMainThread) {
    serveThreads(({ awake, rounds, shared }, index) => {
      const it = live(shared);
      return () => {
        wait(it, rounds);
        awake[index] = clock();
      };
    });
    return;
  }
  const it = make();
  const awake = new Float64Array(new SharedArrayBuffer(most * 8));
  const rounds = new Int32Array(new SharedArrayBuffer(8));
  const shared = kind === 'v8' ? it : share(it);
  const threads = await Threads.start(import.meta.url, most, { awake, rounds, shared });
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  const measure = (count) => {
    rounds[TARGET] = rounds[ROUND] + 1;
    threads.begin(count);
    threads.go();
    Atomics.wait(nobody, 0, 0, SETTLE + count / 4);
    const start = clock();
    wake(it, rounds, count);
    threads.join(count);
    after?.(it);
    rounds[ROUND] = rounds[TARGET];
    return (Math.max(...awake.subarray(0, count)) - start) / 1e3;
  };
  serve((...counts) => counts.map(measure));
}

async function throughMessages() {
  const source = `
    const { parentPort } = require('node:worker_threads');
    parentPort.on('message', () => parentPort.postMessage(Number(process.hrtime.bigint())));`;
  const workers = Array.from({ length: most }, () => new Worker(source, { eval: true }));
  await Promise.all(workers.map((worker) => once(worker, 'online')));
  const measure = async (count) => {
    const some = workers.slice(0, count);
    const answers = some.map((worker) => once(worker, 'message'));
    const start = clock();
    for (const worker of some) worker.postMessage(0);
    const times = await Promise.all(answers);
    return (Math.max(...times.map(([time]) => time)) - start) / 1e3;
  };
  serve(async (...counts) => {
    const times = [];
    for (const count of counts) times.push(await measure(count));
    return times;
  });
}

if (kind === 'messages') await throughMessages();
else await throughMemory();
