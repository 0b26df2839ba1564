// Every primitive in a state in which it makes tasks wait.
import {
  type Arena,
  Barrier,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  type WaitOptions,
} from 'atomics-sync-free';

/** One primitive in a state in which it makes tasks wait. */
export interface Subject {
  /** Begins a wait that does not end by itself. */
  readonly wait: (options?: WaitOptions) => Promise<unknown>;
  /** Lets one wait end well. */
  readonly free: () => void;
}

export type Make = (arena: Arena) => Subject;

/** Every async wait there is, by name. */
export const waits: Readonly<Record<string, Make>> = {
  Lock: (arena) => {
    const lock = new Lock({ arena });
    lock.acquire();
    return { wait: (options) => lock.acquireAsync(options), free: () => lock.release() };
  },
  RLock: (arena) => {
    const lock = new RLock({ arena });
    lock.acquire();
    return { wait: (options) => lock.holdAsync(options), free: () => lock.release() };
  },
  Semaphore: (arena) => {
    const semaphore = new Semaphore(0, { arena });
    return { wait: (options) => semaphore.acquireAsync(options), free: () => semaphore.release() };
  },
  BoundedSemaphore: (arena) => {
    const semaphore = new BoundedSemaphore(1, { arena });
    semaphore.acquire();
    return { wait: (options) => semaphore.acquireAsync(options), free: () => semaphore.release() };
  },
  Event: (arena) => {
    const event = new Event({ arena });
    return { wait: (options) => event.waitAsync(options), free: () => event.set() };
  },
  Condition: (arena) => {
    const lock = new Lock({ arena });
    const condition = new Condition(lock);
    return {
      // Acquired as a thread does, so that the wait has begun when this returns.
      wait: (options) => {
        lock.acquire();
        return condition.waitAsync(options).finally(() => lock.release());
      },
      free: () => condition.run(() => condition.notify()),
    };
  },
  'RWLock, to read': (arena) => {
    const lock = new RWLock({ arena });
    lock.acquireWrite();
    return { wait: (options) => lock.acquireReadAsync(options), free: () => lock.releaseWrite() };
  },
  'RWLock, to write': (arena) => {
    const lock = new RWLock({ arena });
    lock.acquireRead();
    return { wait: (options) => lock.acquireWriteAsync(options), free: () => lock.releaseRead() };
  },
  Barrier: (arena) => {
    const barrier = new Barrier(2, { arena });
    return { wait: (options) => barrier.waitAsync(options), free: () => void barrier.waitAsync() };
  },
};
