// What was found broken in other packages when they were run, one test for each defect, which fails on an algorithm that
// has it.
import {
  Arena,
  attach,
  BoundedSemaphore,
  Condition,
  Event,
  Lock,
  type OwnerDiedError,
  RLock,
  RWLock,
  Semaphore,
  type SyncError,
  share,
} from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { eachCell } from '#dist/core/memory/cells.js';
import { ownerOf } from '#dist/core/memory/owner.js';
import { WORD } from '#dist/sync/mutex.js';
import { atTestEnd, suite } from '../support/suite.js';
import { Crew, type Member, until } from '../support/workers.js';
import { aroundNotify } from './notify.js';
import type { Nested, PeersData, Things, Timed } from './peers.worker.js';

const test = suite('defects of peers');
const WORKER = new URL('./peers.worker.js', import.meta.url);

interface Order {
  readonly count?: number;
  readonly much?: number;
  readonly memory?: Int32Array<SharedArrayBuffer>;
}

const words = (count: number) => new Int32Array(new SharedArrayBuffer(4 * count));

function start<Result>(
  order: PeersData['order'],
  things: Partial<Things>,
  { count = 1, much = 0, memory = words(2) }: Order = {},
): Promise<Crew<Result>> {
  const workerData: PeersData = { order, shared: share(things), memory, much };
  return Crew.start<Result>(WORKER, { count, workerData });
}

async function startOne<Result>(...order: Parameters<typeof start>): Promise<Member<Result>> {
  return (await start<Result>(...order)).members[0];
}

/** Until a thread waits for it, so that it is asleep or about to be. */
const blocked = (thing: { toString(): string }) => until(() => /waiters: agents/.test(thing.toString()));

const codeOf = (call: () => unknown): string => {
  try {
    call();
  } catch (error) {
    return (error as SyncError).code;
  }
  return 'nothing thrown';
};

test('esfx, atomics-sync: thousands of rounds of ping-pong over a Condition lose no wake-up', async () => {
  const memory = words(1);
  const crew = await start('pingPong', { condition: new Condition(new Lock()) }, { count: 2, much: 5_000, memory });
  await crew.done();
  assert.is(memory[0], 10_000);
});

test('esfx: the first release of a Semaphore returns, with and without a waiter', async () => {
  const semaphore = new Semaphore(0);
  semaphore.release();
  assert.ok(semaphore.tryAcquire());
  const waiter = await startOne('acquire', { semaphore });
  await blocked(semaphore);
  semaphore.release();
  await waiter.result();
});

test('esfx: a second object of the same lock, on the same thread, works as one with the first', () => {
  const rlock = new RLock();
  const again = attach<RLock>(structuredClone(share(rlock)));
  assert.is.not(again, rlock);
  rlock.acquire();
  assert.ok(again.acquire(100), 'the owner is kept out by its second object');
  assert.is(rlock.recursionCount, 2);
  again.release();
  again.release();
  assert.not(rlock.locked);

  const lock = new Lock();
  const twin = attach<Lock>(structuredClone(share(lock)));
  lock.acquire();
  assert.not(twin.tryAcquire());
  twin.release();
  assert.ok(lock.tryAcquire());

  const rwlock = new RWLock();
  const copy = attach<RWLock>(structuredClone(share(rwlock)));
  rwlock.acquireRead();
  assert.is(
    codeOf(() => copy.acquireWrite()),
    'ERR_SELF_DEADLOCK',
  );
  copy.releaseRead();
  assert.ok(rwlock.acquireWrite(0));
});

test('atomics-sync: a Semaphore wakes on every release, not only on that from 0 to 1', async () => {
  for (let round = 0; round < 5; round++) {
    const semaphore = new Semaphore(0);
    const waiters = await start('acquire', { semaphore }, { count: 2 });
    await Promise.all(waiters.members.map((waiter) => waiter.next('waits')));
    await blocked(semaphore);
    semaphore.release();
    semaphore.release();
    await waiters.done();
    assert.is(semaphore.value, 0);
  }
});

test('atomics-sync: a timed wait that fails leaves the lock as it should be', async () => {
  const lock = new Lock();
  const holder = await startOne('holdLock', { lock });
  const agent = await holder.next<number>('holds');
  assert.not(lock.acquire(20));
  assert.is(ownerOf(wordOf(lock)), agent);
  holder.tell('let go');
  await holder.result();
  assert.ok(lock.tryAcquire());

  const condition = new Condition(lock);
  assert.not(condition.wait(20));
  assert.is(ownerOf(wordOf(lock)), lock.arena.agentId);
  condition.release();
  assert.is(await (await startOne<boolean>('tryLock', { lock })).result(), true);
});

test('atomics-sync: the second to come to an initialization under a lock finds it finished', async () => {
  const crew = await start<number>('initialize', { lock: new Lock() }, { count: 4 });
  assert.equal(await crew.done(), [1, 1, 1, 1]);
});

