// An uncontended pair of calls, over and over: pair.mjs KIND [BUILD] [calls]. There is one kind in a process, so that its call
// sites have seen nothing else. BUILD is the folder of another build of the package; with `calls`, the answer is
// which Atomics calls a turn makes, not how long it takes.
//
// A loop returns a value that depends on every result, so that no call is optimized away.
import { load } from '../lib/builds.mjs';
import { countCalls } from '../lib/calls.mjs';
import { serve, timed } from '../lib/serve.mjs';

const [, , kind, build, mode] = process.argv;

const words = () => new Int32Array(new SharedArrayBuffer(256));

const acquireRelease = (one) => (n) => {
  for (let i = 0; i < n; i++) {
    one.acquire();
    one.release();
  }
};

/** The Atomics calls that no implementation can do without. */
const floors = {
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
};

/** Our primitives, made from the classes of an entry. */
const ours = {
  Lock: ({ Lock }) => acquireRelease(new Lock()),
  RLock: ({ RLock }) => acquireRelease(new RLock()),
  'RLock-nested': ({ RLock }) => {
    const lock = new RLock();
    lock.acquire();
    return acquireRelease(lock);
  },
  Semaphore: ({ Semaphore }) => acquireRelease(new Semaphore()),
  BoundedSemaphore: ({ BoundedSemaphore }) => acquireRelease(new BoundedSemaphore()),
  'Lock-try': ({ Lock }) => {
    const lock = new Lock();
    return (n) => {
      for (let i = 0; i < n; i++) {
        lock.tryAcquire();
        lock.release();
      }
    };
  },
  'Lock-timeout': ({ Lock }) => {
    const lock = new Lock();
    return (n) => {
      for (let i = 0; i < n; i++) {
        lock.acquire(1000);
        lock.release();
      }
    };
  },
  'Lock-hold': ({ Lock }) => {
    const lock = new Lock();
    return (n) => {
      for (let i = 0; i < n; i++) lock.hold().release();
    };
  },
  'Lock-run': ({ Lock }) => {
    const lock = new Lock();
    const one = () => 1;
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) seen ^= lock.run(one);
      return seen;
    };
  },
  'Semaphore-hold': ({ Semaphore }) => {
    const semaphore = new Semaphore();
    return (n) => {
      for (let i = 0; i < n; i++) semaphore.hold().release();
    };
  },
  'Semaphore-run': ({ Semaphore }) => {
    const semaphore = new Semaphore();
    const one = () => 1;
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) seen ^= semaphore.run(one);
      return seen;
    };
  },
  'RWLock-read': ({ RWLock }) => {
    const lock = new RWLock();
    return (n) => {
      for (let i = 0; i < n; i++) {
        lock.acquireRead();
        lock.releaseRead();
      }
    };
  },
  'RWLock-write': ({ RWLock }) => {
    const lock = new RWLock();
    return (n) => {
      for (let i = 0; i < n; i++) {
        lock.acquireWrite();
        lock.releaseWrite();
      }
    };
  },
  Condition: ({ Condition }) => acquireRelease(new Condition()),
  'Condition-notify': ({ Condition, Lock }) => {
    const condition = new Condition(new Lock());
    condition.lock.acquire();
    return (n) => {
      for (let i = 0; i < n; i++) condition.notify();
    };
  },
  'Event-isSet': ({ Event }) => {
    const event = new Event();
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) seen ^= event.isSet ? 1 : 0;
      return seen;
    };
  },
  'Event-wait': ({ Event }) => {
    const event = new Event();
    event.set();
    return (n) => {
      let seen = 0;
      for (let i = 0; i < n; i++) seen ^= event.wait() ? 1 : 0;
      return seen;
    };
  },
  'Event-setClear': ({ Event }) => {
    const event = new Event();
    return (n) => {
      for (let i = 0; i < n; i++) {
        event.set();
        event.clear();
      }
    };
  },
  'GIL-checkpoint': ({ GIL }) => {
    const gil = new GIL();
    gil.acquire();
    return (n) => {
      for (let i = 0; i < n; i++) gil.checkpoint();
    };
  },
  'GIL-pair': ({ GIL }) => acquireRelease(new GIL()),
};

const peers = {
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

const count = mode === 'calls' ? countCalls() : undefined;
const entry = kind.startsWith('GIL') ? '/gil' : '';
const loop = await (kind in ours ? ours[kind](await load(build, entry)) : { ...floors, ...peers }[kind]());
if (count === undefined) serve(timed(loop, 1000));
else {
  // Work that is done once, at the first call, does not count.
  loop(1);
  serve((turns) => Object.fromEntries(Object.entries(count(() => loop(turns))).map(([name, n]) => [name, n / turns])));
}
