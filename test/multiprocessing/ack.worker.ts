// An agent that takes three items and marks the first done, or ends in the middle of doing so.
import { attach, type JoinableQueue, type Shared } from 'atomics-sync-free/multiprocessing';
import { member } from '../support/member.js';

member<{ queue: Shared<JoinableQueue<number>>; endsInTaskDone?: boolean }>(async ({ data, tell, next }) => {
  const queue = attach(data.queue);
  const taken = [queue.get(), queue.get(), queue.get()];
  if (data.endsInTaskDone) {
    // By now the item is done, but not yet counted.
    Atomics.add = () => process.exit(0);
    tell('taken', taken);
  }
  queue.taskDone();
  tell('taken', taken);
  await next('end');
});
