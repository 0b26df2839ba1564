// Above all, what becomes of a notification whose receiver dies: killed while it waits for the lock, which the test holds.
import { Arena, attach, Condition, Lock, RLock, retire, share } from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { nameOf } from '#dist/core/memory/names.js';
import { suite } from '../support/suite.js';
import { Crew, type Member, until } from '../support/workers.js';
import type { ConditionData } from './condition.worker.js';

const test = suite('Condition');
const WORKER = new URL('./condition.worker.js', import.meta.url);

/** Long enough that a notification is what ends the wait, unless it is lost. */
const LONG = 60_000;

/** As many threads that wait, in the order of their arrival. */
async function waiting(condition: Condition<Lock>, count: number): Promise<Waiter[]> {
  const workerData: ConditionData = { shared: share({ condition }), timeout: LONG };
  const all: Waiter[] = [];
  while (all.length < count) {
    const [member] = (await Crew.start<boolean>(WORKER, { workerData })).members;
    all.push({ member, agent: await member.next<number>('agent') });
    await until(() => condition.toString().includes(`${all.length} waiting`));
  }
  return all;
}

interface Waiter {
  readonly member: Member<boolean>;
  readonly agent: number;
}

async function kill(condition: Condition<Lock>, { member, agent }: Waiter): Promise<void> {
  await member.terminate();
  retire(condition.arena, agent);
}

const make = () => new Condition(new Lock({ arena: new Arena() }));

/** As long as it takes a woken thread to go and wait for the lock, so that it is not only asleep where it dies. */
const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 20));

test('a notification whose receiver dies goes to another that waited', async () => {
  const condition = make();
  const [first, second] = await waiting(condition, 2);
  condition.acquire();
  condition.notify();
  await kill(condition, first);
  condition.release();
  assert.is(await second.member.result(), true);
});

test('a notification whose receiver dies, and one that is sent later, go to two that waited', async () => {
  const condition = make();
  const [first, second, third] = await waiting(condition, 3);
  condition.acquire();
  condition.notify();
  await kill(condition, first);
  await aMoment();
  condition.notify();
  condition.release();
  assert.equal(await Promise.all([second.member.result(), third.member.result()]), [true, true]);
});

test('a notification outlives its receiver, and any number of heirs', async () => {
  const condition = make();
  const waiters = await waiting(condition, 6);
  condition.acquire();
  condition.notify();
  for (const waiter of waiters.slice(0, -1)) {
    await kill(condition, waiter);
    await aMoment();
  }
  condition.release();
  assert.is(await waiters[5].member.result(), true);
});

test('a notification whose receiver dies goes to one only', async () => {
  const condition = make();
  const [first, ...others] = await waiting(condition, 4);
  condition.acquire();
  condition.notify();
  await kill(condition, first);
  condition.release();
  await Promise.race(others.map(({ member }) => member.result()));
  condition.acquire();
  await aMoment();
  assert.match(condition.toString(), /2 waiting/);
  condition.notifyAll();
  condition.release();
});

test('two Conditions that were attached over one RLock take the same hold', async () => {
  const lock = new RLock();
  const [first, second] = attach<[Condition, Condition]>(
    structuredClone(share([new Condition(lock), new Condition(lock)])),
  );
  await first.runAsync(async (hold) => {
    assert.is(await second.waitAsync({ hold, timeout: 1 }), false);
    assert.is(await first.waitAsync({ hold, timeout: 1 }), false);
  });
  assert.not(lock.locked);
});

test('its name is its own if the lock is given, and otherwise that of both', () => {
  const arena = new Arena();
  const lock = new Lock({ arena, name: 'lock' });
  const named = (condition: Condition<Lock | RLock>): unknown[] =>
    [condition, condition.lock].map(({ cell }) => nameOf(arena.words, cell));
  assert.equal(named(new Condition(lock, { name: 'changed' })), ['changed', 'lock']);
  assert.equal(named(new Condition(undefined, { arena, name: 'both' })), ['both', 'both']);
});

test('an arena that is not that of its lock is refused', () => {
  assert.throws(
    () => new Condition(new Lock(), { arena: new Arena() }),
    /^a Condition must be in the arena of its lock$/,
  );
});

test('a new Condition for which there is no room leaves no lock behind', () => {
  const arena = new Arena({ byteLength: 1088, agents: 1, packed: true });
  const options = { arena, name: 'x'.repeat(100) };
  for (let free = arena.bytesFree; ; free = arena.bytesFree) {
    try {
      new Condition(undefined, options);
    } catch {
      assert.is(arena.bytesFree, free);
      return;
    }
  }
});

test.run();