test('worker-mutex: the main thread is somebody, and does not own what others hold', async () => {
  const rlock = new RLock();
  assert.ok(rlock.arena.agentId > 0);
  const holder = await startOne('holdRLock', { rlock });
  await holder.next('holds');
  assert.not(rlock.tryAcquire());
  assert.not(rlock.acquire(10));
  assert.not(rlock.isOwned);
  assert.is(
    codeOf(() => rlock.release()),
    'ERR_NOT_OWNER',
  );
  holder.tell('let go');
  await holder.result();
  assert.ok(rlock.tryAcquire());
});

test('worker-mutex: three async tasks on an RLock exclude each other', async () => {
  const rlock = new RLock();
  let inside = 0;
  let most = 0;
  const task = () =>
    rlock.runAsync(async (hold) => {
      const again = hold.hold();
      most = Math.max(most, ++inside);
      for (let i = 0; i < 5; i++) await new Promise((resolve) => setTimeout(resolve));
      inside--;
      again.release();
    });
  await Promise.all([task(), task(), task()]);
  assert.is(most, 1);
});

const wordOf = (lock: Lock): number => Atomics.load(lock.arena.words, lock.cell + WORD);

test('worker-mutex: a lock names its owner from the moment it is taken', async () => {
  const lock = new Lock();
  const memory = words(1);
  const crew = await start<number>('hammer', { lock }, { count: 2, memory });
  const seen = new Set<number>();
  let held = 0;
  await until(() => {
    for (let i = 0; i < 1000; i++) {
      const word = wordOf(lock);
      // No waiter's bits and no reservation: whatever else is there, is there because it is held.
      if (word === 0) continue;
      held++;
      seen.add(ownerOf(word));
    }
    return held > 20_000;
  });
  Atomics.store(memory, 0, 1);
  const agents = await crew.done();
  // 0 is a reservation for a starving waiter: free, and so without an owner.
  for (const owner of seen) assert.ok(owner === 0 || agents.includes(owner), `owner ${owner}, of ${agents}`);
});

test('multithreading: of waiters for two permits and for one, a single release lets one go on', async () => {
  const semaphore = new Semaphore(0);
  const two = await startOne('acquireTwice', { semaphore });
  await two.next('waits');
  await blocked(semaphore);
  const one = await startOne('acquire', { semaphore });
  await one.next('waits');
  semaphore.release();
  await Promise.race([one.next('has it'), two.next('has it')]);
  assert.is(semaphore.value, 0);
  semaphore.release(2);
  await Promise.all([one.result(), two.result()]);
});

test('multithreading: a writer gets its turn beside two readers that never leave it free', async () => {
  const rwlock = new RWLock();
  const memory = words(1);
  const readers = await start<number>('read', { rwlock }, { count: 2, much: 5, memory });
  await until(() => rwlock.readers > 0);
  const waits: number[] = [];
  for (let i = 0; i < 20; i++) {
    const start = performance.now();
    const got = i % 2 === 0 ? rwlock.acquireWrite(10_000) : await rwlock.acquireWriteAsync({ timeout: 10_000 });
    assert.ok(got, 'no turn within 10 s');
    waits.push(performance.now() - start);
    rwlock.releaseWrite();
    await until(() => rwlock.readers > 0);
  }
  Atomics.store(memory, 0, 1);
  await readers.done();
  // The half of them: any single one may have been kept waiting by the machine.
  const usual = waits.sort((a, b) => a - b)[waits.length >> 1];
  assert.ok(usual < 500, `waited for ${usual} ms`);
});

test('multithreading: an agent that blocks for what its own task holds is refused', async () => {
  const refused = await startOne<string[]>('blockOnOwnTask', {
    lock: new Lock(),
    rlock: new RLock(),
    rwlock: new RWLock(),
  });
  assert.equal(await refused.result(), Array(5).fill('ERR_SELF_DEADLOCK'));
});

test('multithreading: a worker that exits, by itself, by exit() or by an error, leaves its place to others', async () => {
  const lock = new Lock({ arena: new Arena({ agents: 2 }) });
  for (const much of [0, 1, 2, 0, 1, 2]) {
    const worker = await startOne('leave', { lock }, { much });
    const ended = [
      () => worker.result(),
      () => worker.result().catch(({ message }: Error) => assert.match(message, /ended with code 3/)),
      () => worker.failure(),
    ];
    await ended[much]();
    await until(() => worker.ended);
    assert.not(lock.locked);
  }
});

test('multithreading: primitives nested in arguments arrive, beside more than 70 kB', async () => {
  const lock = new Lock();
  lock.acquire();
  const entry = { lock, semaphores: new Set([new Semaphore(7)]) };
  const nested: Nested = {
    deep: [{ locks: new Map([['both', entry]]) }],
    text: 'x'.repeat(100_000),
  };
  const worker = await startOne<string[]>('useNested', nested as Partial<Things>);
  assert.equal(await worker.result(), ['both: true, 7', '100000']);
});

