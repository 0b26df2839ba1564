import { Barrier, Condition, DeadlockError, Lock, RLock, RWLock, share } from 'atomics-sync-free';
import { GIL } from 'atomics-sync-free/gil';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';
import type { DeadlockData, Order, Outcome, Outcomes, Things } from './deadlocks.worker.js';

const test = suite('deadlocks');
const WORKER = new URL('./deadlocks.worker.js', import.meta.url);
/** How often each is tried; RECOVER_ROUNDS for more. */
const ROUNDS = Number(process.env.RECOVER_ROUNDS ?? 2);
/** How long all of it may take, in ms. */
const LIMIT = 30_000 * ROUNDS;

const things: Things = {
  two: new Barrier(2),
  pair: new Barrier(2, { name: 'noonday' }),
  three: new Barrier(3),
  rlocks: ['left', 'middle', 'right'].map((name) => new RLock({ name })),
  closed: ['a', 'b'].map((name) => new Lock({ name, deadlocks: 'throw' })),
  open: ['c', 'd'].map((name) => new Lock({ name })),
  rwlock: new RWLock({ name: 'table' }),
  tables: ['one', 'other'].map((name) => new RWLock({ name })),
  gil: new GIL({ name: 'gil' }),
  condition: new Condition(new RLock({ name: 'inner' })),
  meetings: ['noon', 'tea'].map((name) => new Barrier(1, { name })),
};

let played: Promise<Outcomes[]> | undefined;

/** All of it by the same agents: it is the start of a worker that takes time. */
async function playAll(): Promise<Outcomes[]> {
  const workerData: DeadlockData = { shared: share(things), rounds: ROUNDS };
  const crew = await Crew.start<Outcomes>(WORKER, { count: 3, workerData, limit: LIMIT, outlivesTest: true });
  try {
    return await crew.done();
  } finally {
    await crew.end();
  }
}

/** What came of each round of an order, for each of its agents. */
async function play(order: Order): Promise<Outcome[][]> {
  played ??= playAll();
  const all = (await played).flatMap((outcomes) => outcomes[order] ?? []);
  const agents = all.length / ROUNDS;
  return Array.from({ length: ROUNDS }, (_, round) =>
    Array.from({ length: agents }, (_, i) => all[i * ROUNDS + round]),
  );
}

/** The names in a circle, from the first in the alphabet on. */
function circleOf({ told }: Outcome): string[] {
  const names = told.map(({ holds }) => /\((\w+)\)/.exec(holds)?.[1] ?? holds);
  const start = names.indexOf([...names].sort()[0]);
  for (const [i, { waitsFor }] of told.entries()) assert.is(waitsFor, told[(i + 1) % told.length].holds);
  return names.map((_, i) => names[(start + i) % names.length]);
}

/** One agent gets the error, which names this circle, and the others go on. */
function oneIsThrown(rounds: readonly Outcome[][], circle: readonly string[]): void {
  assert.is(rounds.length, ROUNDS);
  for (const outcomes of rounds) {
    const thrown = outcomes.filter(({ how }) => how === 'thrown');
    assert.is(thrown.length, 1, JSON.stringify(outcomes));
    assert.equal(circleOf(thrown[0]), circle);
    assert.is(outcomes.filter(({ how }) => how === 'got').length, outcomes.length - 1);
  }
}

test('of three philosophers one gets a DeadlockError that names the whole circle, and the others eat', async () => {
  const rounds = await play('philosophers');
  oneIsThrown(rounds, ['left', 'middle', 'right']);
  const { message } = rounds[0].filter(({ how }) => how === 'thrown')[0];
  assert.match(
    message,
    /^3 agents wait for each other, and none can go on: agent \d+\.\d+ \(thread \d+\) holds RLock#\d+ \(\w+\) and waits for RLock#\d+ \(\w+\); agent/,
  );
  assert.is(message.match(/^agent \S+ \(thread \d+\) waits here:\n {4}at .*deadlocks\.worker\.js/gm)?.length, 3);
});

