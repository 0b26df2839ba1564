// What the workers of lock.test.ts do.
import { setImmediate } from 'node:timers/promises';
import { attach, type Lock, type Shared } from 'atomics-sync-free';
import { member, type Post } from '../support/member.js';

export interface LockData {
  readonly order: keyof typeof orders;
  readonly shared: Shared<{ lock: Lock }>;
  /** One word, guarded by the lock. */
  readonly count: Int32Array<SharedArrayBuffer>;
  /** One word, by which the test tells a worker that is busy how far things are. */
  readonly signal: Int32Array<SharedArrayBuffer>;
  /** How often to do it, or for how long in ms; what the order makes of it. */
  readonly much: number;
}

/** What `incrementTimed` counts. */
export interface Tally {
  readonly waits: number;
  readonly timeouts: number;
}

type Task = (post: Post<LockData>, lock: Lock) => unknown;

const orders = {
  increment({ data: { count, much } }, lock): Tally {
    for (let i = 0; i < much; i++) {
      lock.acquire();
      count[0]++;
      lock.release();
    }
    return { waits: 0, timeouts: 0 };
  },

  /** Half of the workers hold as threads, half as tasks: two of each worker, so that they meet each other too. */
  async incrementMixed(post, lock): Promise<Tally> {
    const { index, data } = post;
    if (index % 2 === 0) return orders.increment(post, lock) as Tally;
    const { count, much } = data;
    const task = async (times: number): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await lock.acquireAsync();
        count[0]++;
        lock.release();
      }
    };
    await Promise.all([task(Math.ceil(much / 2)), task(Math.floor(much / 2))]);
    return { waits: 0, timeouts: 0 };
  },

  /** Sections of 20 µs; every fourth wait has next to no time. */
  incrementTimed({ data: { count, much } }, lock): Tally {
    let waits = 0;
    let timeouts = 0;
    for (let done = 0; done < much; ) {
      const got = lock.tryAcquire() || lock.acquire(waits++ % 4 === 0 ? 0.001 : Number.POSITIVE_INFINITY);
      if (!got) {
        timeouts++;
        continue;
      }
      const end = performance.now() + 0.02;
      while (performance.now() < end);
      count[0]++;
      lock.release();
      done++;
    }
    return { waits, timeouts };
  },

  /** A task that waits while its event loop does something else for `much` ms, or until the signal is 2. */
  async waitOnBusyLoop({ data: { signal, much }, tell }, lock) {
    const got = lock.acquireAsync();
    tell('waits');
    while (Atomics.load(signal, 0) === 0) await setImmediate();
    const end = performance.now() + much;
    tell('is busy');
    while (performance.now() < end && Atomics.load(signal, 0) < 2);
    await got;
    lock.release();
  },

  /** Blocks for the lock, and answers when it got it, on the clock that all threads share. */
  block({ tell }, lock): bigint {
    tell('waits');
    lock.acquire();
    const at = process.hrtime.bigint();
    lock.release();
    return at;
  },

  /** Blocks for the lock whenever it is told to. */
  async blockAgain({ data: { count, much }, next }, lock) {
    for (let i = 0; i < much; i++) {
      await next('again');
      lock.acquire();
      Atomics.add(count, 0, 1);
      lock.release();
    }
  },

  /** Waits for the lock, as a task, whenever it is told to. */
  async waitAgain({ data: { count, much }, next }, lock) {
    for (let i = 0; i < much; i++) {
      await next('again');
      await lock.acquireAsync();
      Atomics.add(count, 0, 1);
      lock.release();
    }
  },
} satisfies Record<string, Task>;

member<LockData>((post) => {
  const { lock } = attach(post.data.shared);
  return (orders[post.data.order] as Task)(post, lock);
});
