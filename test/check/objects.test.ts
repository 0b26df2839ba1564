// The package's primitives in a user's scenario.
import {
  Arena,
  Barrier,
  BoundedSemaphore,
  BrokenBarrierError,
  Condition,
  Event,
  Lock,
  RLock,
  RWLock,
  Semaphore,
  SyncError,
} from 'atomics-sync-free';
import { type Body, explore, type Memory, replay, type Scenario, ScenarioError, sample } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('primitives in a scenario');

type M = Memory<string>;
const load = ({ words, at }: M, name: string): number => Atomics.load(words, at[name]);
const store = ({ words, at }: M, name: string, value: number): void => {
  Atomics.store(words, at[name], value);
};
const add = ({ words, at }: M, name: string, value: number): void => {
  Atomics.add(words, at[name], value);
};

const both = (a: Lock, b: Lock) => (): void => {
  a.acquire();
  b.acquire();
  b.release();
  a.release();
};

test('two locks that are taken in opposite order are a deadlock, and the schedule names them', () => {
  const [a, b] = [new Lock(), new Lock()];
  const threads = [
    { name: 'x', run: both(a, b) },
    { name: 'y', run: both(b, a) },
  ];
  const { failure } = explore({ objects: { a, b }, threads });
  assert.is(failure?.kind, 'deadlock');
  assert.equal(
    failure?.schedule.steps.map(({ thread, operation, change }) => `${thread} ${operation}: ${change}`),
    ['x acquires lock `a`: a free → held by x', 'y acquires lock `b`: b free → held by y'],
  );
  assert.match(failure?.reason ?? '', 'x waits for lock `b`, held by y\n  y waits for lock `a`, held by x');
  assert.is(explore({ objects: { a, b }, threads: [both(a, b), both(a, b)] }).verdict, 'ok');
});

test('a lock that is acquired twice by one thread is a deadlock of that thread', () => {
  const lock = new Lock();
  const { failure } = explore({ objects: { lock }, threads: [both(lock, lock)] });
  assert.match(failure?.reason ?? '', 'a waits for lock `lock`, which it holds itself');
  const rlock = new RLock();
  assert.is(explore({ objects: { rlock }, threads: [() => rlock.run(() => rlock.run(() => {}))] }).verdict, 'ok');
});

test('a transfer loses an update without a lock, and not with one', () => {
  const account = new Lock();
  const deposit = (memory: M): void => store(memory, 'balance', load(memory, 'balance') + 1);
  const scenario = (threads: readonly Body<'balance'>[]): Scenario<'balance'> => ({
    memory: { balance: 0 },
    objects: { account },
    threads,
    final: ({ balance }) => balance === 2 || `the balance is ${balance}`,
  });
  const locked: Body<'balance'> = (memory) => account.run(() => deposit(memory));
  assert.match(explore(scenario([locked, deposit])).failure?.reason ?? '', 'the balance is 1');
  assert.is(explore(scenario([locked, locked])).verdict, 'ok');
});

test('what a lock guards may be accessed plainly; a plain access to what it does not guard is a data race', () => {
  const account = new Lock();
  const deposit: Body<'balance'> = ({ words, at }) => {
    words[at.balance] += 1;
  };
  const locked: Body<'balance'> = (memory, thread) => account.run(() => deposit(memory, thread));
  const scenario = { memory: { balance: 0 }, objects: { account } };
  assert.is(explore({ ...scenario, threads: [locked, locked] }).verdict, 'ok');
  assert.is(explore({ ...scenario, threads: [locked, deposit] }).failure?.kind, 'race');
});

