// A task that goes on in microtasks alone keeps no other task of its agent out: what the agent releases, its tasks may
// take without a turn of the event loop.
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
} from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { GATE } from '#dist/core/memory/cells.js';
import { TASK_WAITER } from '#dist/core/memory/owner.js';
import { otherAgent } from '../support/other-agent.js';
import { atTestEnd, suite } from '../support/suite.js';

const test = suite('tasks in microtasks');

/** How many rounds a task goes while nobody else gets on; a fair one goes a handful. */
const MANY = 20_000;

/** Asserts that what is waited for comes while a task goes round without leaving its microtasks. */
async function comesInTime(
  what: string,
  begin: () => Promise<unknown>,
  round: () => Promise<unknown>,
  most = 10,
): Promise<void> {
  let came = false;
  let turns = 0;
  // The event loop must have no part in it.
  const turn = setImmediate(() => turns++);
  const waiting = begin().then(() => {
    came = true;
  });
  let rounds = 0;
  for (; !came && rounds < MANY; rounds++) await round();
  assert.ok(came, `${what}: it did not come in ${rounds} rounds`);
  assert.is(turns, 0, `${what}: the event loop has turned`);
  assert.ok(rounds <= most, `${what}: it came after ${rounds} rounds`);
  clearImmediate(turn);
  await waiting;
}

const another = <T>(object: T): T => attach(structuredClone(share(object)) as Shared<T>);

const looping = {
  Lock: () => new Lock({ arena: new Arena() }),
  RLock: () => new RLock({ arena: new Arena() }),
  Semaphore: () => new Semaphore(1, { arena: new Arena() }),
  'RWLock, to write': () => new RWLock({ arena: new Arena() }).writeLock,
  Condition: () => new Condition(new Lock({ arena: new Arena() })),
} as const;

for (const [name, make] of Object.entries(looping)) {
  test(`${name}: a task that loops runAsync lets another in`, async () => {
    const lock = make() as Lock;
    const hold = await lock.holdAsync();
    const others = another(lock);
    await comesInTime(
      name,
      () => {
        const waiting = lock.runAsync(() => {});
        hold.release();
        return waiting;
      },
      () => lock.runAsync(() => {}),
    );
    const again = await lock.holdAsync();
    await comesInTime(
      `${name}, by another object`,
      () => {
        const waiting = others.runAsync(() => {});
        again.release();
        return waiting;
      },
      () => lock.runAsync(() => {}),
    );
  });

  test(`${name}: a task that takes it at once, and gives it back, in every microtask lets another in`, async () => {
    const lock = make() as Lock;
    assert.ok(lock.tryAcquire());
    await comesInTime(
      name,
      () => lock.runAsync(() => {}),
      async () => {
        lock.release();
        await null;
        // Fails when the other has it; it is the other's then.
        while (!lock.tryAcquire()) await null;
      },
      100,
    );
  });

  test(`${name}: of three tasks that loop runAsync none overtakes another by more than a round`, async () => {
    const lock = make() as Lock;
    const rounds = [0, 0, 0];
    let most = 0;
    await Promise.all(
      rounds.map(async (_, n) => {
        while (rounds[n] < 500) {
          await lock.runAsync(() => {
            rounds[n]++;
            const still = rounds.filter((done) => done < 500);
            if (still.length === 3) most = Math.max(most, Math.max(...rounds) - Math.min(...rounds));
          });
        }
      }),
    );
    assert.ok(most <= 2, `overtaken by ${most}`);
  });
}

test('a task that waits with a time-out gets its turn among loops, not the end of its time', async () => {
  const lock = new Lock({ arena: new Arena() });
  lock.acquire();
  let got: boolean | undefined;
  const waiting = lock.acquireAsync({ timeout: 1 }).then((inTime) => {
    got = inTime;
    if (inTime) lock.release();
  });
  lock.release();
  const end = performance.now() + 5;
  while (performance.now() < end) await lock.runAsync(() => {});
  await waiting;
  assert.ok(got);
});

test('Semaphore: with two permits going round a third task gets one', async () => {
  const semaphore = new Semaphore(2, { arena: new Arena() });
  const holds = [await semaphore.holdAsync(), await semaphore.holdAsync()];
  await comesInTime(
    'a permit',
    () => {
      const waiting = semaphore.runAsync(() => {});
      for (const hold of holds) hold.release();
      return waiting;
    },
    () => Promise.all([semaphore.runAsync(() => {}), semaphore.runAsync(async () => {})]),
  );
});

/** Tasks that read in turns, so that somebody reads at any time, until the writer is in or they have gone many rounds. */
async function overlap(lock: RWLock, isOver: () => boolean): Promise<number> {
  let rounds = 0;
  const reader = async (offset: number): Promise<void> => {
    for (let i = 0; i < offset; i++) await null;
    while (!isOver()) {
      const hold = await lock.holdReadAsync();
      rounds++;
      for (let i = 0; i < 12; i++) await null;
      hold.release();
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, n) => reader(n * 2)));
  return rounds;
}

test('RWLock: a task that wants to write is let in among reads that overlap without end', async () => {
  const lock = new RWLock({ arena: new Arena() });
  let written = false;
  let turns = 0;
  const turn = setImmediate(() => turns++);
  const first = await lock.holdReadAsync();
  const writing = lock.writeLock.runAsync(() => {
    written = true;
  });
  const end = performance.now() + 2000;
  const reading = overlap(lock, () => written || performance.now() > end);
  for (let i = 0; i < 50; i++) await null;
  first.release();
  const rounds = await reading;
  assert.ok(written, `no turn in ${rounds} reads`);
  assert.is(turns, 0, 'the event loop has turned');
  clearImmediate(turn);
  await writing;
});

