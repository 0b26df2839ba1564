import {
  Arena,
  BoundedSemaphore,
  type OwnedOptions,
  OwnerDiedError,
  RWLock,
  retire,
  Semaphore,
  share,
} from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { slotOf } from '#dist/core/memory/owner.js';
import { at, BEATS, DUE } from '#dist/core/memory/slots.js';
import { retireFrom } from '#dist/core/memory/sweep.js';
import { sinceEpoch } from '#dist/core/wait/clock.js';
import { type OtherAgent, otherAgent } from '../support/other-agent.js';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';
import type { DeathData } from './counts-at-death.worker.js';

const test = suite('counts, when an agent dies');

const WORKER = new URL('./counts-at-death.worker.js', import.meta.url);

// --- permits ------------------------------------------------------------------------------------------------------

test('permits that a dead agent held come back, however it held them; a bare acquire has no owner', async () => {
  const permits = new Semaphore(5);
  const other = otherAgent(permits.arena as Arena);
  const theirs = other.attach(Semaphore, permits);
  theirs.hold();
  await theirs.holdAsync();
  void theirs.runAsync(() => new Promise(() => {}));
  await Promise.resolve();
  theirs.acquire();
  assert.throws(
    () =>
      theirs.run(() => {
        assert.is(permits.value, 0);
        other.die();
        throw new RangeError('it goes on all the same');
      }),
    RangeError,
  );
  assert.is(permits.value, 4);
});

test('a waiter for a permit gets that of a dead agent', async () => {
  const permits = new BoundedSemaphore(1);
  const other = otherAgent(permits.arena as Arena);
  other.attach(BoundedSemaphore, permits).hold();
  const waits = permits.holdAsync();
  other.die();
  (await waits).release();
  assert.is(permits.value, 1);
});

test('what comes back does not exceed the bound', () => {
  const permits = new BoundedSemaphore(2);
  const other = otherAgent(permits.arena as Arena);
  const theirs = other.attach(BoundedSemaphore, permits);
  theirs.hold();
  theirs.hold();
  permits.release();
  other.die();
  assert.is(permits.value, 2);
});

test('an agent that was taken for dead can hold no more, and gives back nothing', () => {
  const permits = new Semaphore(2);
  const other = otherAgent(permits.arena as Arena);
  const theirs = other.attach(Semaphore, permits);
  const held = theirs.hold();
  other.die();
  const isRetired = (error: { code?: string }): boolean => error.code === 'ERR_RETIRED';
  assert.throws(() => held.release(), isRetired);
  assert.is(permits.value, 2);
  assert.throws(() => theirs.hold(), isRetired);
  assert.is(permits.value, 2);
});

test('a retirement that finds all shared seats taken is put off to the next, and is whole then', () => {
  const arena = new Arena();
  const permits = new Semaphore(2, { arena });
  const others = Array.from({ length: 4 }, () => otherAgent(arena));
  const last = others[3];
  last.attach(Semaphore, permits).hold();
  const seats = [8, 9].map((offset) => permits.cell + offset);
  const free = seats.map((seat) => Atomics.load(arena.words, seat));
  // As if agents of the slots 100 and 101 had been stopped in the midst of a change.
  for (const [i, seat] of seats.entries()) Atomics.store(arena.words, seat, ((100 + i) << 5) | 2 | free[i]);
  last.die();
  assert.is(permits.value, 1);
  for (const [i, seat] of seats.entries()) Atomics.store(arena.words, seat, free[i]);
  assert.is(retire(arena, last.id), true);
  assert.is(permits.value, 2);
  assert.is(retire(arena, last.id), false);
});

