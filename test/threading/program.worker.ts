// Programs with threads, which program.test.ts runs as processes to see what they print and how they end.
import { threadId } from 'node:worker_threads';
import {
  currentThread,
  enumerate,
  isMain,
  reserveSize,
  setExcepthook,
  Thread,
  Timer,
  task,
} from 'atomics-sync-free/threading';

export const prints = task(import.meta.url, 'prints', async (text: string, ms: number) => {
  await new Promise((resolve) => setTimeout(resolve, ms));
  console.log(text);
});

/** Blocks for `ms`, then prints; leaves nothing behind. */
export const printsLate = task(import.meta.url, 'printsLate', (text: string, ms: number) => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  console.log(text);
  return threadId;
});

export const printsOften = task(import.meta.url, 'printsOften', (name: string, times: number) => {
  for (let i = 0; i < times; i++) console.log(`${name} ${i}`);
  console.error(`${name} on stderr`);
});

export const fails = task(import.meta.url, 'fails', (message: string) => {
  throw new RangeError(message);
});

/** Fails once its starter has ended, which therefore cannot report the error. */
export const failsAlone = task(import.meta.url, 'failsAlone', (starter: string) => {
  while (enumerate().some(({ name }) => name === starter))
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  throw new RangeError(starter);
});

/** Starts a thread that fails, and never asks for its result. */
export const neverAsks = task(import.meta.url, 'neverAsks', (how: 'ends' | 'joins') => {
  const thread = new Thread({ target: how === 'ends' ? failsAlone : fails, args: [how], name: `of who ${how}` });
  thread.start();
  if (how === 'joins') thread.join();
});

/** Leaves a promise that is rejected, which nobody awaits. */
export const leavesRejected = task(import.meta.url, 'leavesRejected', (name: string) => {
  void Promise.reject(new RangeError(`left by ${name}`));
  return name;
});

/** A daemon that starts a thread that is no daemon, and then never ends. */
export const daemon = task(import.meta.url, 'daemon', (words: Int32Array) => {
  new Thread({ target: prints, args: ['started by a daemon', 300], daemon: false }).start();
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
  Atomics.wait(words, 1, 0);
});

const programs: Readonly<Record<string, (() => void) | undefined>> = {
  ends() {
    const words = new Int32Array(new SharedArrayBuffer(8));
    new Thread({ target: daemon, args: [words], daemon: true }).start();
    Atomics.wait(words, 0, 0);
    new Thread({ target: prints, args: ['started by main', 10] }).start();
    new Timer(50, prints, ['started by a timer', 0]).start();
    new Timer(60_000, prints, ['never', 0], { daemon: true }).start();
    for (const how of ['ends', 'joins'] as const) new Thread({ target: neverAsks, args: [how], name: how }).start();
    new Thread({ target: fails, args: ['main'], name: 'of main' }).start();
    console.log('main ends');
  },
  blocks() {
    const threads = ['one', 'two'].map((name) => new Thread({ target: printsOften, args: [name, 2000] }));
    const orphan = new Thread({ target: neverAsks, args: ['ends'] });
    for (const thread of [...threads, orphan]) thread.start();
    for (const thread of threads) thread.join();
    console.log('main');
    setTimeout(() => process.exit(5), 1000);
  },
  reuses() {
    const workers: number[] = [];
    do {
      const thread = new Thread({ target: printsLate, args: ['one', 0] });
      thread.start();
      thread.join();
      workers.push(thread.result);
    } while (new Set(workers).size === workers.length);
    const fails = new Thread({ target: printsLate, args: ['three', 0n as never], name: 'who fails' });
    fails.start();
    fails.join();
    new Thread({ target: printsLate, args: ['never', 60_000], daemon: true }).start();
    new Thread({ target: printsLate, args: ['four', 300] }).start();
    console.log('main ends');
  },
  rejects() {
    // The second is not one of the reserve's.
    for (const options of [{ name: 'one' }, { name: 'two', fresh: true }]) {
      const thread = new Thread({ target: leavesRejected, args: [options.name], ...options });
      thread.start();
      thread.join();
      console.log(thread.result);
    }
  },
  throws() {
    new Thread({ target: prints, args: ['never', 5_000] }).start();
    throw new Error('of main');
  },
};

const [, , name] = process.argv;
if (name === 'reuses') reserveSize(1);
if (name === 'ends' || name === 'reuses' || name === 'rejects' || !isMain)
  setExcepthook(({ error, thread }) =>
    console.log(`${currentThread().name} tells of ${thread.name}: ${(error as Error).message}`),
  );
if (isMain) programs[name]?.();