test('a condition that is tested by if instead of while is found', () => {
  const some = new Condition(new Lock());
  const take =
    (waits: (isEmpty: () => boolean) => void): Body<'items'> =>
    (memory) =>
      some.run(() => {
        waits(() => load(memory, 'items') === 0);
        add(memory, 'items', -1);
      });
  const put: Body<'items'> = (memory) =>
    some.run(() => {
      add(memory, 'items', 1);
      some.notify();
    });
  const scenario = (taker: Body<'items'>): Scenario<'items'> => ({
    memory: { items: 0 },
    objects: { some },
    threads: [taker, taker, put, put],
    invariant: ({ items }) => items >= 0 || 'taken from nothing',
  });
  const broken = explore(
    scenario(
      take((isEmpty) => {
        if (isEmpty()) some.wait();
      }),
    ),
  );
  assert.match(broken.failure?.reason ?? '', 'taken from nothing');
  assert.match(String(broken), 'was notified by condition `some`, and has its lock again');
  for (const taker of [
    take((isEmpty) => {
      while (isEmpty()) some.wait();
    }),
    take((isEmpty) => void some.waitFor(() => !isEmpty())),
  ]) {
    assert.is(explore(scenario(taker)).verdict, 'ok');
  }
});

test('an event that is cleared too early is found', () => {
  const ready = new Event();
  const waiter: Body<'data'> = (memory) => {
    ready.wait();
    if (load(memory, 'data') !== 1) throw new Error('woken for nothing');
  };
  const setter =
    (clears: boolean): Body<'data'> =>
    (memory) => {
      store(memory, 'data', 1);
      ready.set();
      if (clears) ready.clear();
    };
  const scenario = (clears: boolean): Scenario<'data'> => ({
    memory: { data: 0 },
    objects: { ready },
    threads: [waiter, setter(clears)],
  });
  assert.is(explore(scenario(false)).verdict, 'ok');
  const { failure } = explore(scenario(true));
  assert.is(failure?.kind, 'deadlock');
  // A thread that waited before is released all the same.
  assert.not.ok(failure?.schedule.steps.some(({ operation }) => operation.startsWith('goes on')));
});

test('a bounded buffer needs its mutex', () => {
  const [free, full, mutex] = [new Semaphore(1), new Semaphore(0), new Lock()];
  const scenario = (guard: (work: () => void) => void): Scenario<'items'> => {
    const put: Body<'items'> = (memory) => {
      free.acquire();
      guard(() => store(memory, 'items', load(memory, 'items') + 1));
      full.release();
    };
    const take: Body<'items'> = (memory) => {
      full.acquire();
      guard(() => store(memory, 'items', load(memory, 'items') - 1));
      free.release();
    };
    return {
      memory: { items: 0 },
      objects: { free, full, mutex },
      threads: [put, put, take, take],
      invariant: ({ items }) => items <= 1 || `${items} items in a buffer for one`,
      final: ({ items }) => items === 0 || `${items} items are left`,
    };
  };
  assert.is(explore(scenario((work) => mutex.run(work))).verdict, 'ok');
  // One slot excludes by itself; with two, puts and takes overlap.
  free.release();
  const loose = { ...scenario((work) => work()), invariant: () => true };
  assert.match(explore(loose).failure?.reason ?? '', 'items are left');
});

test('dining philosophers starve, unless one takes the other fork first', () => {
  const forks = [new Lock(), new Lock(), new Lock()];
  const philosopher = (first: number, second: number): Body => both(forks[first], forks[second]);
  const table = (last: Body): Scenario => ({
    objects: { forks },
    threads: [philosopher(0, 1), philosopher(1, 2), last],
  });
  const { failure } = explore(table(philosopher(2, 0)));
  assert.is(failure?.kind, 'deadlock');
  assert.match(failure?.reason ?? '', 'c waits for lock `forks[0]`, held by a');
  assert.is(explore(table(philosopher(0, 2))).verdict, 'ok');
});

