import { attach, type Barrier, type Shared } from 'atomics-sync-free';
import { member } from '../support/member.js';

/** Blocks for the barrier when it is told to. */
member<Shared<Barrier>>(async ({ data, next }) => {
  const barrier = attach(data);
  await next('wait');
  return barrier.wait();
});
