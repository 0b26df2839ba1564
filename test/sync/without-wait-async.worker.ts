// An agent without `Atomics.waitAsync` that waits for what another frees.
import type { Barrier, Condition, Event, Lock, RLock, RWLock, Semaphore, Shared } from 'atomics-sync-free';
import { member } from '../support/member.js';

interface Things {
  readonly lock: Lock;
  readonly rlock: RLock;
  readonly semaphore: Semaphore;
  readonly event: Event;
  readonly condition: Condition<Lock>;
  readonly barrier: Barrier;
  readonly rwlock: RWLock;
}

export type Without = 'each' | 'count';

export interface WithoutData {
  readonly order: Without;
  readonly things: Shared<Partial<Things>>;
  /** One word. */
  readonly memory?: Int32Array;
}

Reflect.deleteProperty(Atomics, 'waitAsync');
const { attach } = await import('atomics-sync-free');

member<WithoutData>(async ({ data: { order, things, memory = new Int32Array(1) }, tell, next }) => {
  const { lock, rlock, semaphore, event, condition, barrier, rwlock } = attach(things) as Things;
  if (order === 'count') {
    for (let i = 0; i < 100; i++) {
      await lock.runAsync(async () => {
        const seen = memory[0];
        await null;
        memory[0] = seen + 1;
      });
    }
    return;
  }
  await lock.acquireAsync();
  tell('got', 'lock');
  await rlock.holdAsync();
  tell('got', 'rlock');
  await semaphore.acquireAsync();
  tell('got', 'semaphore');
  await event.waitAsync();
  tell('got', 'event');
  await rwlock.acquireReadAsync();
  tell('got', 'read');
  rwlock.releaseRead();
  await condition.runAsync((hold) => condition.waitAsync({ hold }));
  tell('got', 'condition');
  await barrier.waitAsync();
  tell('got', 'barrier');
  await next('go on');
  await rwlock.acquireWriteAsync();
  tell('got', 'write');
  rwlock.releaseWrite();
});