test('a wait whose time may be up can end either way', () => {
  const lock = new Lock();
  const some = new Condition(lock);
  const holder: Body = () => lock.run(() => {});
  const outcomes = (objects: Record<string, unknown>, ends: () => boolean, other: Body): string[] => {
    const got: Body<'got'> = (memory) => store(memory, 'got', ends() ? 1 : 0);
    const result = explore({
      memory: { got: -1 },
      objects,
      threads: [got, other],
      outcome: ({ got: end }) => `${end}`,
    });
    assert.is(result.verdict, 'ok', String(result));
    return [...result.outcomes.keys()].sort();
  };
  const acquires = (timeout: number) => () => {
    const acquired = lock.acquire(timeout);
    if (acquired) lock.release();
    return acquired;
  };
  assert.equal(outcomes({ lock }, acquires(5), holder), ['0', '1']);
  assert.equal(outcomes({ lock }, acquires(0), holder), ['0', '1']);
  assert.equal(outcomes({ lock }, acquires(Infinity), holder), ['1']);
  const notifies: Body = () => some.run(() => some.notify());
  assert.equal(
    outcomes({ some }, () => some.run(() => some.wait(5)), notifies),
    ['0', '1'],
  );
  const semaphore = new BoundedSemaphore(1);
  const takes = (): boolean => {
    const taken = semaphore.acquire(5);
    if (taken) semaphore.release();
    return taken;
  };
  assert.equal(
    outcomes({ semaphore }, takes, () => semaphore.run(() => {})),
    ['0', '1'],
  );
});

test('a reader that waits for another reader is in a deadlock once a writer starves', () => {
  const [table, seen] = [new RWLock(), new Event()];
  const readers: readonly Body[] = [
    () => table.readLock.run(() => seen.wait()),
    () => table.readLock.run(() => seen.set()),
  ];
  assert.is(explore({ objects: { table, seen }, threads: readers }).verdict, 'ok');
  const { failure } = explore({ objects: { table, seen }, threads: [...readers, () => table.writeLock.run(() => {})] });
  assert.is(failure?.kind, 'deadlock');
  assert.match(failure?.reason ?? '', 'kept from newcomers for a writer');
});

test('readers and a writer of an RWLock exclude each other', () => {
  const table = new RWLock();
  const writer: Body<'a' | 'b'> = (memory) => {
    using _held = table.holdWrite();
    add(memory, 'a', 1);
    add(memory, 'b', 1);
  };
  const reader: Body<'a' | 'b'> = (memory) => {
    table.acquireRead();
    if (load(memory, 'a') !== load(memory, 'b')) throw new Error('read in the middle of a write');
    table.releaseRead();
  };
  const result = explore({ memory: { a: 0, b: 0 }, objects: { table }, threads: [writer, writer, reader] });
  assert.is(result.verdict, 'ok', String(result));
});

test('a barrier lets nobody go before all have arrived, and breaks for all', () => {
  const meeting = new Barrier(2);
  const arrive: Body<'arrived'> = (memory) => {
    add(memory, 'arrived', 1);
    meeting.wait();
    if (load(memory, 'arrived') !== 2) throw new Error('gone too early');
  };
  const scenario = { memory: { arrived: 0 }, objects: { meeting } };
  assert.is(explore({ ...scenario, threads: [arrive, arrive] }).verdict, 'ok');
  const breaks: Body<'arrived'> = (memory) => {
    try {
      meeting.wait(5);
    } catch (error) {
      if (!(error instanceof BrokenBarrierError)) throw error;
      add(memory, 'arrived', 1);
    }
  };
  const result = explore({
    ...scenario,
    threads: [breaks, breaks],
    outcome: ({ arrived }) => `${arrived} broken`,
  });
  assert.equal([...result.outcomes.keys()].sort(), ['0 broken', '2 broken']);
  assert.is(meeting.broken, false);
});

test('a bad call throws what the primitive throws', () => {
  const [lock, bounded] = [new RLock(), new BoundedSemaphore(1)];
  const codes: Body<'codes'> = (memory) => {
    for (const call of [() => lock.release(), () => bounded.release(), () => new Condition(lock).notify()].slice(
      0,
      2,
    )) {
      try {
        call();
      } catch (error) {
        if (!(error instanceof SyncError)) throw error;
        add(memory, 'codes', ['ERR_NOT_HELD', 'ERR_OVER_RELEASE'].indexOf(error.code) + 1);
      }
    }
  };
  const result = explore({
    memory: { codes: 0 },
    objects: { lock, bounded },
    threads: [codes],
    final: ({ codes: sum }) => sum === 3,
  });
  assert.is(result.verdict, 'ok', String(result));
  const { failure } = explore({ objects: { lock }, threads: [() => lock.release()] });
  assert.match(failure?.reason ?? '', '`lock` is not held by anyone; release() needs it held');
});

