// Nothing is paid for deaths where nobody dies: calls that meet no other agent make the Atomics calls that they cannot do
// without, and no more. Times depend on the machine; `npm run bench -- versions --against DIR` compares them.
import { Barrier, BoundedSemaphore, Condition, Event, Lock, RLock, RWLock, Semaphore } from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('fast paths');

type Counts = Readonly<Record<string, number>>;

/** How often it calls each function of Atomics, the second time: what is done once, at the first call, does not count. */
function callsOf(run: () => void): Counts {
  run();
  const counts: Record<string, number> = {};
  const functions = Object.entries(Object.getOwnPropertyDescriptors(Atomics)).filter(
    ([, { value }]) => typeof value === 'function',
  );
  for (const [name, { value, ...descriptor }] of functions) {
    const counting = (...args: unknown[]): unknown => {
      counts[name] = (counts[name] ?? 0) + 1;
      return value(...args);
    };
    Object.defineProperty(Atomics, name, { ...descriptor, value: counting });
  }
  try {
    run();
  } finally {
    for (const [name, descriptor] of functions) Object.defineProperty(Atomics, name, descriptor);
  }
  return counts;
}

const pair = (one: { acquire(): boolean; release(): void }) => () => {
  one.acquire();
  one.release();
};

const MUTEX: Counts = { compareExchange: 1, exchange: 1 };
const COUNTED: Counts = { load: 2, compareExchange: 2 };

test('a Lock, an RLock and a Condition take one compare-and-swap and one exchange', () => {
  const lock = new Lock();
  assert.equal(callsOf(pair(lock)), MUTEX);
  assert.equal(
    callsOf(() => lock.hold().release()),
    MUTEX,
  );
  assert.equal(
    callsOf(() => lock.run(() => 1)),
    MUTEX,
  );
  assert.equal(callsOf(pair(new RLock())), MUTEX);
  assert.equal(callsOf(pair(new Condition())), MUTEX);
});

test('taking an RLock again takes no call, and neither does notifying nobody', () => {
  const lock = new RLock();
  const condition = new Condition(lock);
  lock.acquire();
  assert.equal(callsOf(pair(lock)), {});
  assert.equal(
    callsOf(() => condition.notifyAll()),
    {},
  );
  lock.release();
});

test('a Semaphore takes a look and a compare-and-swap each way, held or not; a read of an RWLock does, too', () => {
  const permits = new Semaphore();
  assert.equal(callsOf(pair(permits)), COUNTED);
  assert.equal(
    callsOf(() => permits.hold().release()),
    COUNTED,
  );
  assert.equal(
    callsOf(() => permits.run(() => 1)),
    COUNTED,
  );
  assert.equal(callsOf(pair(new RWLock().readLock)), COUNTED);
});

test('a write of an RWLock looks once more: reads leave marks in the word', () => {
  assert.equal(callsOf(pair(new RWLock().writeLock)), { load: 1, ...MUTEX });
});

test('an Event is looked at by one call, set by two and cleared by one', () => {
  const event = new Event();
  assert.equal(
    callsOf(() => event.set()),
    { load: 1 },
  );
  assert.equal(
    callsOf(() => event.wait()),
    { load: 1 },
  );
  assert.equal(
    callsOf(() => {
      event.clear();
      event.set();
    }),
    { load: 1, compareExchange: 1, and: 1 },
  );
});

test('a hold, and a function that is run, take no more calls than acquire and release', () => {
  const rwlock = new RWLock();
  for (const [one, counts] of [
    [new RLock(), MUTEX],
    [rwlock.readLock, COUNTED],
    [new RWLock().writeLock, { load: 1, ...MUTEX }],
    [new BoundedSemaphore(), COUNTED],
  ] as const) {
    assert.equal(callsOf(pair(one)), counts, String(one));
    assert.equal(
      callsOf(() => one.hold().release()),
      counts,
      String(one),
    );
    assert.equal(
      callsOf(() => one.run(() => 1)),
      counts,
      String(one),
    );
  }
});

test('a call that only tries looks first, and takes one look if the lock is held', () => {
  const lock = new Lock();
  const tried = { load: 1, ...MUTEX };
  assert.equal(
    callsOf(() => void (lock.tryAcquire() && lock.release())),
    tried,
  );
  assert.equal(
    callsOf(() => void (lock.acquire(0) && lock.release())),
    tried,
  );
  assert.equal(
    callsOf(() => void (lock.acquire(100) && lock.release())),
    MUTEX,
  );
  lock.acquire();
  assert.equal(
    callsOf(() => void lock.tryAcquire()),
    { load: 1 },
  );
  lock.release();
});

test('a GIL looks three times more', () => {
  assert.equal(callsOf(pair(new GIL() as unknown as Lock)), { load: 3, ...MUTEX });
});

test('a Barrier of one party opens at once', () => {
  const barrier = new Barrier(1);
  assert.equal(
    callsOf(() => void barrier.wait()),
    { store: 2, load: 3, compareExchange: 3 },
  );
});

test.run();
