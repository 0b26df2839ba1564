// What the workers of the portable tests do. Each of these functions is loaded in workers of every host, bundled or not.
import { type Arena, countWaits, detectDeadlocks } from 'atomics-sync-free';
import type { GIL } from 'atomics-sync-free/gil';
import {
  type Barrier,
  type Condition,
  type Connection,
  currentProcess,
  Event,
  type JoinableQueue,
  Lock,
  type Queue,
  type RLock,
  type RWLock,
  registerError,
  type Semaphore,
  task,
  type Value,
  wait,
} from 'atomics-sync-free/multiprocessing';
import { currentThread, Thread } from 'atomics-sync-free/threading';
import { start } from 'atomics-sync-free/trace';

/** Longer than anything here takes, in ms. */
const LONG = 20_000;

export class OutOfCheese extends Error {
  override name = 'OutOfCheese';
}
registerError(OutOfCheese, 'OutOfCheese');

export const square = task(import.meta.url, 'square', (x: number) => x * x);
export const add = task(import.meta.url, 'add', (a: number, b: number) => a + b);
export const isLock = task(import.meta.url, 'isLock', (lock: unknown) => lock instanceof Lock);
export const nameOfThread = task(import.meta.url, 'nameOfThread', () => currentThread().name);
export const nameOfProcess = task(import.meta.url, 'nameOfProcess', () => currentProcess().name);
export const failing = task(import.meta.url, 'failing', (): number => {
  throw Object.assign(new OutOfCheese('no cheese'), { shelf: 3 });
});
export const failingInside = task(import.meta.url, 'failingInside', (queue: Queue<unknown>, lock: Lock) => {
  try {
    lock.hold(10);
  } catch (timeout) {
    try {
      queue.getNowait();
    } catch (empty) {
      return [timeout, empty];
    }
  }
  return [];
});
export const endless = task(import.meta.url, 'endless', () => new Promise<never>(() => setInterval(() => {}, 1000)));
/** Ends the process that is the worker, where there is such a thing. */
export const exits = task(import.meta.url, 'exits', (code: number): void => {
  (globalThis as unknown as { process: { exit(code: number): never } }).process.exit(code);
});
/** A thread that starts a thread. */
export const squareByAnother = task(import.meta.url, 'squareByAnother', async (x: number) => {
  const thread = new Thread({ target: square, args: [x] });
  thread.start();
  await thread.joinAsync({ timeout: LONG });
  return thread.result;
});

/** Adds 1 repeatedly, by a load and a separate store. */
export const increments = task(
  import.meta.url,
  'increments',
  (words: Int32Array, times: number, lock: Lock | RLock): number => {
    for (let i = 0; i < times; i++) lock.run(() => words[0]++);
    return times;
  },
);

export const incrementsInTasks = task(
  import.meta.url,
  'incrementsInTasks',
  async (words: Int32Array, times: number, lock: Lock): Promise<void> => {
    const one = async (): Promise<void> => {
      for (let i = 0; i < times; i++) {
        await lock.runAsync(async () => {
          const seen = words[0];
          await Promise.resolve();
          words[0] = seen + 1;
        });
      }
    };
    await Promise.all([one(), one()]);
  },
);

/** The most that were inside at once. */
export const crowds = task(
  import.meta.url,
  'crowds',
  (semaphore: Semaphore, words: Int32Array, times: number): number => {
    let most = 0;
    for (let i = 0; i < times; i++) {
      semaphore.run(() => {
        most = Math.max(most, Atomics.add(words, 0, 1) + 1);
        Atomics.sub(words, 0, 1);
      });
    }
    return most;
  },
);

export const waitsFor = task(import.meta.url, 'waitsFor', (event: Event, ready: Event): boolean => {
  ready.set();
  return event.wait(LONG);
});

export const waitsInCondition = task(
  import.meta.url,
  'waitsInCondition',
  (condition: Condition, words: Int32Array, ready: Event): number => {
    condition.acquire();
    ready.set();
    condition.waitFor(() => words[0] > 0, LONG);
    const got = words[0]--;
    condition.release();
    return got;
  },
);

export const meets = task(import.meta.url, 'meets', (barrier: Barrier): number => barrier.wait(LONG));

