// An agent of a traced program: it waits for a lock, and uses it again and again until it is told to end.
import { type Arena, attach, type Event, type Lock, type Shared } from 'atomics-sync-free';
import { start } from 'atomics-sync-free/trace';
import { member } from '../support/member.js';

export interface TracedData {
  readonly shared: Shared<{ readonly arena: Arena; readonly lock: Lock; readonly ready: Event; readonly end: Event }>;
  /** Whether it only waits for the lock, once. */
  readonly once: boolean;
}

member<TracedData>(({ data: { shared, once } }) => {
  const { arena, lock, ready, end } = attach(shared);
  const own = lock.acquire;
  start({ arena, name: 'worker', capacity: 1000 });
  const isTraced = lock.acquire !== own;
  ready.set();
  do lock.run(() => {});
  while (!once && !end.isSet);
  end.wait();
  // The recording is over: the next event notices it.
  lock.run(() => {});
  return isTraced && lock.acquire === own;
});
