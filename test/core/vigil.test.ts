// Workers that end in all the ways in which workers end, and agents that wait for what they held.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import {
  Arena,
  Condition,
  Event,
  Lock,
  type OwnedOptions,
  type OwnerDiedError,
  RLock,
  RWLock,
  Semaphore,
  type SyncError,
  share,
  type WriteLock,
} from 'atomics-sync-free';
import * as assert from 'uvu/assert';
import { agentId } from '#dist/core/memory/owner.js';
import { hasEnded } from '#dist/core/memory/pulse.js';
import { slotIndex } from '#dist/core/memory/region.js';
import { at, BEATS, becomeRetirer, CLAIM, condemn, DUE, isLive } from '#dist/core/memory/slots.js';
import { retireAll } from '#dist/core/memory/sweep.js';
import type { Place } from '#dist/core/share/place.js';
import { now, setClock } from '#dist/core/wait/clock.js';
import { otherAgent } from '../support/other-agent.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import type { Doing, VigilData } from './vigil.worker.js';

const test = suite('how members look after each other');

/** Longer than any wait for a death may take on a busy machine, in ms. */
const LONG = 60_000;

interface Holder {
  readonly lock: Lock;
  readonly worker: Worker;
}

/** A worker that holds a lock by now, although the event loop of this agent has not turned. */
function startHolder(doing: Doing, more: Partial<VigilData> = {}, arena = new Arena()): Holder {
  const things = { lock: new Lock({ arena }), held: new Event({ arena }) };
  const workerData: VigilData = { doing, things: share(things), ...more };
  const resourceLimits = doing === 'fills its memory' ? { maxOldGenerationSizeMb: 16 } : {};
  const worker = new Worker(new URL('./vigil.worker.js', import.meta.url), { workerData, resourceLimits });
  // What becomes of it is what the test is about.
  worker.on('error', () => {});
  atTestEnd(async () => void (await worker.terminate()));
  assert.ok(things.held.wait(LONG));
  return { lock: things.lock, worker };
}

const isOwnerDied = (error: OwnerDiedError): boolean => error.code === 'ERR_OWNER_DIED';

for (const doing of [
  'sleeps in Atomics.wait',
  'waits for a primitive',
  'computes',
  'is idle',
  'has forgotten what it holds',
] as const) {
  test(`a parent that blocks for the lock of a child that ${doing} and is terminated is told`, () => {
    const { lock, worker } = startHolder(doing);
    assert.not(lock.acquire(50));
    void worker.terminate();
    assert.throws(() => lock.acquire(LONG), isOwnerDied);
  });
}

for (const doing of ['fills its memory', 'calls process.exit', 'throws'] as const) {
  test(`a parent that blocks for the lock of a child that ${doing} is told`, () => {
    const { lock } = startHolder(doing);
    assert.throws(() => lock.acquire(LONG), isOwnerDied);
  });
}

test('an agent that blocks for the lock of a grandchild is told when the child is terminated', () => {
  const { lock, worker } = startHolder('is idle', { byChild: true });
  void worker.terminate();
  assert.throws(() => lock.acquire(LONG), isOwnerDied);
});

test('a task that waits is told of the end of an agent that no member has started', async () => {
  const { lock, worker } = startHolder('is idle', { byChild: true });
  const waiting = lock.acquireAsync({ timeout: LONG });
  void worker.terminate();
  const reason = await waiting.catch((error: OwnerDiedError) => error);
  assert.ok(isOwnerDied(reason as OwnerDiedError), String(reason));
});

test('an agent that has started a worker learns of its end even if nobody waits', async () => {
  const { lock, worker } = startHolder('computes');
  void worker.terminate();
  await once(worker, 'exit');
  assert.ok(lock.abandoned);
});

test('an agent that waits for one thing finds the dead that have another', () => {
  const arena = new Arena();
  const { lock, worker } = startHolder('is idle', {}, arena);
  const semaphore = new Semaphore(0, { arena });
  void worker.terminate();
  const end = performance.now() + LONG;
  while (!lock.abandoned && performance.now() < end) semaphore.acquire(50);
  assert.ok(lock.abandoned);
});

// --- the living ---------------------------------------------------------------------------------------------------

/** The first agent that comes into an arena after the one that has made it. */
const SECOND = agentId(1, 1);

