// What the workers of rwlock-tasks.test.ts do: the agent whose tasks are in its own way, and the other agent beside it.
import { attach, type RWLock, type Shared, type SyncError } from 'atomics-sync-free';
import { member, type Post } from '../support/member.js';
import { until } from '../support/workers.js';

export interface RWLockData {
  readonly order: keyof typeof orders;
  readonly shared: Shared<RWLock>;
}

type Task = (post: Post<RWLockData>, lock: RWLock) => unknown;

/** What a call does: its answer, or the code of its error. */
function outcome(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return (error as SyncError).code;
  }
}

const orders = {
  async readBesideOwnTask(_, lock) {
    const { readLock } = lock;
    const hold = await readLock.holdAsync();
    await until(() => /writing waiters: agents/.test(`${lock}`));
    // For long enough to starve.
    await new Promise((resolve) => setTimeout(resolve, 20));
    const got = [lock.acquireRead(), readLock.acquire(20_000), readLock.tryAcquire()];
    const nested = readLock.run(() => lock.readers);
    for (const _ of got) lock.releaseRead();
    hold.release();
    return [...got, nested];
  },

  async readBesideOwnBlockingRead(_, lock) {
    lock.acquireRead();
    await until(() => /writing waiters: agents/.test(`${lock}`));
    await new Promise((resolve) => setTimeout(resolve, 20));
    const got = lock.acquireRead();
    lock.releaseRead();
    lock.releaseRead();
    return got;
  },

  write({ tell }, lock) {
    tell('writes');
    lock.acquireWrite();
    lock.releaseWrite();
    return true;
  },

  async holdWrite({ tell, next }, lock) {
    lock.acquireWrite();
    tell('holds');
    await next('let go');
    lock.releaseWrite();
  },

  /** Blocks while its own tasks wait for what another agent has. */
  async blockBesideWaitingTasks({ tell }, lock) {
    // Which of them comes first depends on how long they wait.
    const read = lock.acquireReadAsync().then((got) => {
      lock.releaseRead();
      return got;
    });
    const written = lock.acquireWriteAsync().then((got) => {
      lock.releaseWrite();
      return got;
    });
    tell('blocks');
    const got = [lock.acquireWrite(), outcome(() => lock.acquireRead())];
    lock.releaseWrite();
    return [...got, await read, await written];
  },

  async readBesideWaitingTasks({ tell }, lock) {
    const done = Promise.all([lock.writeLock.runAsync(() => true), lock.readLock.runAsync(() => true)]);
    // Its writing task has asked for its turn, and cannot take it.
    await new Promise((resolve) => setTimeout(resolve, 20));
    tell('blocks');
    const got = [lock.acquireRead(), lock.acquireRead()];
    lock.releaseRead();
    lock.releaseRead();
    return [...got, ...(await done)];
  },
} satisfies Record<string, Task>;

member<RWLockData>((post) => (orders[post.data.order] as Task)(post, attach(post.data.shared)));
