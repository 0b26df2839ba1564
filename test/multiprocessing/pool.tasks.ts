// The functions that the tests of pools and processes call in workers.
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import {
  currentProcess,
  currentTask,
  Lock,
  Pool,
  Process,
  parentProcess,
  type Queue,
  task,
} from 'atomics-sync-free/multiprocessing';

const here = import.meta.url;

export const square = task(here, 'square', (x: number) => x * x);
export const same = task(here, 'same', <T>(x: T): T => x);
/** Half of a number, or a text for anything else. */
export const half = task(here, 'half', (x: unknown) => (typeof x === 'number' ? x / 2 : `half of ${typeof x}`));
export const subtract = task(here, 'subtract', (a: number, b: number) => a - b);
export const later = task(here, 'later', async (x: number, ...[ms = 1]: [ms?: number]) => {
  await sleep(ms);
  return x;
});
export const lateBy20 = task(here, 'lateBy20', async (x: number) => {
  await sleep(20);
  return x;
});
export const exit = task(here, 'exit', (code: number) => process.exit(code));
/** Ends its worker for any code other than 0. */
export const exitUnless0 = task(here, 'exitUnless0', (code: number) => (code === 0 ? 0 : process.exit(code)));
export const lateUnlessThree = task(here, 'lateUnlessThree', async (x: number) => {
  await null;
  if (x === 3) throw new RangeError('three');
  return x;
});

export const notThree = task(here, 'notThree', (x: number) => {
  if (x === 3) throw new RangeError('three');
  return x;
});
export const spin = task(here, 'spin', (): number => {
  for (;;);
});
/** Puts an item after `ms`, and ends once somebody has taken it. */
export const putInAWhile = task(here, 'putInAWhile', async (queue: Queue<number>, ms: number) => {
  await sleep(ms);
  queue.put(1);
  while (!queue.empty()) await sleep(1);
});
/** Reports that it runs, and returns the gate once that is no longer 0. */
export const open = task(here, 'open', (words: Int32Array) => {
  if (words.length > 1) Atomics.add(words, 1, 1);
  while (Atomics.load(words, 0) === 0) Atomics.wait(words, 0, 0, 1000);
  return Atomics.load(words, 0);
});
/** Waits for the gate if `x` is 0. */
export const unless = task(here, 'unless', ([x, words]: readonly [number, Int32Array]) => {
  if (x === 0) open(words);
  return x;
});
/** Throws an error that names `x`; for 0 it waits for the gate first. */
export const failBehindGate = task(here, 'failBehindGate', ([x, words]: readonly [number, Int32Array]) => {
  if (x === 0) open(words);
  throw new RangeError(`no ${x}`);
});
export const count = task(here, 'count', (words: Int32Array, at: number) => Atomics.add(words, at, 1) + 1);
/** Counts its call, then does something that may end the worker. */
export const risk = task(here, 'risk', async (words: Int32Array, id: number, kind: number) => {
  Atomics.add(words, id, 1);
  if (kind === 1) process.exit(id & 63);
  if (kind === 2) throw new RangeError(`failed ${id}`);
  if (kind === 3) {
    setTimeout(() => {
      throw new TypeError(`uncaught ${id}`);
    });
    await sleep(60_000);
  }
  return id;
});

