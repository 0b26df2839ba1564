/** Threads that are alike: fewer states, and no other difference in what can be said of a program. */
import { Barrier, Condition, Event, Lock, RLock, RWLock, Semaphore, SyncError } from 'atomics-sync-free';
import { type Body, explore, type Result, region, replay, type Scenario, sample } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { type Random, randomFrom } from '#dist/check/random.js';
import { suite } from '../support/suite.js';
import { corpus } from './corpus/index.js';
import { type Line, outcomesOf, type Program, programFrom, run, STUCK } from './programs.js';
import { lostUpdate, mutex } from './subjects.js';

const test = suite('symmetry');
/** For tests that explore many programs, on a busy machine. */
const MANY = { limit: 240_000 };

type AnyScenario = Scenario<string, string>;

const SEED = Number(process.env.SYMMETRY_SEED ?? 5);
const PROGRAMS = Number(process.env.SYMMETRY_PROGRAMS ?? 150);

/** The verdict; what failed and in how many steps (of a livelock, where it goes round as it happens), or the outcomes. */
function findings({ verdict, failure, outcomes }: Result): unknown {
  if (failure?.kind === 'livelock') return [failure.kind];
  if (failure !== undefined) return [failure.kind, failure.schedule.steps.length];
  return [verdict, [...outcomes.keys()].sort()];
}

/** Both ways come to the same, and what failed can be replayed; how many states each has. */
function compare(scenario: AnyScenario, what: string): readonly [some: number, all: number] {
  const [some, all] = [explore(scenario), explore(scenario, { reduction: false })];
  assert.equal(findings(some), findings(all), `${what}: ${some}\n${all}`);
  const { failure } = some;
  if (failure !== undefined) {
    const again = replay(scenario, failure.schedule.seed).failure;
    assert.equal([again?.kind, again?.reason], [failure.kind, failure.reason], `${what}: ${some}`);
  }
  for (const [outcome, seed] of some.outcomes) {
    const { length } = replay(scenario, seed).schedule?.steps ?? [];
    assert.ok(length > 0 || seed === '', `${what}: ${outcome}`);
  }
  return [some.states, all.states];
}

test(
  'known algorithms have the same verdicts, with schedules as short',
  () => {
    let halved = 0;
    for (const { name, long, scenario } of Object.values(corpus).flat()) {
      if (long === true) continue;
      for (const broken of [false, true]) {
        const [some, all] = compare(scenario(broken), name);
        if (some * 1.8 < all) halved++;
      }
    }
    assert.ok(halved > 30, `${halved} of them have fewer states`);
  },
  MANY,
);

/** Programs whose threads are the same, save that one of them may have another last line. */
function alikePrograms(random: Random): Program {
  const kinds = ['load', 'store', 'add', 'compareExchange', 'await'] as const;
  const [one, other] = programFrom(1 + random(1_000_000), kinds);
  const copies = 2 + random(2);
  const program: Line[][] = Array.from({ length: copies }, () => one.slice(0, copies === 3 ? 2 : 3));
  if (random(2) === 0) program.push(other.slice(0, 2));
  const last = program[copies - 1];
  if (random(3) === 0) last[last.length - 1] = { kind: 'add', word: random(2), a: 5 };
  return program;
}

/** What one line adds to the sum of all that was seen. */
const weight = (at: number, seen: number): number => (seen + 2) * 7 ** at;

/** What a program comes to; and whether a word ever holds more than a limit. */
function enumerate(program: Program, limit: number): { outcomes: string[]; exceeds: boolean } {
  let exceeds = false;
  const outcomes = outcomesOf(
    program,
    0,
    (sum, _, line, value) => sum + weight(line, value),
    ([word]) => {
      exceeds ||= word > limit;
    },
  );
  return { outcomes, exceeds };
}

/** The explorer's scenario; the threads run one function that asks for its index, or functions of their own. */
function scenarioOf(program: Program, oneFunction: boolean): AnyScenario {
  const bodyOf =
    (linesOf: (index: number) => readonly Line[]): Body<string, string> =>
    ({ words }, thread) => {
      const lines = oneFunction ? linesOf(thread.index) : linesOf(0);
      lines.forEach((line, at) => {
        thread.ghost.add('sum', weight(at, run(words, line)));
      });
    };
  const one = bodyOf((index) => program[index]);
  return {
    memory: { x: 0, y: 0 },
    ghosts: { sum: 0 },
    threads: program.map((lines) => (oneFunction ? one : bodyOf(() => lines))),
    outcome: ({ x, y, sum }) => `${[x, y]} ${sum}`,
  };
}

