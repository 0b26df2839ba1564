// A worker with a burst of tasks that wait at the same time.
import { attach, type Barrier, type Condition, type Lock, type Shared } from 'atomics-sync-free';
import { member } from '../support/member.js';

export interface MemoryData {
  readonly order: 'burst';
  readonly shared: Shared<{ condition: Condition<Lock>; barrier: Barrier }>;
  readonly count: number;
}

member<MemoryData>(async ({ data: { shared, count } }) => {
  const { condition } = attach(shared);
  let waits = 0;
  const waiting = Array.from({ length: count }, () =>
    condition.runAsync((hold) => {
      waits++;
      return condition.waitAsync({ hold });
    }),
  );
  while (waits < count) await new Promise((resolve) => setTimeout(resolve, 0));
  await condition.runAsync((hold) => condition.notifyAll({ hold }));
  return (await Promise.all(waiting)).filter(Boolean).length;
});