test('a release that finds all shared seats with the dead sleeps until they are found, and is whole then', () => {
  const arena = new Arena();
  const permits = new Semaphore(3, { arena });
  const { words } = arena;
  const others = Array.from({ length: 6 }, () => otherAgent(arena));
  const [last, ...dead] = others.slice(3);
  const held = last.attach(Semaphore, permits).hold();
  // Both have ended in the midst of a change, and that shows in a moment.
  for (const [i, { attach, id }] of dead.entries()) {
    attach(Semaphore, permits).hold();
    const seat = permits.cell + 8 + i;
    Atomics.store(words, seat, (slotOf(id) << 5) | 2 | Atomics.load(words, seat));
    Atomics.store(words, at(id, DUE), (sinceEpoch() + 30) | 0);
    Atomics.store(words, at(id, BEATS), 2);
  }
  const { compareExchange } = Atomics;
  let tries = 0;
  Atomics.compareExchange = ((...call: Parameters<typeof compareExchange>) => {
    tries++;
    return compareExchange(...call);
  }) as typeof compareExchange;
  try {
    last.watches();
    held.release();
  } finally {
    Atomics.compareExchange = compareExchange;
  }
  // The seat of one is enough, and the end of the other may show a moment later.
  for (const { die } of dead) die();
  assert.is(permits.value, 3);
  assert.ok(tries < 5000, `${tries} attempts`);
});

test('an agent that holds permits of many semaphores, one after the other, keeps few records', () => {
  const first = new Semaphore(1);
  const { member } = first.arena as unknown as { member: { tallies: Map<number, unknown> } };
  for (let i = 0; i < 50; i++) new Semaphore(1).run(() => {});
  assert.ok(member.tallies.size <= 9, `${member.tallies.size} records`);
  first.run(() => assert.is(first.value, 0));
  assert.is(first.value, 1);
});

// --- at every access ----------------------------------------------------------------------------------------------

const WRITES = ['load', 'store', 'compareExchange', 'exchange', 'add', 'sub', 'and', 'or', 'notify'] as const;
const DEATH = new Error('dead');

/** Runs something, and ends it before its n-th access; an access after that changes nothing. @returns whether it died */
function dieBefore(n: number, run: () => void): boolean {
  const real = Object.fromEntries(WRITES.map((name) => [name, Atomics[name]]));
  let left = n;
  for (const name of WRITES) {
    Object.assign(Atomics, {
      [name]: (...call: readonly unknown[]) => {
        if (--left < 0) throw DEATH;
        return (real[name] as (...call: readonly unknown[]) => unknown).apply(Atomics, [...call]);
      },
    });
  }
  try {
    run();
    return false;
  } catch (error) {
    if (error !== DEATH) throw error;
    return true;
  } finally {
    Object.assign(Atomics, real);
  }
}

/** Something in an arena of its own, what another agent does with it, and what must hold after that. */
interface Case {
  readonly arena: Arena;
  readonly does: (other: OtherAgent) => () => void;
  readonly check: (where: string) => void;
}

/** Another agent dies before each of its accesses in turn; then one that retires it dies in the same way, and another does the rest. */
function atEveryAccess(make: (arena: Arena) => Case): void {
  let cases = 0;
  for (let n = 0, died = true; died; n++) {
    for (let m = 0, retiring = true; retiring; m++) {
      const { arena, does, check } = make(new Arena({ byteLength: 1024, agents: 2 }));
      const other = otherAgent(arena);
      died = dieBefore(n, does(other));
      retiring = dieBefore(m, () => void retireFrom(arena.words, other.id, arena.agentId));
      if (retiring) other.die();
      check(`dead before access ${n}, retired before ${m}`);
      cases++;
    }
  }
  assert.ok(cases > 500, `only ${cases} cases`);
}

test('no permit is lost or invented, at whichever access an agent dies, or one that retires it', () => {
  atEveryAccess((arena) => {
    const permits = new Semaphore(3, { arena });
    const does = (other: OtherAgent) => {
      const theirs = other.attach(Semaphore, permits);
      return () => {
        const one = theirs.hold();
        const another = theirs.hold();
        one.release();
        another.release();
      };
    };
    return { arena, does, check: (where) => assert.is(permits.value, 3, where) };
  });
});

test('no read is lost or stays, at whichever access an agent dies, or one that retires it', () => {
  atEveryAccess((arena) => {
    const lock = new RWLock({ arena });
    lock.acquireRead();
    const does = (other: OtherAgent) => {
      const { readLock } = other.attach(RWLock, lock);
      return () => {
        readLock.acquire();
        readLock.acquire();
        readLock.release();
        readLock.release();
      };
    };
    const check = (where: string) => {
      assert.is(lock.readers, 1, where);
      lock.releaseRead();
      assert.ok(lock.acquireWrite(0), where);
    };
    return { arena, does, check };
  });
});

