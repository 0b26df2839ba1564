// The tasks of an agent wait in one queue for one thing, whichever of its objects they use: in the order in which they
// came, and nobody is left behind.
import {
  Arena,
  attach,
  Barrier,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  type Shared,
  share,
  type WaitOptions,
} from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { untilCollected } from '../support/garbage.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('one queue for one thing');

type Release = () => void;

/** Something that tasks take turns in. */
interface Turns {
  /** Takes it by the object that it is called on. */
  readonly take: (options?: WaitOptions) => Promise<Release>;
}

interface Case {
  /** Makes it, taken; gives what takes it by another object each time, and what lets the first in. */
  readonly make: (arena: Arena) => { readonly again: () => Turns; readonly free: Release };
}

/** Another object of the same, as another message brings it. */
const another = <T>(object: T): T => attach(structuredClone(share(object)) as Shared<T>);

/** What is acquired with a boolean's answer, and released by the object. */
function acquired(
  acquire: (options?: WaitOptions) => Promise<boolean>,
  release: Release,
): (options?: WaitOptions) => Promise<Release> {
  return async (options) => {
    if (!(await acquire(options))) throw new Error('the time was up');
    return release;
  };
}

const byHold =
  (hold: (options?: WaitOptions) => Promise<{ release(): void }>) =>
  async (options?: WaitOptions): Promise<Release> => {
    const held = await hold(options);
    return () => held.release();
  };

const cases: Readonly<Record<string, Case>> = {
  Lock: {
    make: (arena) => {
      const lock = new Lock({ arena });
      lock.acquire();
      const again = () => {
        const other = another(lock);
        return {
          take: acquired(
            (options) => other.acquireAsync(options),
            () => other.release(),
          ),
        };
      };
      return { again, free: () => lock.release() };
    },
  },
  'Lock, by holds': {
    make: (arena) => {
      const lock = new Lock({ arena });
      lock.acquire();
      const again = () => {
        const other = another(lock);
        return { take: byHold((options) => other.holdAsync(options)) };
      };
      return { again, free: () => lock.release() };
    },
  },
  RLock: {
    make: (arena) => {
      const lock = new RLock({ arena });
      lock.acquire();
      const again = () => {
        const other = another(lock);
        return { take: byHold((options) => other.holdAsync(options)) };
      };
      return { again, free: () => lock.release() };
    },
  },
  Semaphore: {
    make: (arena) => {
      const semaphore = new Semaphore(0, { arena });
      const again = () => {
        const other = another(semaphore);
        return {
          take: acquired(
            (options) => other.acquireAsync(options),
            () => other.release(),
          ),
        };
      };
      return { again, free: () => semaphore.release() };
    },
  },
  'RWLock, to write': {
    make: (arena) => {
      const lock = new RWLock({ arena });
      lock.acquireRead();
      const again = () => {
        const other = another(lock);
        return {
          take: acquired(
            (options) => other.acquireWriteAsync(options),
            () => other.releaseWrite(),
          ),
        };
      };
      return { again, free: () => lock.releaseRead() };
    },
  },
  'RWLock, by its view and by long names in turn': {
    make: (arena) => {
      const lock = new RWLock({ arena });
      lock.acquireWrite();
      let view = false;
      const again = () => {
        view = !view;
        const other = another(lock);
        if (view) return { take: byHold((options) => another(other.writeLock).holdAsync(options)) };
        return { take: byHold((options) => other.holdWriteAsync(options)) };
      };
      return { again, free: () => lock.releaseWrite() };
    },
  },
  'Condition, by its lock': {
    make: (arena) => {
      const condition = new Condition(new Lock({ arena }));
      condition.acquire();
      let byLock = false;
      const again = () => {
        byLock = !byLock;
        const other = another(condition);
        return { take: byHold((options) => (byLock ? other : other.lock).holdAsync(options)) };
      };
      return { again, free: () => condition.release() };
    },
  },
};

