// Many tasks that wait: there is room for them, and what one costs does not grow with their number.
import { Arena, Barrier, Condition, Event, Lock, RLock, RWLock, Semaphore } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { collectGarbage } from '../support/garbage.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';

const test = suite('many waiters');

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

// --- room ----------------------------------------------------------------------------------------------------------------

for (const count of [1_000, 10_000]) {
  test(`${count} tasks wait in the default arena, on every primitive, and all get their turn in order`, async () => {
    const order: number[] = [];
    const expected = times(count, (n) => n);
    const inTurn = async (tasks: Promise<unknown>[], what: string): Promise<void> => {
      await Promise.all(tasks);
      assert.equal(order, expected, what);
      order.length = 0;
    };

    const lock = new Lock();
    lock.acquire();
    const locking = times(count, (n) => lock.runAsync(() => order.push(n)));
    lock.release();
    await inTurn(locking, 'Lock');

    const rlock = new RLock();
    rlock.acquire();
    const entering = times(count, (n) => rlock.runAsync(() => order.push(n)));
    rlock.release();
    await inTurn(entering, 'RLock');

    const semaphore = new Semaphore(0);
    const taking = times(count, (n) => semaphore.acquireAsync().then(() => order.push(n)));
    semaphore.release(count);
    await inTurn(taking, 'Semaphore');

    const event = new Event();
    const waiting = times(count, (n) => event.waitAsync().then(() => order.push(n)));
    event.set();
    await inTurn(waiting, 'Event');

    const rwlock = new RWLock();
    rwlock.acquireWrite();
    const writing = times(count, (n) => rwlock.writeLock.runAsync(() => order.push(n)));
    const reading = times(count, () => rwlock.readLock.runAsync(() => {}));
    rwlock.releaseWrite();
    await inTurn([...writing, ...reading], 'RWLock');

    const barrier = new Barrier(count);
    const meeting = times(count, () => barrier.waitAsync().then((place) => order.push(place)));
    await Promise.all(meeting);
    order.sort((a, b) => a - b);
    await inTurn([], 'Barrier');
  });

  test(`${count} tasks wait for a Condition in the default arena, and are notified in order`, async () => {
    for (const condition of [new Condition(new Lock()), new Condition<RLock>()]) {
      const order: number[] = [];
      const waiting = times(count, (n) =>
        condition.runAsync(async (hold) => {
          await condition.waitAsync({ hold });
          order.push(n);
        }),
      );
      await until(() => condition.toString().includes(`, ${count} waiting`));
      await condition.runAsync((hold) => condition.notify(count / 2, { hold }));
      await condition.runAsync((hold) => condition.notifyAll({ hold }));
      await Promise.all(waiting);
      assert.equal(
        order,
        times(count, (n) => n),
      );
    }
  });
}

// --- cost ----------------------------------------------------------------------------------------------------------------

/** How often `Atomics` is called meanwhile. */
async function calls(work: () => unknown): Promise<number> {
  let count = 0;
  const original = { ...Object.getOwnPropertyDescriptors(Atomics) };
  for (const [name, { value }] of Object.entries(original)) {
    if (typeof value !== 'function') continue;
    Object.defineProperty(Atomics, name, {
      configurable: true,
      writable: true,
      value: (...args: unknown[]) => {
        count++;
        return (value as (...args: unknown[]) => unknown)(...args);
      },
    });
  }
  try {
    await work();
  } finally {
    Object.defineProperties(Atomics, original);
  }
  return count;
}

/** Asserts that 4 times as many take about 4 times as many calls of Atomics: the square would be 16 times. */
async function growsEvenly(few: number, prepare: (count: number) => Promise<() => unknown>): Promise<void> {
  const [once, again] = [await calls(await prepare(few)), await calls(await prepare(4 * few))];
  // Counting a wait takes one more when it is the longest yet, as most of many are; and one whose time is up takes 9 to 13,
  // depending on the turns of the event loop into which timers fall.
  assert.ok(again <= 7 * once, `calls of Atomics: ${once} and ${again}`);
}