test('runs that differ in the order of steps on different primitives are explored once', () => {
  const locks = [new Lock(), new Lock(), new Lock(), new Lock()];
  const twice = (lock: Lock): Body => {
    return () => {
      for (let round = 0; round < 2; round++) lock.run(() => {});
    };
  };
  const scenario: Scenario = {
    objects: { locks },
    threads: locks.flatMap((lock) => [twice(lock), twice(lock)]).slice(0, 7),
  };
  const [reduced, whole] = [explore(scenario), explore({ ...scenario, maxStates: 20_000 }, { reduction: false })];
  assert.is(reduced.verdict, 'ok');
  assert.is(whole.verdict, 'incomplete');
  const swapped = [both(locks[0], locks[1]), both(locks[1], locks[0])];
  assert.is(
    explore({ objects: { locks }, threads: [...scenario.threads.slice(3), ...swapped] }).failure?.kind,
    'deadlock',
  );
});

test('a schedule is found by a sample and replayed by its seed', () => {
  const [a, b] = [new Lock(), new Lock()];
  const scenario: Scenario = { objects: { a, b }, threads: [both(a, b), both(b, a)] };
  const { failure } = sample(scenario);
  assert.is(failure?.kind, 'deadlock');
  assert.is(replay(scenario, failure?.schedule.seed ?? '').failure?.reason, failure?.reason);
});

test('the primitives are as before when the exploration is over', () => {
  const lock = new Lock();
  const { release } = Lock.prototype;
  explore({ objects: { lock }, threads: [() => void lock.acquire()] });
  assert.throws(() => explore({ objects: { lock }, threads: [] }), /a scenario must have 1 to 26 threads/);
  assert.is(Lock.prototype.release, release);
  assert.is(lock.locked, false);
  assert.ok(lock.tryAcquire());
  lock.release();
});

test('what cannot be followed is misuse, and says what to do', () => {
  const [named, unnamed] = [new Lock(), new Lock()];
  const misuse = (run: Body): string => {
    const { failure } = explore({ objects: { named }, threads: [run] });
    assert.is(failure?.kind, 'misuse');
    return failure?.reason ?? '';
  };
  assert.match(
    misuse(() => void unnamed.acquire()),
    /an object of class Lock is used that the scenario does not name: add it to the scenario's 'objects' \(.*objects\.test/,
  );
  assert.match(
    misuse(() => void named.acquireAsync()),
    'acquireAsync() of a primitive needs exploreAsync()',
  );
  assert.match(
    misuse(() => new Event().set()),
    "if it is a primitive's, name that in the scenario's 'objects'",
  );
});

test('objects that are not free primitives are refused, by their names', () => {
  const refused = (objects: unknown, message: string | RegExp): void => {
    const scenario = { objects, threads: [() => {}] } as Scenario;
    assert.throws(
      () => explore(scenario),
      (error: Error) => error instanceof ScenarioError && assert.match(error.message, message) === undefined,
    );
  };
  refused({}, 'objects contains no primitive');
  refused(3, 'objects must be an object, not 3');
  refused({ a: { b: [new Lock(), 3] } }, 'objects.a.b[1] is 3, not a primitive');
  refused({ a: new Map() }, 'objects.a is neither a primitive');
  refused({ a: new Arena() }, 'objects.a is ');
  const held = new Lock();
  held.acquire();
  refused({ a: held }, 'objects.a is in use');
  assert.throws(
    () => explore({ objects: { a: new Lock() }, threads: [() => {}], kills: 1 }),
    /kills: what the death of a thread does to objects is not supported/,
  );
});

test.run();
