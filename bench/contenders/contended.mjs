// Threads that add to one counter under one lock: contended.mjs KIND THREADS. KIND `none` has no lock, to
// show what the machine itself does to threads.
import { attach, Lock, share } from 'atomics-sync-free';
import { BareLock } from '../lib/bare.mjs';
import { serve } from '../lib/serve.mjs';
import { BUCKETS, bucketOf } from '../lib/stats.mjs';
import { isMainThread, serveThreads, Threads } from '../lib/threads.mjs';
import { work } from '../lib/work.mjs';

const [kind, most] = [process.argv[2], Number(process.argv[3])];

/** For each kind: what is sent to the threads, and the loop of a thread. */
const kinds = {
  none: { make: () => null, loop: () => (body) => plainLoop({ acquire() {}, release() {} }, body) },
  ours: { make: () => share(new Lock()), loop: (lock) => (body) => plainLoop(attach(lock), body) },
  bare: {
    make: () => new Int32Array(new SharedArrayBuffer(64)),
    loop: (words) => (body) => plainLoop(new BareLock(words, 0), body),
  },
  multithreading: {
    make: () => new SharedArrayBuffer(4),
    loop: async (buffer) => {
      const { Mutex } = await import('./multithreading.mjs');
      const mutex = new Mutex(undefined, buffer);
      return (body) => () => {
        while (!body.isStopped()) {
          const start = body.begin();
          const guard = mutex.blockingLock();
          body.section(start);
          guard.dispose();
        }
      };
    },
  },
  v8: {
    make: () => {
      const holder = new (SharedStructType(['mutex']))();
      holder.mutex = new Atomics.Mutex();
      return holder;
    },
    loop: (holder) => {
      const { mutex } = holder;
      return (body) => {
        let start = 0;
        const section = () => body.section(start);
        return () => {
          while (!body.isStopped()) {
            start = body.begin();
            Atomics.Mutex.lock(mutex, section);
          }
        };
      };
    },
  },
};

function plainLoop(lock, body) {
  return () => {
    while (!body.isStopped()) {
      const start = body.begin();
      lock.acquire();
      body.section(start);
      lock.release();
    }
  };
}

// What all threads see: first the words of the round; then those of each thread, on separate cache lines.
const COUNTER = 0;
const TURNS = 1;
const EACH = 2;
const SEED = 3;
/** The one thread that runs in the round, or EVERY. */
const ONLY = 4;
const EVERY = -1;
const HEAD = 16;
const OPERATIONS = 0;
const LONGEST = 1;
const HISTOGRAM = 8;
const BLOCK = HISTOGRAM + BUCKETS;

class Body {
  constructor(figures, index, isStopped) {
    this.figures = figures;
    this.own = HEAD + index * BLOCK;
    this.isStopped = isStopped;
    this.each = false;
    this.turns = 0;
  }

  begin() {
    return this.each ? performance.now() : 0;
  }

  section(start) {
    const { figures, own } = this;
    if (this.each) {
      const ns = (performance.now() - start) * 1e6;
      figures[own + HISTOGRAM + bucketOf(ns)]++;
      if (ns > figures[own + LONGEST]) figures[own + LONGEST] = ns;
    }
    figures[COUNTER]++;
    if (this.turns !== 0) figures[SEED] = work(this.turns, figures[SEED]);
    figures[own + OPERATIONS]++;
    // Without a lock, an operation is as long as the section: a thread is interrupted nowhere else.
    if (this.each && kind === 'none') {
      const ns = (performance.now() - start) * 1e6;
      if (ns > figures[own + LONGEST]) figures[own + LONGEST] = ns;
    }
  }
}

/** How many operations warm up a thread alone. */
const ALONE = 20_000;
/** How long all of them are warmed up together, in ms. */
const TOGETHER = 400;

if (isMainThread) {
  const figures = new Float64Array(new SharedArrayBuffer((HEAD + most * BLOCK) * 8));
  const threads = await Threads.start(import.meta.url, most, { figures, lock: kinds[kind].make() });
  const clock = new Int32Array(new SharedArrayBuffer(4));
  const run = (count, turns, window, each, only = EVERY) => {
    figures.fill(0);
    figures[ONLY] = only;
    figures[TURNS] = turns;
    figures[EACH] = each;
    threads.begin(count);
    const before = process.resourceUsage();
    const start = performance.now();
    threads.go();
    if (only === EVERY) Atomics.wait(clock, 0, 0, window);
    else while (figures[HEAD + only * BLOCK + OPERATIONS] < ALONE) Atomics.wait(clock, 0, 0, 1);
    threads.stop();
    // Threads that wait now still get their turn, so the time counts until then.
    threads.join(count);
    const elapsed = performance.now() - start;
    const after = process.resourceUsage();
    const blocks = Array.from({ length: count }, (_, i) => figures.subarray(HEAD + i * BLOCK, HEAD + (i + 1) * BLOCK));
    const counts = blocks.map((block) => block[OPERATIONS]);
    return {
      counts,
      buckets: Array.from({ length: BUCKETS }, (_, b) => blocks.reduce((sum, block) => sum + block[HISTOGRAM + b], 0)),
      lost: counts.reduce((a, b) => a + b, 0) - figures[COUNTER],
      longest: Math.max(...blocks.map((block) => block[LONGEST])),
      elapsed,
      cpu: (after.userCPUTime + after.systemCPUTime - before.userCPUTime - before.systemCPUTime) / 1e3,
      sleeps: after.voluntaryContextSwitches - before.voluntaryContextSwitches,
    };
  };
  // Every thread compiles the lock for itself, and a window of long sections has too few turns for that. So each is
  // warmed up: alone, for the lock and the section; then with the others, for the paths that wait.
  for (const each of [0, 1]) {
    for (let i = 0; i < most; i++) run(most, 100, 0, each, i);
    run(most, 100, TOGETHER, each);
  }
  serve((count, _ns, turns, window, each) => run(count, turns, window, each));
} else {
  serveThreads(async ({ figures, lock }, index, isStopped) => {
    const body = new Body(figures, index, isStopped);
    const loop = (await kinds[kind].loop(lock))(body);
    return () => {
      if (figures[ONLY] !== EVERY && figures[ONLY] !== index) return;
      body.each = figures[EACH] === 1;
      body.turns = figures[TURNS];
      loop();
    };
  });
}