test('RWLock: tasks that want to read are let in among a task that writes again and again', async () => {
  const lock = new RWLock({ arena: new Arena() });
  const writing = await lock.holdWriteAsync();
  await comesInTime(
    'reading',
    () => {
      const reading = Promise.all([lock.readLock.runAsync(() => {}), lock.readLock.runAsync(() => {})]);
      writing.release();
      return reading;
    },
    () => lock.writeLock.runAsync(() => {}),
  );
});

test('RWLock: a task that wants to write is let in when the blocking reads of its agent end', async () => {
  const lock = new RWLock({ arena: new Arena() });
  lock.acquireRead();
  await comesInTime(
    'writing',
    () => lock.writeLock.runAsync(() => {}),
    async () => {
      lock.releaseRead();
      await null;
      while (!lock.readLock.tryAcquire()) await null;
    },
    100,
  );
});

test('Event: a task is let go by a pulse, without a turn of the event loop', async () => {
  const event = new Event({ arena: new Arena() });
  await comesInTime(
    'the pulse',
    () => Promise.all([event.waitAsync(), another(event).waitAsync()]),
    async () => {
      event.set();
      event.clear();
      await null;
    },
  );
});

test('Condition: a task that notifies and goes on in microtasks hands over', async () => {
  for (const condition of [
    new Condition(new Lock({ arena: new Arena() })),
    new Condition(undefined, { arena: new Arena() }),
  ]) {
    let waits = false;
    const notified = condition.runAsync(async (hold) => {
      waits = true;
      await condition.waitAsync({ hold });
    });
    while (!waits) await null;
    await comesInTime(
      'the notification',
      () => notified,
      () => condition.runAsync((hold) => condition.notify(1, { hold })),
    );
  }
});

test('Condition: two tasks play ping-pong in microtasks', async () => {
  const condition = new Condition(new Lock({ arena: new Arena() }));
  let turn = 0;
  let turns = 0;
  const watch = setImmediate(() => turns++);
  const play = (me: number) => async (): Promise<void> => {
    for (let round = 0; round < 200; round++) {
      await condition.waitForAsync(() => turn % 2 === me);
      turn++;
      condition.notify();
    }
  };
  await Promise.all([condition.runAsync(play(0)), condition.runAsync(play(1))]);
  assert.is(turn, 400);
  assert.is(turns, 0, 'the event loop has turned');
  clearImmediate(watch);
});

test('Barrier: of three tasks that go round one for two parties none is kept out', async () => {
  const barrier = new Barrier(2, { arena: new Arena() });
  const rounds = [0, 0, 0];
  const go = async (n: number): Promise<void> => {
    while (Math.min(...rounds) < 50 && Math.max(...rounds) < MANY) {
      await barrier.waitAsync();
      rounds[n]++;
    }
    // A task that still waits has nobody to wait for.
    barrier.abort();
  };
  await Promise.allSettled(rounds.map((_, n) => go(n)));
  assert.ok(Math.max(...rounds) <= 200, `rounds: ${rounds}`);
});

test('what another agent frees in the turn in which a task begins to wait is found in the next', async () => {
  const arena = new Arena();
  const other = otherAgent(arena);
  const lock = new Lock({ arena });
  const rw = new RWLock({ arena });
  const semaphore = new Semaphore(0, { arena });
  const event = new Event({ arena });
  const [theirLock, theirRW] = [other.attach(Lock, lock), other.attach(RWLock, rw)];
  for (let round = 0; round < 100; round++) {
    theirLock.acquire();
    theirRW.acquireWrite();
    const waiting = [lock.acquireAsync(), rw.acquireReadAsync(), semaphore.acquireAsync(), event.waitAsync()];
    // In some rounds a microtask, or a turn, later.
    if (round % 3 > 0) await null;
    if (round % 3 > 1) await new Promise(setImmediate);
    theirLock.release();
    theirRW.releaseWrite();
    other.attach(Semaphore, semaphore).release();
    other.attach(Event, event).set();
    await Promise.all(waiting);
    lock.release();
    rw.releaseRead();
    event.clear();
  }
});

test('what tasks of one agent hand over in microtasks takes no watch of a gate', async () => {
  const lock = new Lock({ arena: new Arena() });
  const { waitAsync } = Atomics;
  let watches = 0;
  Atomics.waitAsync = ((words: Int32Array, gate: number, value: number) => {
    if (words === lock.arena.words && gate === lock.cell + GATE + TASK_WAITER) watches++;
    return waitAsync(words, gate, value);
  }) as typeof waitAsync;
  atTestEnd(() => {
    Atomics.waitAsync = waitAsync;
  });
  const task = async (): Promise<void> => {
    for (let i = 0; i < 5; i++) await lock.runAsync(() => null);
  };
  // A task that has waited for a millisecond, as when another process has the processor, is watched for at once.
  for (let tries = 100; tries > 0; tries--) {
    watches = 0;
    await Promise.all([task(), task(), task()]);
    if (watches === 0) break;
  }
  assert.is(watches, 0);
  lock.acquire();
  const waiting = lock.acquireAsync();
  await new Promise(setImmediate);
  await new Promise(setImmediate);
  assert.is(watches, 1);
  lock.release();
  await waiting;
});

test.run();