for (const [name, { make }] of Object.entries(cases)) {
  test(`${name}: tasks get it in the order in which they came, each by an object of its own`, async () => {
    const { again, free } = make(new Arena());
    const order: number[] = [];
    const tasks = Array.from({ length: 8 }, async (_, n) => {
      const release = await again().take();
      order.push(n);
      // Others have the time to overtake.
      if (n % 2 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      release();
    });
    free();
    await Promise.all(tasks);
    assert.equal(order, [0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test(`${name}: a newcomer with an object of its own queues after those that wait, even while it is free`, async () => {
    const { again, free } = make(new Arena());
    const order: string[] = [];
    const run = async (who: string): Promise<void> => {
      const release = await again().take();
      order.push(who);
      release();
    };
    const first = run('first');
    const second = run('second');
    free();
    // It is free in this very turn, and no waiter has learnt of it yet.
    await Promise.all([run('newcomer'), first, second]);
    assert.equal(order, ['first', 'second', 'newcomer']);
  });

  test(`${name}: two objects whose tasks go round and round both get on`, async () => {
    const { again, free } = make(new Arena());
    const rounds = [0, 0, 0];
    const go = async (n: number, { take }: Turns): Promise<void> => {
      while (Math.min(...rounds) < 100) {
        const release = await take();
        rounds[n]++;
        release();
      }
    };
    const all = rounds.map((_, n) => go(n, again()));
    free();
    await Promise.all(all);
    assert.ok(Math.max(...rounds) <= 102, `rounds: ${rounds}`);
  });

  test(`${name}: those behind one that gives up get their turn, whichever object it used`, async () => {
    const { again, free } = make(new Arena());
    const abort = new AbortController();
    const order: string[] = [];
    const aborted = again()
      .take({ signal: abort.signal })
      .catch(() => order.push('aborted'));
    const late = again()
      .take({ timeout: 1 })
      .catch(() => order.push('timed out'));
    const next = again()
      .take()
      .then((release) => {
        order.push('next');
        release();
      });
    await late;
    abort.abort();
    await aborted;
    free();
    await next;
    assert.equal(order, ['timed out', 'aborted', 'next']);
  });
}

const dropped = {
  Lock: () => {
    const lock = new Lock({ arena: new Arena() });
    lock.acquire();
    return { object: lock, wait: (other: typeof lock) => other.acquireAsync(), free: () => lock.release() };
  },
  Semaphore: () => {
    const semaphore = new Semaphore(0, { arena: new Arena() });
    const wait = (other: typeof semaphore) => other.acquireAsync();
    return { object: semaphore, wait, free: () => semaphore.release() };
  },
  Event: () => {
    const event = new Event({ arena: new Arena() });
    return { object: event, wait: (other: typeof event) => other.waitAsync(), free: () => event.set() };
  },
};

for (const [name, make] of Object.entries(dropped)) {
  test(`${name}: tasks get it in order when the objects by which they wait have been collected`, async () => {
    const { object, wait, free } = make() as ReturnType<(typeof dropped)['Lock']>;
    const order: number[] = [];
    const begin = (n: number) => {
      const other = another(object);
      return { ref: new WeakRef(other), done: wait(other).then(() => order.push(n)) };
    };
    const begun = [0, 1, 2, 3].map(begin);
    // The first, by which the queue has its turns, stays.
    const others = begun.slice(1).map(({ ref }) => ref);
    await untilCollected(() => others.every((ref) => ref.deref() === undefined), 'the objects are collected');
    for (const { done } of begun) {
      free();
      await done;
    }
    assert.equal(order, [0, 1, 2, 3]);
  });
}

test('Semaphore: permits that come at once go to the first that came, by any object', async () => {
  const semaphore = new Semaphore(0, { arena: new Arena() });
  const order: number[] = [];
  const tasks = Array.from({ length: 6 }, (_, n) =>
    another(semaphore)
      .acquireAsync()
      .then(() => order.push(n)),
  );
  semaphore.release(4);
  await Promise.all(tasks.slice(0, 4));
  assert.equal(order, [0, 1, 2, 3]);
  another(semaphore).release(2);
  await Promise.all(tasks);
  assert.is(semaphore.value, 0);
});

test('RWLock: readers of several objects are all let in when a writer is done, and the next writer after them', async () => {
  const lock = new RWLock({ arena: new Arena() });
  lock.acquireWrite();
  const order: string[] = [];
  const read = async (): Promise<void> => {
    const hold = await another(lock).holdReadAsync();
    order.push(`${lock.readers}`);
    await until(() => order.length >= 3);
    hold.release();
  };
  const reading = [read(), read(), read()];
  const writing = another(lock.writeLock).runAsync(() => order.push('written'));
  lock.releaseWrite();
  await Promise.all([...reading, writing]);
  // All three are inside before any of them goes on.
  assert.equal(order, ['3', '3', '3', 'written']);
});

test('Event: tasks of several objects are all let go, in their order', async () => {
  const event = new Event({ arena: new Arena() });
  const order: number[] = [];
  const tasks = Array.from({ length: 5 }, (_, n) =>
    another(event)
      .waitAsync()
      .then((set) => set && order.push(n)),
  );
  another(event).set();
  another(event).clear();
  const late = another(event).waitAsync({ timeout: 1 });
  await Promise.all(tasks);
  assert.equal(order, [0, 1, 2, 3, 4]);
  assert.not(await late);
});

test('Condition: tasks of several objects are notified in their order', async () => {
  const condition = new Condition(new Lock({ arena: new Arena() }));
  const order: number[] = [];
  const tasks = Array.from({ length: 6 }, (_, n) => {
    const other = another(condition);
    return other.runAsync(async (hold) => {
      await other.waitAsync({ hold });
      order.push(n);
    });
  });
  await until(() => /6 waiting/.test(condition.toString()));
  for (const n of [1, 2, 3]) await another(condition).runAsync((hold) => another(condition).notify(n, { hold }));
  await Promise.all(tasks);
  assert.equal(order, [0, 1, 2, 3, 4, 5]);
});

test('Condition over an RLock: the hold of one object serves another', async () => {
  const condition = new Condition(undefined, { arena: new Arena() });
  const [one, two] = [another(condition), another(condition)];
  const waiting = one.runAsync((hold) => two.waitAsync({ hold, timeout: 20_000 }));
  await until(() => /1 waiting/.test(condition.toString()));
  await two.lock.runAsync((hold) => one.notify(1, { hold }));
  assert.ok(await waiting);
});

test('Barrier: parties of several objects meet, round after round', async () => {
  const barrier = new Barrier(3, { arena: new Arena() });
  const places: number[][] = [[], [], []];
  await Promise.all(
    places.map(async (own) => {
      for (let round = 0; round < 20; round++) own.push(await another(barrier).waitAsync());
    }),
  );
  for (let round = 0; round < 20; round++) {
    assert.equal(places.map((own) => own[round]).sort(), [0, 1, 2], `in round ${round}`);
  }
});

test('Barrier: more tasks than parties all get through', async () => {
  const barrier = new Barrier(2, { arena: new Arena() });
  const got = await Promise.all(Array.from({ length: 12 }, () => another(barrier).waitAsync()));
  assert.equal(got.sort().join(''), '000000111111');
});

test('the object that a queue waited by is forgotten when its last task has left', async () => {
  const lock = new Lock({ arena: new Arena() });
  lock.acquire();
  const wait = (): { readonly ref: WeakRef<object>; readonly ended: Promise<boolean> } => {
    const other = another(lock);
    return { ref: new WeakRef(other), ended: other.acquireAsync({ timeout: 1 }) };
  };
  const { ref, ended } = wait();
  await ended;
  await untilCollected(() => ref.deref() === undefined, 'the object is collected');
  assert.is(lock.arena.member.queues.size, 0);
});

test.run();
