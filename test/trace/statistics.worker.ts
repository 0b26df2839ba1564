// An agent that waits for a lock, and counts it.
import { attach, type Lock, type Shared, statistics } from 'atomics-sync-free';
import { member } from '../support/member.js';

export interface HoldingData {
  readonly shared: Shared<{ readonly lock: Lock }>;
}

member<HoldingData>(({ data: { shared } }) => {
  const { lock } = attach(shared);
  lock.run(() => {});
  return statistics(lock).waits;
});
