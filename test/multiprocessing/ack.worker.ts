// An agent that takes three items, and is done with the first.
import { attach, type JoinableQueue, type Shared } from 'atomics-sync-free/multiprocessing';
import { member } from '../support/member.js';

member<Shared<JoinableQueue<number>>>(async ({ data, tell, next }) => {
  const queue = attach(data);
  const taken = [queue.get(), queue.get(), queue.get()];
  queue.taskDone();
  tell('taken', taken);
  await next('end');
});