export const reads = task(import.meta.url, 'reads', (lock: RWLock, inside: Semaphore, done: Event): boolean =>
  lock.readLock.run(() => {
    inside.release();
    return done.wait(LONG);
  }),
);

export const writes = task(import.meta.url, 'writes', (lock: RWLock, words: Int32Array, times: number): void => {
  for (let i = 0; i < times; i++) lock.writeLock.run(() => words[0]++);
});

export const givesUp = task(import.meta.url, 'givesUp', (lock: Lock): boolean => lock.acquire(20));

/** For how long a busy one is, in ms. */
const BUSY_MS = 500;

/** Holds something, says so, and stays: idle, perhaps after having been busy, or blocked. */
export const holds = task(
  import.meta.url,
  'holds',
  (lock: Lock, held: Event, how: 'idle' | 'busy' | 'blocked' | 'waits'): unknown => {
    lock.acquire();
    held.set();
    if (how === 'busy') for (const end = performance.now() + BUSY_MS; performance.now() < end; );
    if (how === 'waits') return new Event().wait();
    if (how === 'blocked') return Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    return new Promise(() => setInterval(() => {}, 1000));
  },
);

/** @returns the code of what the call fails with */
export const asksFor = task(import.meta.url, 'asksFor', (lock: Lock, begun: Event, timeout: number): string => {
  begun.set();
  try {
    return `no error, but ${lock.acquire(timeout)}`;
  } catch (error) {
    return (error as { readonly code: string }).code;
  }
});

export const holdsPermit = task(
  import.meta.url,
  'holdsPermit',
  (semaphore: Semaphore, lock: RWLock, held: Event): Promise<never> => {
    semaphore.hold();
    lock.acquireRead();
    held.set();
    return new Promise(() => setInterval(() => {}, 1000));
  },
);

/** Takes one lock, and when the other thread has the other one, that as well. */
export const takesBoth = task(
  import.meta.url,
  'takesBoth',
  (mine: RLock, other: RLock, both: Barrier, ask: boolean): string => {
    if (ask) detectDeadlocks();
    return mine.run(() => {
      both.wait(LONG);
      try {
        return other.run(() => 'took both');
      } catch (error) {
        return (error as Error).name;
      }
    });
  },
);

export const givesUpCounted = task(import.meta.url, 'givesUpCounted', (lock: Lock, ask: boolean): boolean => {
  if (ask) countWaits();
  return lock.acquire(20);
});

export const waitsTraced = task(import.meta.url, 'waitsTraced', (arena: Arena, lock: Lock): void => {
  start({ arena, name: 'other' });
  lock.run(() => {});
});

/** Counts under a GIL, with a step between load and store that no switch may come into. */
export const countsUnderGil = task(
  import.meta.url,
  'countsUnderGil',
  (gil: GIL, words: Int32Array, times: number): void => {
    gil.acquire();
    for (let i = 0; i < times; i++) {
      words[0]++;
      gil.checkpoint();
    }
    gil.release();
  },
);

export const produces = task(import.meta.url, 'produces', (queue: Queue<number[]>, id: number, times: number): void => {
  for (let i = 0; i < times; i++) queue.put([id, i]);
});
export const relays = task(
  import.meta.url,
  'relays',
  (from: Queue<unknown>, to: Queue<unknown>, times: number): void => {
    for (let i = 0; i < times; i++) to.put(from.get(LONG));
  },
);
export const relaysAsync = task(import.meta.url, 'relaysAsync', async (from: Queue<unknown>, to: Queue<unknown>) => {
  to.put(await from.getAsync({ timeout: LONG }));
});
export const works = task(import.meta.url, 'works', (queue: JoinableQueue<number>, words: Int32Array): void => {
  for (const item of queue) {
    Atomics.add(words, 0, item);
    queue.taskDone();
  }
});
export const echoes = task(import.meta.url, 'echoes', (connection: Connection): void => {
  for (;;) {
    try {
      connection.send(connection.recv(LONG));
    } catch {
      return;
    }
  }
});
export const readyOf = task(import.meta.url, 'readyOf', (queues: Queue<unknown>[]): number =>
  queues.indexOf(wait(queues, LONG)[0] as Queue<unknown>),
);
export const addsToValue = task(import.meta.url, 'addsToValue', (value: Value, times: number): void => {
  for (let i = 0; i < times; i++) value.withLock(() => value.value++);
});