test(
  'random programs with equal threads have the outcomes that an independent enumerator finds',
  () => {
    const random = randomFrom(SEED);
    let [some, all, stuck, broken] = [0, 0, 0, 0];
    for (let each = 0; each < PROGRAMS; each++) {
      const program = alikePrograms(random);
      const limit = 1 + random(4);
      const { outcomes, exceeds } = enumerate(program, limit);
      const scenario = scenarioOf(program, random(2) === 0);
      const what = JSON.stringify(program);
      const result = explore(scenario);
      if (outcomes[0] === STUCK) {
        stuck++;
        assert.is(result.failure?.kind, 'livelock', `${what}: ${result}`);
      } else assert.equal([result.verdict, [...result.outcomes.keys()].sort()], ['ok', outcomes], what);
      const [reached, without] = compare(scenario, what);
      [some, all] = [some + reached, all + without];
      // If it can get stuck, either failure may be met first.
      if (outcomes[0] === STUCK) continue;
      const kept = { ...scenario, invariant: ({ x }: Readonly<Record<string, number>>) => x <= limit };
      if (exceeds) broken++;
      assert.is(explore(kept).verdict, exceeds ? 'failed' : 'ok', what);
      compare(kept, what);
    }
    assert.ok(some < 0.7 * all, `${some} of ${all} states`);
    assert.ok(stuck > PROGRAMS / 20 && broken > PROGRAMS / 20, `${stuck} are stuck, ${broken} break the invariant`);
  },
  MANY,
);

const rlock = new RLock();
const objects = {
  lock: new Lock(),
  rlock,
  semaphore: new Semaphore(1),
  event: new Event(),
  condition: new Condition(rlock),
  barrier: new Barrier(2),
  rwlock: new RWLock(),
};
/** What threads do with primitives that say who has them. */
const CALLS: readonly ((all: typeof objects) => unknown)[] = [
  ({ lock }) => lock.acquire(),
  ({ lock }) => lock.tryAcquire(),
  ({ lock }) => lock.release(),
  ({ rlock }) => rlock.acquire(),
  ({ rlock }) => rlock.release(),
  ({ rlock }) => rlock.recursionCount,
  ({ semaphore }) => semaphore.acquire(5),
  ({ semaphore }) => semaphore.release(),
  ({ event }) => event.wait(5),
  ({ event }) => event.set(),
  ({ event }) => event.clear(),
  ({ rlock, condition }) => rlock.run(() => condition.wait(5)),
  ({ rlock, condition }) => rlock.run(() => condition.notify()),
  ({ barrier }) => barrier.wait(5),
  ({ rwlock }) => rwlock.readLock.acquire(),
  ({ rwlock }) => rwlock.readLock.release(),
  ({ rwlock }) => rwlock.writeLock.acquire(5),
  ({ rwlock }) => rwlock.writeLock.release(),
];

/** What a call gives, as a number: an error of the package has one, too. */
function outcomeOf(call: (all: typeof objects) => unknown): number {
  try {
    const given = call(objects);
    return typeof given === 'number' ? given : String(given).length;
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    return error.name.length;
  }
}

test(
  'random programs over primitives come to the same',
  () => {
    const random = randomFrom(SEED);
    let [some, all] = [0, 0];
    for (let each = 0; each < PROGRAMS / 3; each++) {
      const calls = Array.from({ length: 2 + random(2) }, () => random(CALLS.length));
      const body: Body<string, string> = (_, thread) => {
        for (const [at, call] of calls.entries()) thread.ghost.add('sum', weight(at, outcomeOf(CALLS[call])));
      };
      const scenario: AnyScenario = {
        objects,
        ghosts: { sum: 0 },
        threads: Array(calls.length === 2 ? 3 : 2).fill(body),
        outcome: ({ sum }) => String(sum),
      };
      const [reached, without] = compare(scenario, `calls ${calls}`);
      [some, all] = [some + reached, all + without];
    }
    assert.ok(some < 0.5 * all, `${some} of ${all} states`);
  },
  MANY,
);

/** What equal threads do with a primitive, and what another one does meanwhile. */
const SHARED: readonly (readonly [
  what: string,
  equal: readonly (() => unknown)[],
  other: readonly (() => unknown)[],
])[] = [
  [
    'event',
    [() => objects.event.wait(5), () => objects.event.isSet],
    [() => objects.event.set(), () => objects.event.clear()],
  ],
  [
    'condition',
    [() => objects.rlock.run(() => objects.condition.wait(5))],
    [() => objects.rlock.run(() => objects.condition.notify()), () => objects.rlock.isOwned],
  ],
  [
    'rwlock',
    [() => objects.rwlock.readLock.tryAcquire(), () => objects.rwlock.readLock.release()],
    [() => objects.rwlock.writeLock.acquire(5), () => objects.rwlock.writeLock.release()],
  ],
  ['lock', [() => objects.lock.tryAcquire(), () => objects.lock.release()], [() => objects.lock.locked]],
];

for (const [what, equal, other] of SHARED) {
  test(`threads that share one ${what} come to the same`, () => {
    const bodyOf =
      (calls: readonly (() => unknown)[]): Body<string, string> =>
      (_, thread) => {
        for (const [at, call] of calls.entries()) thread.ghost.add('sum', weight(at, outcomeOf(call)));
      };
    const [some, all] = compare(
      {
        objects,
        ghosts: { sum: 0 },
        threads: [...Array<Body<string, string>>(3).fill(bodyOf(equal)), bodyOf(other)],
        outcome: ({ sum }) => String(sum),
      },
      what,
    );
    assert.ok(some < 0.5 * all, `${some} of ${all} states`);
  });
}

