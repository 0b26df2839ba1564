// A program that the command traces: threads one after the other, each on a worker of its own.
import { isMain, Thread, task } from 'atomics-sync-free/threading';

export const one = task(import.meta.url, 'one', () => 1);

if (isMain) {
  let sum = 0;
  for (let i = 0; i < 6; i++) {
    const thread = new Thread({ target: one, fresh: true });
    thread.start();
    thread.join();
    sum += thread.result;
  }
  console.log('sum', sum);
}
