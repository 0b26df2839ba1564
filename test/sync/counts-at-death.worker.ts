// The workers of counts-at-death.test.ts: they hold and give back, over and over, until they are terminated.
import { attach, type RWLock, type Semaphore, type Shared } from 'atomics-sync-free';
import { member } from '../support/member.js';

export interface DeathData {
  readonly shared: Shared<{ permits: Semaphore; lock: RWLock }>;
}

member<DeathData>(({ data: { shared }, tell }) => {
  const { permits, lock } = attach(shared);
  tell('agent', permits.arena.agentId);
  for (;;) {
    const one = permits.hold();
    const another = permits.hold();
    another.release();
    one.release();
    lock.acquireRead();
    lock.acquireRead();
    lock.releaseRead();
    lock.releaseRead();
  }
});