test('late stores belong to the thread that made them', () => {
  const body: Body<'x' | 'y', 'sum'> = ({ words, at }, thread) => {
    const x = words[at.x];
    words[at.x] = x + 1;
    words[at.y] += 2 * words[at.x];
    thread.ghost.add('sum', 7 ** words[at.y]);
  };
  const scenario: Scenario<'x' | 'y', 'sum'> = {
    memory: { x: 0, y: 0 },
    ghosts: { sum: 0 },
    plain: ['x', 'y'],
    memoryModel: 'tso',
    threads: [body, body, ({ words, at }) => (words[at.y] = 1)],
    outcome: ({ x, y, sum }) => `${x} ${y} ${sum}`,
  };
  const [some, all] = compare(scenario as unknown as AnyScenario, 'late stores');
  assert.ok(some < 0.7 * all, `${some} of ${all} states`);
});

test('equal threads cost as many states as there are ways to tell them apart', () => {
  const scenario = mutex(3, 2);
  const [some, all] = compare(scenario as unknown as AnyScenario, 'mutex');
  assert.ok(some * 5.5 < all, `${some} of ${all}`);
});

test('a thread that differs only at its end is found out', () => {
  const honest = 2;
  const threads = Array<Body<'lock' | 'count'>>(3).fill(({ words, at }, thread) => {
    while (Atomics.exchange(words, at.lock, 1) === 1);
    Atomics.add(words, at.count, 1);
    // Two of them free the lock; the third, which knows its index, does not.
    if (thread.index < honest) Atomics.store(words, at.lock, 0);
  });
  const scenario: Scenario<'lock' | 'count'> = { memory: { lock: 0, count: 0 }, threads };
  const { failure } = explore(scenario);
  assert.is(failure?.kind, 'livelock');
  assert.is(replay(scenario, failure?.schedule.seed ?? '').failure?.kind, 'livelock');
});

test('a condition that asks what each thread does is asked of each', () => {
  const threads = Array<Body<'x'>>(3).fill(({ words, at }) => void Atomics.add(words, at.x, 1));
  const result = explore({
    memory: { x: 0 },
    threads,
    invariant: (_, { threads: [a, b] }) => a.state === 'done' || b.state !== 'done' || 'b before a',
  });
  assert.is(result.failure?.reason, 'invariant: b before a');
  const last = explore({
    memory: { x: 0 },
    threads,
    outcome: (_, view) => view.threads.map(({ state }) => state).join(),
  });
  assert.equal([...last.outcomes.keys()], ['done,done,done']);
});

test('a thread that joins the dead learns which it was', () => {
  const victim: Body<'x'> = ({ words, at }) => void Atomics.add(words, at.x, 1);
  const scenario: Scenario<'x', 'who'> = {
    memory: { x: 0 },
    ghosts: { who: -1 },
    kills: 1,
    threads: [
      victim,
      victim,
      {
        killable: false,
        run: (_, thread) => {
          thread.ghost.set('who', thread.joinDead());
        },
      },
    ],
    outcome: ({ who }) => String(who),
  };
  assert.equal([...explore(scenario).outcomes.keys()].sort(), ['-1', '0', '1']);
});

test('words that are private to threads may be used by those alone', () => {
  const scenario: Scenario = {
    memory: region(Int32Array.of(0, 0, 0), { names: ['x', 'a.note', 'b.note'], privateTo: (at) => at - 1 }),
    threads: Array<Body>(2).fill(({ words }, thread) => {
      Atomics.store(words, 1 + thread.index, 1);
      Atomics.add(words, 1 + thread.index, 1);
    }),
    outcome: (_, { word }) => `${word(1)} ${word(2)}`,
  };
  assert.equal([...explore(scenario).outcomes.keys()], ['2 2']);
});

test('a schedule and its reason speak of the same threads', () => {
  const scenario = mutex(3, 1, { noRemark: true });
  const { failure } = explore(scenario);
  assert.is(failure?.kind, 'deadlock');
  const sleeper = failure?.schedule.steps.findLast(({ operation }) => operation.endsWith('sleeps'))?.thread;
  assert.match(failure?.reason ?? '', `${sleeper} sleeps on lock`);
  assert.is(replay(scenario, failure?.schedule.seed ?? '').failure?.reason, failure?.reason);
  assert.is(sample(scenario, { runs: 1, seed: 1 }).verdict === 'ok', false);
});

test('within a bound of preemptions as many are found', () => {
  for (const preemptionBound of [0, 1, 2, 3]) {
    compare({ ...lostUpdate(3), preemptionBound } as unknown as AnyScenario, `${preemptionBound} preemptions`);
    const flawed = { ...mutex(3, 1, { noRemark: true }), preemptionBound };
    compare(flawed as unknown as AnyScenario, `${preemptionBound} preemptions`);
  }
});

test.run();
