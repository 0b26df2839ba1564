// The functions that the properties of Manager call in a worker.
import { type Barrier, type Event, type JoinableQueue, task } from 'atomics-sync-free/multiprocessing';

const here = import.meta.url;

export const setEvent = task(here, 'setEvent', (event: Event) => event.set());
/** Whether the lock can be acquired now; if so, it is released again. */
export const takesIn = task(here, 'takesIn', (lock: { tryAcquire(): boolean; release(): void }) => {
  const got = lock.tryAcquire();
  if (got) lock.release();
  return got;
});
export const arrive = task(here, 'arrive', (barrier: Barrier) => barrier.wait(20_000));
export const doAll = task(here, 'doAll', (queue: JoinableQueue<number>, count: number) => {
  for (let i = 0; i < count; i++) {
    queue.get(20_000);
    queue.taskDone();
  }
});
export const write = task(here, 'write', (view: Int32Array, value: number) => {
  view[0] = value;
});
