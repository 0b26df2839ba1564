// The targets of threads that run on the same worker, one after the other.
import { MessageChannel, threadId } from 'node:worker_threads';
import 'atomics-sync-free/multiprocessing';
import { currentThread, getIdent, Lock, local, setExcepthook, Thread, task } from 'atomics-sync-free/threading';

const perThread = local(() => ({ count: 0 }));

/** Which worker the thread runs on, and what it knows of itself there. */
export const whoAmI = task(import.meta.url, 'whoAmI', () => {
  const thread = currentThread();
  perThread.count++;
  return {
    worker: threadId,
    ident: getIdent(),
    name: thread.name,
    daemon: thread.daemon,
    isOne: thread.ident === getIdent() && currentThread() === thread,
    count: perThread.count,
  };
});

export const gives = task(import.meta.url, 'gives', <T>(value: T) => value);

export const adds = task(import.meta.url, 'adds', (lock: Lock, sum: Int32Array<SharedArrayBuffer>) => {
  lock.run(() => sum[0]++);
  return { worker: threadId, sum };
});

export const counts = task(import.meta.url, 'counts', (...sums: Int32Array<SharedArrayBuffer>[]) => {
  for (const sum of sums) sum[0]++;
  return { worker: threadId, sums };
});

let last: Int32Array<SharedArrayBuffer> | undefined;

export const remembers = task(import.meta.url, 'remembers', (...sums: Int32Array<SharedArrayBuffer>[]) => {
  last ??= sums.at(-1);
  return { worker: threadId, last };
});

export const makesMemory = task(import.meta.url, 'makesMemory', () => {
  const memory = new Int32Array(new SharedArrayBuffer(8));
  memory[1] = threadId;
  return memory;
});

export const makesMemoryAndLeaves = task(import.meta.url, 'makesMemoryAndLeaves', () => {
  leftovers['a thread'](undefined as never);
  const memory = new Int32Array(new SharedArrayBuffer(8));
  memory[1] = threadId;
  return memory;
});

export const makesLock = task(import.meta.url, 'makesLock', () => {
  const lock = new Lock();
  lock.acquire();
  return lock;
});

export const throws = task(import.meta.url, 'throws', (message: string) => {
  throw new RangeError(message);
});

export const exits = task(import.meta.url, 'exits', (lock: Lock) => {
  lock.acquire();
  process.exit(7);
});

export const waits = task(import.meta.url, 'waits', (words: Int32Array<SharedArrayBuffer>) => {
  Atomics.wait(words, 0, 0, 30_000);
  return threadId;
});

/** Ways of leaving something behind, by what it is. */
const leftovers: Readonly<Record<string, (lock: Lock) => unknown>> = {
  'a lock': (lock) => lock.acquire(),
  'a task that waits': (lock) => {
    lock.acquire();
    void lock.acquireAsync();
    lock.release();
    lock.acquire();
    lock.release();
  },
  'a timer': () => void setTimeout(() => {}, 60_000),
  'a timer that keeps nothing alive': () => void setInterval(() => {}, 60_000).unref(),
  'a port': () => void new MessageChannel().port1.unref(),
  'a listener': () => void process.on('SIGUSR2', () => {}),
  'a global variable': () => Object.assign(globalThis, { left: 1 }),
  'an exit code': () => {
    process.exitCode = 3;
  },
  'an excepthook': () => void setExcepthook(() => {}),
  'another environment': () => {
    process.env = {};
  },
  'a thread': () => {
    const thread = new Thread({ target: () => 1 });
    thread.start();
    thread.join();
  },
  'an error that nobody catches': () => void Promise.reject(new Error('left')),
};
export const LEFTOVERS = Object.keys(leftovers);

export const leaves = task(import.meta.url, 'leaves', (what: string, lock: Lock) => {
  leftovers[what](lock);
  return threadId;
});

/** Does things that leave nothing behind. */
export const tidies = task(import.meta.url, 'tidies', async (lock: Lock) => {
  console.error('from a thread that leaves nothing behind');
  process.env.OF_THREADS = `${process.env.OF_THREADS} changed`;
  await Promise.resolve();
  lock.run(() => {});
  return { worker: threadId, environment: process.env.OF_THREADS };
});

/** Leaves behind work that goes on for ever. */
export const goesOn = task(import.meta.url, 'goesOn', (words: Int32Array<SharedArrayBuffer>) => {
  void (async () => {
    for (;;) {
      Atomics.add(words, 0, 1);
      await undefined;
    }
  })();
  return threadId;
});