test('an agent that computes is not taken for dead, however often somebody asks', () => {
  const arena = new Arena();
  startHolder('computes', {}, arena);
  const { words } = arena;
  const beats = (): number => Atomics.load(words, at(SECOND, BEATS));
  const armed = beats();
  assert.ok(armed > 8);
  for (let i = 0; i <= armed; i++) {
    Atomics.store(words, at(SECOND, DUE), 0);
    assert.not(hasEnded(words, SECOND));
  }
  // The last one is left: none means that nothing is known.
  assert.is(beats(), 1);
  assert.ok(isLive(words, SECOND));
});

test('an agent whose event loop turns arms again the beats that are taken', async () => {
  const arena = new Arena();
  startHolder('is idle', {}, arena);
  const { words } = arena;
  // Some of them may have been taken while this agent waited for the start of the other, which arms those as well.
  const armed = Atomics.load(words, at(SECOND, BEATS));
  Atomics.store(words, at(SECOND, DUE), 0);
  assert.not(hasEnded(words, SECOND));
  await until(() => Atomics.load(words, at(SECOND, BEATS)) >= armed, { what: 'as many beats as before' });
});

test('when almost all beats have been taken, the next question comes soon after the agent has armed others', async () => {
  const { words, agentId: self } = new Arena();
  const word = (name: number): number => Atomics.load(words, at(self, name));
  const armed = word(BEATS);
  while (word(BEATS) > 2) {
    Atomics.store(words, at(self, DUE), 0);
    assert.not(hasEnded(words, self));
  }
  const putOff = word(DUE);
  await until(() => word(BEATS) === armed, { what: 'as many beats as before' });
  assert.ok(putOff - word(DUE) > 10_000, `${putOff - word(DUE)} ms earlier`);
});

test('nobody asks an agent that has just shown that it lives', () => {
  const arena = new Arena();
  startHolder('is idle', {}, arena);
  const { words } = arena;
  const moment = now();
  setClock(() => moment);
  atTestEnd(() => setClock());
  assert.not(hasEnded(words, SECOND));
  const left = Atomics.load(words, at(SECOND, BEATS));
  assert.not(hasEnded(words, SECOND));
  assert.ok(Atomics.load(words, at(SECOND, BEATS)) >= left);
});

test('a living agent that was taken for dead is refused where it would wait', async () => {
  const arena = new Arena();
  const lock = new Lock({ arena });
  otherAgent(arena).attach(Lock, lock).acquire();
  condemn(arena.words, arena.agentId);
  assert.throws(() => lock.acquire(LONG), isRetired);
  const reason = await lock.acquireAsync({ timeout: LONG }).catch((error: SyncError) => error);
  assert.ok(isRetired(reason as SyncError), String(reason));
});

const isRetired = (error: SyncError): boolean => error.code === 'ERR_RETIRED';

for (const [name, make] of Object.entries({
  Lock: (options: OwnedOptions) => new Lock(options),
  RLock: (options: OwnedOptions) => new RLock(options),
  'RWLock.writeLock': (options: OwnedOptions) => new RWLock(options).writeLock,
})) {
  const kind = (lock: Lock | RLock | WriteLock) => lock.constructor as new (place: Place) => typeof lock;

  test(`what a retired agent that still runs takes of a ${name} is found by those who wait`, async () => {
    const lock = make({});
    const other = otherAgent(lock.arena as Arena);
    const theirs = other.attach(kind(lock), lock);
    other.die();
    for (const wait of [() => lock.acquire(LONG), () => lock.holdAsync({ timeout: LONG })]) {
      assert.ok(theirs.acquire());
      const reason = await (async () => wait())().catch((error: OwnerDiedError) => error);
      assert.ok(isOwnerDied(reason as OwnerDiedError), String(reason));
      assert.is((reason as OwnerDiedError).agentId, other.id);
      assert.ok(lock.recover());
    }
    assert.not(lock.locked);
  });

  test(`a ${name} that its owner's death frees is free of a retired agent that still runs, too`, () => {
    const lock = make({ onOwnerDeath: 'release' });
    const other = otherAgent(lock.arena as Arena);
    const theirs = other.attach(kind(lock), lock);
    other.die();
    assert.ok(theirs.acquire());
    assert.ok(lock.acquire(LONG));
    lock.release();
    assert.not(lock.locked);
  });

  test(`a hold of a ${name} that was taken from a retired agent says so, and frees nobody else's`, async () => {
    for (const call of ['hold', 'holdAsync'] as const) {
      const lock = make({});
      const other = otherAgent(lock.arena as Arena);
      const theirs = await other.attach(kind(lock), lock)[call]();
      other.die();
      for (const recover of [() => {}, () => lock.recover(() => {}), () => lock.acquire()]) {
        recover();
        assert.throws(() => theirs.release(), isRetired, call);
      }
      assert.ok(lock.locked, call);
      lock.release();
    }
  });
}

