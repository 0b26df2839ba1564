// A program that the command traces: two threads and one lock.
import { Event, Lock } from 'atomics-sync-free';
import { isMain, Thread, task } from 'atomics-sync-free/threading';

/** Holds the lock until the other waits for it; `ready` says that it has it. */
export const work = task(import.meta.url, 'work', (lock: Lock, ready: Event, never: Event) =>
  lock.run(() => {
    ready.set();
    do never.wait(200);
    while (!/waiters: agents/.test(String(lock)));
  }),
);

if (isMain) {
  const lock = new Lock({ name: 'accounts' });
  const [ready, never] = [new Event(), new Event()];
  const thread = new Thread({ target: work, args: [lock, ready, never] });
  thread.start();
  await ready.waitAsync();
  lock.acquire();
  lock.release();
  await thread.joinAsync();
  console.log(process.argv.slice(2).join(' '));
  process.exitCode = 3;
}
