// An agent that holds something and is blocked for something else.
import { attach, type RLock, type RWLock, type Shared } from 'atomics-sync-free';
import { member } from '../support/member.js';

export interface DumpData {
  readonly shared: Shared<{ readonly mine: RLock; readonly table: RWLock; readonly wanted: RLock }>;
  readonly timeout: number;
}

member<DumpData>(({ data: { shared, timeout } }) => {
  const { mine, table, wanted } = attach(shared);
  mine.acquire();
  table.acquireRead();
  const got = wanted.acquire(timeout);
  if (got) wanted.release();
  table.releaseRead();
  mine.release();
  return got;
});