test('semafy: two async acquires on one thread both succeed, in turn', async () => {
  const lock = new Lock();
  const order: number[] = [];
  await Promise.all(
    [1, 2].map(async (task) => {
      assert.ok(await lock.acquireAsync());
      order.push(task);
      await new Promise((resolve) => setTimeout(resolve));
      order.push(task);
      lock.release();
    }),
  );
  assert.equal(order, [1, 1, 2, 2]);
});

/** Things that nobody can get; the test's thread has what there is. */
function taken(): Partial<Things> {
  const arena = new Arena();
  const lock = new Lock({ arena });
  const rwlock = new RWLock({ arena });
  const condition = new Condition(new Lock({ arena }));
  lock.acquire();
  rwlock.acquireRead();
  return { lock, rwlock, condition, semaphore: new Semaphore(0, { arena }), event: new Event({ arena }) };
}

const NAMES = ['Lock', 'Semaphore', 'Event', 'RWLock', 'Condition.wait', 'Condition.waitFor'];

/** All six waits, one after the other, of a worker that is disturbed in the meantime. */
async function waitTimed(ms: number, disturb?: (arena: Arena) => void): Promise<void> {
  const things = taken();
  const worker = await startOne<Timed[]>('waitTimed', things, { much: ms });
  let timer: NodeJS.Timeout | undefined;
  if (disturb !== undefined && things.lock !== undefined) timer = setInterval(disturb, 1, things.lock.arena);
  atTestEnd(() => clearInterval(timer));
  const results = await worker.result();
  for (const [i, result] of results.entries()) {
    const said = `${NAMES[i]}: ${result.ms} ms of ${ms}`;
    assert.not(result.got, said);
    assert.ok(result.ms >= ms * 0.99 && result.ms < ms * 1.9, said);
  }
}

test('semafy: a timeout counts from the call, whenever the agent itself began', async () => {
  // The worker's own clock begins later than this thread's, by more than the timeout.
  await until(() => performance.now() > 600);
  await waitTimed(200);
});

test('Emscripten: spurious wakes do not restart a timeout, or count it twice', async () => {
  let wakes = 0;
  await waitTimed(300, (arena) =>
    eachCell(arena.words, (index, gates) => {
      for (let gate = index + 1; gate <= index + gates; gate++) {
        Atomics.add(arena.words, gate, 1);
        wakes += Atomics.notify(arena.words, gate);
      }
    }),
  );
  assert.ok(wakes > 50, `only ${wakes} wakes`);
});

test('Emscripten: an async acquire times out', async () => {
  const { lock, semaphore, rwlock, event } = taken() as Things;
  const timeout = 20;
  const results = [
    lock.acquireAsync({ timeout }),
    semaphore.acquireAsync({ timeout }),
    rwlock.acquireWriteAsync({ timeout }),
    event.waitAsync({ timeout }),
  ];
  assert.equal(await Promise.all(results), [false, false, false, false]);
  assert.ok(lock.locked);
});

test('semafy: a release wakes one thread, not all', async () => {
  const lock = new Lock();
  const had = words(1);
  lock.acquire();
  const crew = await start('countWhenHad', { lock }, { count: 4, memory: had });
  await Promise.all(crew.members.map((member) => member.next('waits')));
  await blocked(lock);
  for (let releases = 1; releases <= 4; releases++) {
    const woken = countWakes(() => lock.release());
    assert.ok(woken <= 1, `release ${releases} woke ${woken}`);
    await until(() => Atomics.load(had, 0) === releases);
  }
  lock.release();
  for (const member of crew.members) member.tell('end');
  await crew.done();
});

/** How many sleepers a call wakes. */
function countWakes(call: () => void): number {
  let count = 0;
  aroundNotify(call, (notify) => {
    const woken = notify();
    count += woken;
    return woken;
  });
  return count;
}

test("V8's Atomics.Mutex: what a dead agent held stays held, and whoever asks for it is told", async () => {
  const lock = new Lock();
  const holder = await startOne('holdLock', { lock });
  const agent = await holder.next<number>('holds');
  await holder.terminate();
  assert.throws(
    () => lock.acquire(20_000),
    (error: OwnerDiedError) => error.agentId === agent,
  );
  assert.ok(lock.locked);
});

test('asked for everywhere: a hold that was released cannot release what others have held since', () => {
  const lock = new Lock();
  const hold = lock.hold();
  hold.release();
  lock.acquire();
  assert.is(
    codeOf(() => hold.release()),
    'ERR_NOT_HELD',
  );
  assert.ok(lock.locked);
  const bounded = new BoundedSemaphore(1);
  assert.is(
    codeOf(() => bounded.release()),
    'ERR_OVER_RELEASE',
  );
});

test.run();