// --- by terminate() -----------------------------------------------------------------------------------------------

test('workers that are terminated at random leave permits and reads as they were', async () => {
  const permits = new Semaphore(8);
  const lock = new RWLock({ arena: permits.arena as Arena });
  const workerData: DeathData = { shared: share({ permits, lock }) };
  for (let round = 0; round < 2; round++) {
    const crew = await Crew.start(WORKER, { count: 3, workerData });
    const agents = await Promise.all(crew.members.map((member) => member.next<number>('agent')));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    await Promise.all(crew.members.map((member) => member.terminate()));
    for (const agent of agents) retire(permits.arena, agent);
    assert.is(permits.value, 8);
    assert.is(lock.readers, 0);
    assert.ok(lock.acquireWrite(0), `${lock}`);
    lock.releaseWrite();
  }
});

// --- the writer of an RWLock --------------------------------------------------------------------------------------

/** A lock whose writer died, and that agent's id. */
function abandoned(options: OwnedOptions = {}): [RWLock, number] {
  const lock = new RWLock(options);
  const other = otherAgent(lock.arena as Arena);
  other.attach(RWLock, lock).acquireWrite();
  other.die();
  return [lock, other.id];
}

const isOwnerDied = (error: unknown): boolean => error instanceof OwnerDiedError && error.code === 'ERR_OWNER_DIED';

test('an RWLock whose writer died refuses every way of acquiring it, and says who died', async () => {
  const [lock, agent] = abandoned();
  assert.ok(lock.abandoned);
  assert.ok(lock.writing);
  for (const side of [lock.readLock, lock.writeLock]) {
    assert.ok(side.abandoned);
    for (const acquire of [
      () => side.acquire(),
      () => side.acquire(10),
      () => side.acquire(0),
      () => side.tryAcquire(),
      () => side.hold(),
      () => side.run(() => assert.unreachable('it ran')),
    ]) {
      assert.throws(acquire, isOwnerDied);
    }
    for (const wait of [side.acquireAsync(), side.holdAsync(), side.runAsync(() => assert.unreachable('it ran'))]) {
      const reason = await (wait as Promise<unknown>).then(
        () => undefined,
        (error: unknown) => error,
      );
      assert.ok(isOwnerDied(reason), String(reason));
    }
  }
  assert.throws(() => lock.releaseWrite(), isOwnerDied);
  assert.throws(
    () => lock.acquireRead(),
    (error: unknown) => error instanceof OwnerDiedError && error.agentId === agent,
  );
  assert.match(String(lock), 'abandoned');
});

test('recover() repairs it with it held for writing, once, and leaves it whole and free', async () => {
  const [lock] = abandoned();
  const failure = new Error('no repair');
  assert.is(await lock.recoverAsync(() => Promise.reject(failure)).catch((error) => error), failure);
  assert.ok(lock.abandoned);
  const repair = (): void => {
    assert.ok(lock.writing);
    assert.not(lock.abandoned);
    assert.not(lock.acquireRead(0));
  };
  assert.is(lock.recover(repair), true);
  assert.not(lock.writing);
  assert.is(
    lock.recover(() => assert.unreachable('it is whole')),
    false,
  );
  lock.readLock.run(() => assert.is(lock.readers, 1));
  lock.writeLock.run(() => assert.ok(lock.writing));
});

test('tasks that wait for it, to read and to write, are rejected when its writer dies', async () => {
  const lock = new RWLock();
  const other = otherAgent(lock.arena as Arena);
  other.attach(RWLock, lock).acquireWrite();
  const waits = [lock.holdReadAsync(), lock.holdWriteAsync({ timeout: 60_000 }), lock.readLock.runAsync(() => {})];
  other.die();
  for (const end of await Promise.allSettled(waits)) assert.ok(end.status === 'rejected' && isOwnerDied(end.reason));
});

test("with onOwnerDeath: 'release' it is free when its writer dies", () => {
  const [lock] = abandoned({ onOwnerDeath: 'release' });
  assert.not(lock.abandoned);
  assert.not(lock.writing);
  assert.is(lock.recover(), false);
  assert.ok(lock.acquireWrite(0));
  lock.releaseWrite();
});

test.run();
