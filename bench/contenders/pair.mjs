// An uncontended pair of calls, over and over: one kind in a process, so that its call sites have seen nothing else.
// A loop returns what depends on every answer, so that no call is left out.
import { BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import { serve, timed } from '../lib/serve.mjs';

const words = () => new Int32Array(new SharedArrayBuffer(256));

const acquireRelease = (one) => (n) => {
  for (let i = 0; i < n; i++) {
    one.acquire();
    one.release();
  }
};

const kinds = {
  // --- the Atomics calls that cannot be done without ---
  'floor-mutex': () => {
    const w = words();
    return (n) => {
      for (let i = 0; i < n; i++) {
        Atomics.compareExchange(w, 0, 0, 32);
        Atomics.exchange(w, 0, 0);
      }
    };
  },
  'floor-semaphore': () => {
    const w = words();
    w[0] = 16;
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) {
        const word = Atomics.load(w, 0);
        Atomics.compareExchange(w, 0, word, word - 16);
        Atomics.add(w, 0, 16);
        seen ^= Atomics.load(w, 1);
      }
      return seen;
    };
  },
  'floor-read': () => {
    const w = words();
    return (n) => {
      for (let i = 0; i < n; i++) {
        const word = Atomics.load(w, 0);
        Atomics.compareExchange(w, 0, word, word + 16);
        Atomics.sub(w, 0, 16);
      }
    };
  },
  'floor-load': () => {
    const w = words();
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) seen ^= Atomics.load(w, 0);
      return seen;
    };
  },
  'floor-event': () => {
    const w = words();
    return (n) => {
      for (let i = 0; i < n; i++) {
        const word = Atomics.load(w, 0);
        Atomics.compareExchange(w, 0, word, word | 4);
        Atomics.and(w, 0, ~4);
      }
    };
  },

  // --- ours ---
  Lock: () => acquireRelease(new Lock()),
  RLock: () => acquireRelease(new RLock()),
  'RLock-nested': () => {
    const lock = new RLock();
    lock.acquire();
    return acquireRelease(lock);
  },
  Semaphore: () => acquireRelease(new Semaphore()),
  BoundedSemaphore: () => acquireRelease(new BoundedSemaphore()),
  'Lock-try': () => {
    const lock = new Lock();
    return (n) => {
      for (let i = 0; i < n; i++) {
        lock.tryAcquire();
        lock.release();
      }
    };
  },
  'Lock-timeout': () => {
    const lock = new Lock();
    return (n) => {
      for (let i = 0; i < n; i++) {
        lock.acquire(1000);
        lock.release();
      }
    };
  },
  'Lock-hold': () => {
    const lock = new Lock();
    return (n) => {
      for (let i = 0; i < n; i++) lock.hold().release();
    };
  },
  'Lock-run': () => {
    const lock = new Lock();
    const one = () => 1;
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) seen ^= lock.run(one);
      return seen;
    };
  },
  'RWLock-read': () => {
    const lock = new RWLock();
    return (n) => {
      for (let i = 0; i < n; i++) {
        lock.acquireRead();
        lock.releaseRead();
      }
    };
  },
  'RWLock-write': () => {
    const lock = new RWLock();
    return (n) => {
      for (let i = 0; i < n; i++) {
        lock.acquireWrite();
        lock.releaseWrite();
      }
    };
  },
  'Condition-notify': () => {
    const condition = new Condition(new Lock());
    condition.lock.acquire();
    return (n) => {
      for (let i = 0; i < n; i++) condition.notify();
    };
  },
  'Event-isSet': () => {
    const event = new Event();
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) seen ^= event.isSet ? 1 : 0;
      return seen;
    };
  },
  'Event-setClear': () => {
    const event = new Event();
    return (n) => {
      for (let i = 0; i < n; i++) {
        event.set();
        event.clear();
      }
    };
  },
  'GIL-checkpoint': () => {
    const gil = new GIL();
    gil.acquire();
    return (n) => {
      for (let i = 0; i < n; i++) gil.checkpoint();
    };
  },

  // --- peers ---
  v8: () => {
    const mutex = new Atomics.Mutex();
    const one = () => 1;
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) seen ^= Atomics.Mutex.lock(mutex, one);
      return seen;
    };
  },
  multithreading: async () => {
    const { Mutex } = await import('./multithreading.mjs');
    const mutex = new Mutex();
    return (n) => {
      for (let i = 0; i < n; i++) mutex.blockingLock().dispose();
    };
  },
  'multithreading-semaphore': async () => {
    const { Semaphore: Theirs } = await import('./multithreading.mjs');
    const semaphore = new Theirs(1);
    return (n) => {
      for (let i = 0; i < n; i++) semaphore.blockingAcquire().dispose();
    };
  },
};

serve(timed(await kinds[process.argv[2]](), 1000));