/** In ms of a processor: what else the machine does at the time does not count. */
async function timeOf(work: () => unknown): Promise<number> {
  collectGarbage();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** Asserts that 4 times as many take about 4 times as long: the square would be 16 times, of seconds then. */
function isEven([few, many]: readonly number[]): void {
  assert.ok(many < 10 * few + 500, `ms: ${few.toFixed(0)} and ${many.toFixed(0)}`);
}

type Wait = (signal: AbortSignal) => Promise<unknown>;

/** As little of a signal as will do: Node takes longer for its own than for all the rest. */
function newSignal(): { readonly signal: AbortSignal; readonly abort: () => void } {
  let listener: (() => void) | undefined;
  const signal = {
    aborted: false,
    reason: 'given up',
    addEventListener: (_type: string, added: () => void) => {
      listener = added;
    },
    removeEventListener: () => {},
  };
  return { signal: signal as unknown as AbortSignal, abort: () => listener?.() };
}

const cancelled: Readonly<Record<string, (count: number) => Wait>> = {
  Lock: () => {
    const lock = new Lock({ arena: new Arena() });
    lock.acquire();
    return (signal) => lock.acquireAsync({ signal });
  },
  RLock: () => {
    const lock = new RLock({ arena: new Arena() });
    lock.acquire();
    return (signal) => lock.holdAsync({ signal });
  },
  Semaphore: () => {
    const semaphore = new Semaphore(0, { arena: new Arena() });
    return (signal) => semaphore.acquireAsync({ signal });
  },
  Event: () => {
    const event = new Event({ arena: new Arena() });
    return (signal) => event.waitAsync({ signal });
  },
  'RWLock, to read': () => {
    const lock = new RWLock({ arena: new Arena() });
    lock.acquireWrite();
    return (signal) => lock.acquireReadAsync({ signal });
  },
  'RWLock, to write': () => {
    const lock = new RWLock({ arena: new Arena() });
    lock.acquireRead();
    return (signal) => lock.acquireWriteAsync({ signal });
  },
  Condition: (count) => {
    const lock = new Lock({ arena: new Arena({ byteLength: 65_536 + count * 64 }) });
    const condition = new Condition(lock);
    return (signal) => {
      lock.acquire();
      return condition.waitAsync({ signal }).finally(() => lock.release());
    };
  },
};

const orders = {
  'oldest first': (count: number) => times(count, (n) => n),
  'newest first': (count: number) => times(count, (n) => count - 1 - n),
  'from the middle on': (count: number) => times(count, (n) => (n + (count >> 1)) % count),
};

for (const [name, make] of Object.entries(cancelled)) {
  test(`${name}: giving up costs the same among few as among many, in whichever order`, async () => {
    for (const order of Object.values(orders)) {
      await growsEvenly(500, async (count) => {
        const wait = make(count);
        const signals = times(count, newSignal);
        const ended = Promise.allSettled(signals.map(({ signal }) => wait(signal)));
        await new Promise((resolve) => setTimeout(resolve));
        return () => {
          for (const n of order(count)) signals[n].abort();
          return ended;
        };
      });
    }
  });
}

for (const [name, most] of [
  ['oldest first', 100_000],
  ['newest first', 50_000],
] as const) {
  const order = orders[name];
  test(`${most} waits are given up ${name}, in a time that grows with their number`, async () => {
    const ms: number[] = [];
    for (const count of [most / 4, most]) {
      const lock = new Lock({ arena: new Arena() });
      lock.acquire();
      const signals = times(count, newSignal);
      const ended = signals.map(({ signal }) => lock.acquireAsync({ signal }).catch((reason) => reason));
      ms.push(
        await timeOf(() => {
          for (const n of order(count)) signals[n].abort();
        }),
      );
      assert.ok((await Promise.all(ended)).every((reason) => reason === 'given up'));
      assert.is(lock.arena.member.queues.size, 0);
    }
    isEven(ms);
  });
}

test('waits whose time is up cost the same among many', async () => {
  await growsEvenly(500, async (count) => {
    const lock = new Lock({ arena: new Arena() });
    lock.acquire();
    return () => Promise.all(times(count, () => lock.acquireAsync({ timeout: 0.01 })));
  });
});

test('a turn costs the same among many', async () => {
  await growsEvenly(500, async (count) => {
    const lock = new Lock({ arena: new Arena() });
    lock.acquire();
    const ended = times(count, () => lock.runAsync(() => {}));
    return () => {
      lock.release();
      return Promise.all(ended);
    };
  });
});

test('parties of a Barrier, and tasks that wait for a Condition, cost the same among many', async () => {
  await growsEvenly(500, async (count) => {
    const barrier = new Barrier(count, { arena: new Arena({ byteLength: 65_536 + count * 64 }) });
    return () => Promise.all(times(count, () => barrier.waitAsync()));
  });
  await growsEvenly(500, async (count) => {
    const condition = new Condition(new Lock({ arena: new Arena({ byteLength: 65_536 + count * 64 }) }));
    return async () => {
      const waiting = times(count, () => condition.runAsync((hold) => condition.waitAsync({ hold })));
      await condition.runAsync(() => {});
      await condition.runAsync(() => condition.notifyAll());
      await Promise.all(waiting);
    };
  });
});

// --- one signal for many ---------------------------------------------------------------------------------------------------

test('a hundred waits on one signal have one listener there, and Node warns of nothing', async () => {
  const warnings: Error[] = [];
  const warn = (warning: Error) => warnings.push(warning);
  process.on('warning', warn);
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = function (this: AbortSignal, ...args: Parameters<typeof addEventListener>) {
    listeners++;
    return addEventListener.apply(this, args);
  } as typeof addEventListener;
  signal.removeEventListener = function (this: AbortSignal, ...args: Parameters<typeof removeEventListener>) {
    listeners--;
    return removeEventListener.apply(this, args);
  } as typeof removeEventListener;
  const lock = new Lock({ arena: new Arena() });
  const event = new Event({ arena: new Arena() });
  lock.acquire();
  const waiting = times(100, (n) =>
    n % 2 === 0 ? lock.acquireAsync({ signal, timeout: 50 }) : event.waitAsync({ signal }),
  );
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.is(listeners, 1);
  event.set();
  await Promise.all(waiting);
  assert.is(listeners, 0);
  process.off('warning', warn);
  assert.equal(warnings, []);
});

test('one signal ends 60,000 waits on several primitives, each with its reason, in a time that grows with their number', async () => {
  const ms: number[] = [];
  for (const count of [15_000, 60_000]) {
    const abort = new AbortController();
    const { signal } = abort;
    const lock = new Lock({ arena: new Arena() });
    lock.acquire();
    const semaphore = new Semaphore(0, { arena: new Arena() });
    const reason = new Error('enough');
    let waiting: Promise<unknown>[] = [];
    const begin = () => {
      waiting = times(count, (n) =>
        (n % 2 === 0 ? lock : semaphore).acquireAsync({ signal }).catch((each: unknown) => each),
      );
    };
    ms.push((await timeOf(begin)) + (await timeOf(() => abort.abort(reason))));
    assert.ok((await Promise.all(waiting)).every((each) => each === reason));
    for (const { arena } of [lock, semaphore]) assert.is(arena.member.queues.size, 0);
    // The signal has left nothing behind that keeps others from their turn.
    lock.release();
    assert.ok(await lock.acquireAsync());
  }
  isEven(ms);
});

test('waiting with one signal, and ending such a wait, costs the same among many', async () => {
  await growsEvenly(500, async (count) => {
    const { signal } = new AbortController();
    const lock = new Lock({ arena: new Arena() });
    lock.acquire();
    return async () => {
      const ended = times(count, () => lock.runAsync(() => {}, { signal }));
      lock.release();
      await Promise.all(ended);
    };
  });
});

test.run();
