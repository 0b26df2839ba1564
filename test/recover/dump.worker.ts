// An agent that holds something and is blocked for something else.
import { attach, detectDeadlocks, type RLock, type RWLock, type Shared } from 'atomics-sync-free';
import { member } from '../support/member.js';

export interface DumpData {
  readonly shared: Shared<{ readonly mine: RLock; readonly table: RWLock; readonly wanted: RLock }>;
  readonly timeout: number;
  /** Whether it notes where it waits. */
  readonly stacks: boolean;
}

member<DumpData>(({ data: { shared, timeout, stacks } }) => {
  detectDeadlocks({ stacks });
  const { mine, table, wanted } = attach(shared);
  mine.acquire();
  table.acquireRead();
  const got = wanted.acquire(timeout);
  if (got) wanted.release();
  table.releaseRead();
  mine.release();
  return got;
});