test('tasks that wait when their agent is taken for dead are told, each of them', async () => {
  const arena = new Arena();
  const things = [
    new Lock({ arena }),
    new RLock({ arena }),
    new Semaphore(1, { arena }),
    new RWLock({ arena }).writeLock,
  ];
  for (const thing of things) {
    const other = otherAgent(arena);
    other.watches();
    const theirs = other.attach(thing.constructor as new (place: Place) => typeof thing, thing);
    thing.acquire();
    const waits = [theirs.holdAsync(), theirs.holdAsync({ timeout: LONG })].map((wait) =>
      wait.then(
        () => 'got it',
        ({ code }: SyncError) => code,
      ),
    );
    other.die();
    assert.equal(await Promise.all(waits), ['ERR_RETIRED', 'ERR_RETIRED'], thing.label);
    thing.release();
  }
});

test('a task that waits for a Condition when its agent is taken for dead is told, and has the lock no more', async () => {
  for (const lock of [new RLock(), new Lock()]) {
    const condition = new Condition(lock as RLock);
    const other = otherAgent(lock.arena as Arena);
    other.watches();
    const theirs = other.attach(Condition as new (place: Place) => Condition, condition);
    const hold = await theirs.holdAsync();
    const told = theirs.waitAsync({ hold, timeout: LONG }).catch((error: SyncError) => error);
    condition.acquire();
    other.die();
    assert.ok(isRetired((await told) as SyncError), lock.label);
    assert.throws(() => hold.release(), isRetired);
    assert.ok(condition.locked, lock.label);
    condition.release();
  }
});

test('a task of a retired agent uses no Condition by a hold that was taken from it', async () => {
  const condition = new Condition();
  const other = otherAgent(condition.arena as Arena);
  const theirs = other.attach(Condition as new (place: Place) => Condition, condition);
  const hold = await theirs.holdAsync();
  other.die();
  condition.lock.recover();
  condition.acquire();
  assert.throws(() => theirs.notify(1, { hold }), isRetired);
  assert.ok(isRetired((await theirs.waitAsync({ hold }).catch((error: SyncError) => error)) as SyncError));
  assert.ok(condition.locked);
  condition.release();
});

test('an agent that was itself taken for dead is told when it frees the Lock of another', () => {
  const lock = new Lock();
  const other = otherAgent(lock.arena as Arena);
  const theirs = other.attach(Lock, lock);
  theirs.acquire();
  other.die();
  lock.recover();
  lock.acquire();
  assert.throws(() => theirs.release(), isRetired);
});

test('a read that was taken from a retired agent says so', () => {
  const lock = new RWLock();
  const other = otherAgent(lock.arena as Arena);
  const reading = other.attach(RWLock, lock).readLock.hold();
  other.die();
  lock.writeLock.acquire();
  assert.throws(() => reading.release(), isRetired);
  assert.ok(lock.writing);
});

// --- retirement ---------------------------------------------------------------------------------------------------

test('the retirement of one agent is done by one other, and taken over if that one dies', () => {
  const arena = new Arena();
  const lock = new Lock({ arena });
  const [dead, retirer] = [otherAgent(arena), otherAgent(arena)];
  dead.attach(Lock, lock).acquire();
  const { words } = arena;
  condemn(words, dead.id);
  assert.ok(becomeRetirer(words, dead.id, retirer.id));
  retireAll(words, arena.agentId);
  assert.not(lock.abandoned);
  retirer.die();
  assert.ok(lock.abandoned);
});

test('a slot that a thread claimed but did not take before its end is free', async () => {
  const arena = new Arena({ byteLength: 2048, agents: 2 });
  const worker = new Worker('', { eval: true });
  const claim = slotIndex(1) + CLAIM;
  Atomics.store(arena.words, claim, worker.threadId + 1);
  await once(worker, 'exit');
  await until(() => Atomics.load(arena.words, claim) === 0, { what: 'the claim is gone' });
});

test.run();
