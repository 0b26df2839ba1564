// A table that all workers fill and read: many may read at the same time, but only one may write.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { attach, RWLock, share } from 'atomics-sync-free';

const KEYS = 16;
const LOOK_UPS = 1000;

class Cache {
  constructor({ lock, known, values, computed }) {
    Object.assign(this, { lock, known, values, computed });
  }

  static create() {
    return new Cache({
      lock: new RWLock(),
      known: new Uint8Array(new SharedArrayBuffer(KEYS)),
      values: new Float64Array(new SharedArrayBuffer(KEYS * 8)),
      computed: new Int32Array(new SharedArrayBuffer(4)), // how often a value had to be computed
    });
  }

  get(key, compute) {
    const found = this.read(key);
    return found ?? this.write(key, compute);
  }

  read(key) {
    const hold = this.lock.holdRead();
    try {
      return this.known[key] ? this.values[key] : undefined;
    } finally {
      hold.release();
    }
  }

  write(key, compute) {
    const hold = this.lock.holdWrite();
    try {
      // Another worker may have written it between the read and this write.
      if (!this.known[key]) {
        this.values[key] = compute(key);
        this.known[key] = 1;
        this.computed[0]++;
      }
      return this.values[key];
    } finally {
      hold.release();
    }
  }
}

if (isMainThread) {
  const cache = Cache.create();
  const wrong = new Int32Array(new SharedArrayBuffer(4));
  const workers = [1, 2, 3, 4].map(
    (seed) => new Worker(new URL(import.meta.url), { workerData: share({ parts: { ...cache }, wrong, seed }) }),
  );
  await Promise.all(workers.map((worker) => new Promise((resolve) => worker.on('exit', resolve))));
  console.log(`${4 * LOOK_UPS} look-ups, ${cache.computed[0]} computed, ${wrong[0]} wrong`); // 4000 look-ups, 16 computed, 0 wrong
} else {
  const { parts, wrong, seed } = attach(workerData);
  const cache = new Cache(parts);
  for (let i = 0; i < LOOK_UPS; i++) {
    const key = (i * seed) % KEYS;
    if (cache.get(key, Math.sqrt) !== Math.sqrt(key)) Atomics.add(wrong, 0, 1);
  }
}