/** Leaves a timer that ends the worker once it is idle, in one of two ways. */
export const failLater = task(here, 'failLater', (isRejection: boolean) => {
  setTimeout(() => {
    if (!isRejection) throw new RangeError('late');
    void Promise.reject(new RangeError('late'));
  }, 20);
});
/** Ends its worker in the first `times` calls; then returns the number of calls. */
export const dieTimes = task(here, 'dieTimes', (words: Int32Array, times: number) => {
  const calls = Atomics.add(words, 0, 1) + 1;
  if (calls <= times) process.exit(3);
  return calls;
});
/** Reports that it runs, waits until it is given up, and reports that. */
export const heed = task(here, 'heed', async (words: Int32Array) => {
  const signal = currentTask()?.signal as AbortSignal;
  Atomics.add(words, 1, 1);
  await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  Atomics.add(words, 2, 1);
});
/** The same, but computing instead of awaiting. */
export const heedBusily = task(here, 'heedBusily', (words: Int32Array) => {
  const current = currentTask();
  Atomics.add(words, 1, 1);
  while (current?.cancelled !== true);
  Atomics.add(words, 2, 1);
});
/** The same, or counts a call. */
export const heedOrCount = task(here, 'heedOrCount', (words: Int32Array, heeds: boolean) => {
  if (!heeds) Atomics.add(words, 3, 1);
  const current = currentTask();
  Atomics.add(words, 1, 1);
  while (heeds && current?.cancelled !== true);
});
export const untilGivenUp = task(here, 'untilGivenUp', async () => {
  const signal = currentTask()?.signal as AbortSignal;
  const alive = setInterval(() => {}, 60_000);
  if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  clearInterval(alive);
});
export const osPid = task(here, 'osPid', () => process.pid);
let kept: AbortSignal | undefined;
export const keepSignal = task(here, 'keepSignal', () => {
  kept = currentTask()?.signal;
});
export const isKeptAborted = task(here, 'isKeptAborted', async () => {
  await sleep(5);
  return kept?.aborted;
});
/** Waits until `parties` of these calls have begun. */
export const meet = task(here, 'meet', async (words: Int32Array, parties: number) => {
  Atomics.add(words, 0, 1);
  while (Atomics.load(words, 0) < parties) await sleep(1);
  return currentProcess().pid;
});
/** Waits for something that never comes. */
export const never = task(here, 'never', async (words: Int32Array) => {
  Atomics.add(words, 1, 1);
  await new Promise(() => setTimeout(() => {}, 60_000));
});
/** The first call waits for a minute; the others return their number. */
export const unlessFirst = task(here, 'unlessFirst', async (words: Int32Array) => {
  const calls = Atomics.add(words, 0, 1) + 1;
  if (calls === 1) await new Promise(() => setTimeout(() => {}, 60_000));
  return calls;
});
/** Counts its call, stores which worker does it, and takes about a tenth of a millisecond. */
export const toil = task(here, 'toil', (words: Int32Array, at: number) => {
  Atomics.add(words, at, 1);
  Atomics.store(words, words.length - 1, currentProcess().pid ?? 0);
  const end = performance.now() + 0.1;
  while (performance.now() < end);
});

let told = 'nothing';
export const tell = task(here, 'tell', (what: string) => {
  told = what;
});
export const heard = task(here, 'heard', () => told);
/** Leaves a promise that is rejected, which nobody awaits. */
export const leaveRejected = task(here, 'leaveRejected', () => {
  void Promise.reject(new RangeError('left'));
});

export const failToBegin = task(here, 'failToBegin', () => {
  throw new RangeError('no database');
});

/** Ends its worker in every call except the first. */
export const dieUnlessFirst = task(here, 'dieUnlessFirst', (words: Int32Array) => {
  if (Atomics.add(words, 0, 1) > 0) process.exit(7);
});

class OutOfCheese extends Error {
  override name = 'OutOfCheese';
  constructor(
    readonly shop: string,
    readonly code: string,
  ) {
    super(`no cheese in ${shop}`, { cause: new TypeError('no milk') });
  }
}
export const shop = task(here, 'shop', (name: string) => {
  throw new OutOfCheese(name, 'E_CHEESE');
});
/** Counts in the caller's memory under a lock; returns that memory, and new memory with the same count. */
export const share = task(here, 'share', (given: { lock: Lock; queue: Queue<string>; words: Int32Array }) => {
  given.lock.run(() => given.words[0]++);
  given.queue.put('put');
  const words = new Int32Array(new SharedArrayBuffer(4)).fill(given.words[0]);
  return { lock: new Lock(), same: given.words, words };
});
export const unsendable = task(here, 'unsendable', () => () => 1);

export const tellWho = task(here, 'tellWho', (queue: Queue<unknown>) => {
  queue.put({ here: currentProcess(), parent: parentProcess(), isMainThread });
});
export const pid = task(here, 'pid', () => currentProcess().pid);
/** Blocks on a pool of its own. */
export const squares = task(here, 'squares', (from: number) => {
  const pool = new Pool(1);
  try {
    return pool.map(square, [from, from + 1]);
  } finally {
    pool.terminate();
  }
});
/** Exits without ending its pool, whose worker is busy; puts the pid of that worker. */
export const abandon = task(here, 'abandon', (queue: Queue<unknown>) => {
  const pool = new Pool(1);
  queue.put(pool.apply(pid));
  pool.applyAsync(spin);
  process.exit(0);
});
export const startAnother = task(here, 'startAnother', () => {
  new Process({ target: spin, daemon: true }).start();
});
export const startChildAndWait = task(here, 'startChildAndWait', (queue: Queue<unknown>) => {
  const child = new Process({ target: spin, daemon: true });
  child.start();
  queue.put(child.pid);
  child.join();
});
