// What processes do with queues and pipes in queues.test.ts.
import { type Connection, type JoinableQueue, type Queue, task } from 'atomics-sync-free/multiprocessing';

const here = import.meta.url;

export const putAndExit = task(here, 'putAndExit', (queue: Queue<number>) => {
  queue.put(1);
  process.exit(3);
});

/** Puts more than a pipe of the operating system holds. */
export const putLarge = task(here, 'putLarge', (queue: Queue<Uint8Array>) => {
  for (let i = 0; i < 5; i++) queue.put(new Uint8Array(2 ** 20).fill(i));
});

export const putForEver = task(here, 'putForEver', (queue: Queue<Uint8Array>) => {
  const bytes = new Uint8Array(2 ** 18);
  for (;;) queue.put(bytes);
});

export const getForEver = task(here, 'getForEver', (queue: Queue<number>, began: Queue<string>) => {
  began.put('began');
  for (;;) queue.get();
});

export const takeOne = task(here, 'takeOne', (jobs: JoinableQueue<number>) => jobs.get());

/** Its end of the pipe is closed when it ends. */
export const answer = task(here, 'answer', (end: Connection<number>) => end.send(end.recv() + 1));