test('of two agents that take two RLocks in different orders one gets the error', async () =>
  oneIsThrown(await play('two in different orders'), ['left', 'middle']));

test('of two agents that each read an RWLock and want to write the other’s one gets the error', async () =>
  oneIsThrown(await play('two readers that want to write'), ['one', 'other']));

test('a reader of an RWLock that wants to write it is refused at once', () => {
  const table = new RWLock();
  table.acquireRead();
  assert.throws(
    () => table.acquireWrite(),
    (error: { code?: string }) => error.code === 'ERR_SELF_DEADLOCK',
  );
  table.releaseRead();
});

test('an agent that takes a Lock twice that only it may release gets the error, and still holds the Lock', () => {
  const lock = new Lock({ name: 'mine', deadlocks: 'throw' });
  lock.acquire();
  assert.throws(
    () => lock.acquire(),
    (error: unknown) => error instanceof DeadlockError && error.agents.length === 1,
  );
  assert.is(lock.acquire(200), false);
  lock.release();
  assert.not.ok(lock.locked);
});

test('Locks made to throw on deadlock do', async () => oneIsThrown(await play('locks that throw'), ['a', 'b']));

test('a reader that waits for what the writer holds is in a circle', async () =>
  oneIsThrown(await play('a reader that the writer waits for'), ['left', 'table']));

test('what a task holds is held while its agent is blocked', async () =>
  oneIsThrown(await play('a hold of a task'), ['left', 'middle']));

test('an agent that waits at a Barrier for tasks of another to leave is in a circle with it', async () => {
  const rounds = await play('tasks that are to leave two Barriers');
  oneIsThrown(rounds, ['noon', 'tea']);
  const { message } = rounds[0].filter(({ how }) => how === 'thrown')[0];
  assert.match(message, /has yet to leave Barrier#\d+ \(\w+\) and waits for Barrier#\d+ \(\w+\)/);
  oneIsThrown(await play('a task that is to leave a Barrier'), ['left', 'noon']);
});

test('an agent that waits at a Barrier for its action is in a circle with the one that runs it', async () => {
  const rounds = await play('the action of a Barrier');
  oneIsThrown(rounds, ['left', 'noonday']);
  const { message } = rounds[0].filter(({ how }) => how === 'thrown')[0];
  assert.match(message, /runs the action of Barrier#\d+ \(noonday\) and waits for RLock#\d+ \(left\)/);
});

test('an agent that begins to wait at a Barrier when its action waits for it gets the error, and breaks the barrier', async () => {
  const rounds = await play('a Barrier whose action already waits');
  oneIsThrown(rounds, ['left', 'noonday']);
  for (const [first, second] of rounds) assert.equal([first.how, second.message], ['thrown', 'BrokenBarrierError']);
});

test('an agent that waits for a GIL is in a circle, and the other gets the error', async () => {
  const rounds = await play('a GIL');
  oneIsThrown(rounds, ['gil', 'left']);
  for (const [first] of rounds) assert.is(first.how, 'thrown');
});

test('a wait for a Condition that ends in a deadlock ends without the lock', async () => {
  const rounds = await play('the end of a wait for a Condition');
  oneIsThrown(rounds, ['gil', 'inner']);
  for (const [first] of rounds) assert.is(first.how, 'thrown');
});

test('a deadlock through Locks is reported once, and ends when somebody releases one', async () => {
  for (const outcomes of await play('locks that anybody may release')) {
    const told = outcomes.filter((outcome) => outcome.told.length > 0);
    assert.is(told.length, 1, JSON.stringify(outcomes));
    assert.equal(circleOf(told[0]), ['c', 'd']);
    assert.equal(
      outcomes.map(({ how }) => how),
      ['got', 'got'],
    );
  }
});

test('a wait with a time-out ends at its time, and makes no deadlock', async () => {
  for (const outcomes of await play('a timed wait')) {
    assert.equal(
      outcomes.map(({ how }) => how),
      ['timed out', 'got'],
    );
  }
});

test.run();
