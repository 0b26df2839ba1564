// Two producers and two consumers, and never more than four items between them.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { attach, Condition, Lock, share } from 'atomics-sync-free';

const CAPACITY = 4;
const ITEMS = 1000;
const END = 0;

/** A ring of integers. A worker that finds it full, or empty, sleeps until the other side has changed that. */
class Queue {
  constructor({ ring, ends, notFull, notEmpty }) {
    Object.assign(this, { ring, ends, notFull, notEmpty });
  }

  /** Both conditions share one lock, which guards the ring and its ends. */
  static create() {
    const lock = new Lock();
    return new Queue({
      ring: new Int32Array(new SharedArrayBuffer(CAPACITY * 4)),
      ends: new Int32Array(new SharedArrayBuffer(2 * 4)), // how many were put, and taken, since the beginning
      notFull: new Condition(lock),
      notEmpty: new Condition(lock),
    });
  }

  get size() {
    return this.ends[0] - this.ends[1];
  }

  put(item) {
    this.notFull.run(() => {
      this.notFull.waitFor(() => this.size < CAPACITY);
      this.ring[this.ends[0]++ % CAPACITY] = item;
      this.notEmpty.notify();
    });
  }

  take() {
    return this.notEmpty.run(() => {
      this.notEmpty.waitFor(() => this.size > 0);
      const item = this.ring[this.ends[1]++ % CAPACITY];
      this.notFull.notify();
      return item;
    });
  }
}

if (isMainThread) {
  const queue = Queue.create();
  const totals = new Int32Array(new SharedArrayBuffer(2 * 4));
  const start = (role) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share({ role, parts: { ...queue }, totals }) });
    return new Promise((resolve) => worker.on('exit', resolve));
  };
  const consumers = [start('consumer'), start('consumer')];
  await Promise.all([start('producer'), start('producer')]);
  for (const _ of consumers) queue.put(END);
  await Promise.all(consumers);
  console.log(`${totals[0]} items, sum ${totals[1]}, ${queue.size} left`); // 2000 items, sum 1001000, 0 left
} else {
  const { role, parts, totals } = attach(workerData);
  const queue = new Queue(parts);
  if (role === 'producer') {
    for (let item = 1; item <= ITEMS; item++) queue.put(item);
  } else {
    for (let item = queue.take(); item !== END; item = queue.take()) {
      Atomics.add(totals, 0, 1);
      Atomics.add(totals, 1, item);
    }
  }
}
