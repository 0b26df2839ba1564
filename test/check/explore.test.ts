import { type Body, explore, type Scenario, ScenarioError } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { lostUpdate, mutex } from './subjects.js';

const test = suite('explore');

test('a correct mutex is ok, 3 threads × 2', () => {
  const result = explore(mutex(3, 2));
  assert.is(result.verdict, 'ok', result.toString());
  assert.ok(result.states > 10_000, `${result.states} states are too few to be all`);
});

test('a mutex whose fast path is not atomic lets two in', () => {
  const { failure } = explore(mutex(2, 1, { storeForCas: true }));
  assert.is(failure?.kind, 'invariant');
  assert.match(failure?.reason ?? '', '2 threads hold the lock');
});

test('a release that does not wake is a deadlock that says who sleeps, and that the word changed', () => {
  const { failure } = explore(mutex(2, 1, { noNotify: true }));
  assert.is(failure?.kind, 'deadlock');
  assert.match(failure?.reason ?? '', /b sleeps on lock at 2: the word is 0 now.*lost/);
});

test('forgetting the mark after a sleep strands the third thread', () => {
  assert.is(explore(mutex(2, 1, { noRemark: true })).verdict, 'ok', 'two threads are too few to show it');
  assert.is(explore(mutex(3, 1, { noRemark: true })).failure?.kind, 'deadlock');
});

test('a busy loop that can always end is no livelock', () => {
  assert.is(explore(mutex(2, 1, { neverSleeps: true })).verdict, 'ok');
});

test('the schedule of a lost update is a shortest one', () => {
  const { failure } = explore(lostUpdate(2));
  assert.is(failure?.kind, 'final');
  assert.equal(
    failure?.schedule.steps.map(({ thread, operation, change }) => [thread, operation, change]),
    [
      ['a', 'load(count) → 0', ''],
      ['b', 'load(count) → 0', ''],
      ['a', 'store(count, 1)', 'count 0 → 1'],
      ['b', 'store(count, 1)', ''],
    ],
  );
  assert.match(failure?.schedule.steps[0].where ?? '', /subjects\.(ts|js):\d+$/);
});

/** Two threads with a flag each and a turn; `protocol` is what one does to get in. */
function twoFlags(protocol: (mine: 'x' | 'y', other: 'x' | 'y', turn: number) => Body<'x' | 'y' | 'turn', 'inside'>) {
  return {
    memory: { x: 0, y: 0, turn: 0 },
    ghosts: { inside: 0 },
    threads: [protocol('x', 'y', 1), protocol('y', 'x', 0)],
    invariant: ({ inside }) => inside <= 1,
  } satisfies Scenario<'x' | 'y' | 'turn', 'inside'>;
}

type Peterson = 'right' | 'turn first' | 'flags only' | 'look first';

function peterson(order: Peterson) {
  return twoFlags((mine, other, turn) => ({ words, at }, thread) => {
    if (order === 'turn first') Atomics.store(words, at.turn, turn);
    if (order !== 'look first') Atomics.store(words, at[mine], 1);
    if (order === 'right') Atomics.store(words, at.turn, turn);
    while (Atomics.load(words, at[other]) === 1) {
      if ((order === 'right' || order === 'turn first') && Atomics.load(words, at.turn) !== turn) break;
      thread.mark('spin');
    }
    if (order === 'look first') Atomics.store(words, at[mine], 1);
    thread.ghost.add('inside', 1);
    Atomics.load(words, at[mine]);
    thread.ghost.add('inside', -1);
    Atomics.store(words, at[mine], 0);
  });
}

test("Peterson's lock is ok", () => {
  const result = explore(peterson('right'));
  assert.is(result.verdict, 'ok', result.toString());
});

test("Peterson's lock with its two stores exchanged lets two in", () => {
  assert.is(explore(peterson('turn first')).failure?.kind, 'invariant');
});

test('looking before raising the flag lets two in', () => {
  assert.is(explore(peterson('look first')).failure?.kind, 'invariant');
});

test('two flags without a turn are a livelock, reported with a circle', () => {
  const { failure } = explore(peterson('flags only'));
  assert.is(failure?.kind, 'livelock');
  assert.match(failure?.reason ?? '', /last 2 steps can go on for ever/);
  assert.equal(
    failure?.schedule.steps.map(({ thread, operation }) => `${thread} ${operation}`),
    ['a store(x, 1)', 'b store(y, 1)', ...Array(2).fill(['a load(y) → 1', 'b load(x) → 1']).flat()],
  );
});

test('a death is no way out: not of a deadlock, nor of a livelock', () => {
  const sleeper: Body<'x'> = ({ words, at }) => Atomics.wait(words, at.x, 0);
  assert.is(explore({ memory: { x: 0 }, threads: [sleeper], kills: 1 }).failure?.kind, 'deadlock');
  const spinner: Body<'x'> = ({ words, at }, thread) => {
    while (Atomics.load(words, at.x) === 0) thread.mark();
  };
  assert.is(explore({ memory: { x: 0 }, threads: [spinner], kills: 1 }).failure?.kind, 'livelock');
});

test('an error thrown by the code is a failure with the schedule that leads to it', () => {
  const { failure } = explore({
    memory: { x: 0 },
    threads: [
      ({ words, at }) => Atomics.store(words, at.x, 1),
      ({ words, at }) => {
        if (Atomics.load(words, at.x) === 1) throw new RangeError('too late');
      },
    ],
  });
  assert.is(failure?.kind, 'error');
  assert.match(failure?.reason ?? '', /uncaught RangeError: too late \(.*explore\.test\.(ts|js):\d+\)/);
  assert.is(failure?.schedule.steps.length, 2);
});

test('a check may return false, return a reason, or throw', () => {
  const answers = [() => false, () => 'because', () => assert.unreachable('thrown')];
  const reasons = answers.map((final) => explore({ memory: { x: 0 }, threads: [() => 0], final }).failure?.reason);
  assert.equal(reasons, ['at the end: the condition does not hold', 'at the end: because', 'at the end: thrown']);
});

test('a limit on states gives incomplete, never ok', () => {
  const result = explore({ ...mutex(3, 2), maxStates: 1000 });
  assert.is(result.verdict, 'incomplete');
  assert.match(result.note, /more than 1000 states/);
});

test('a retry loop without a mark is incomplete, and the note says what to do', () => {
  const result = explore({
    memory: { x: 1 },
    maxStates: 500,
    threads: [
      ({ words, at }) => {
        while (Atomics.load(words, at.x) === 1);
      },
      ({ words, at }) => Atomics.store(words, at.x, 0),
    ],
  });
  assert.is(result.verdict, 'incomplete');
  assert.match(result.note, /Thread\.mark/);
});

test('a preemption bound cuts schedules, and the verdict says so', () => {
  const none = explore({ ...lostUpdate(2), preemptionBound: 0 });
  assert.is(none.verdict, 'ok');
  assert.is(none.within, 0);
  assert.match(none.note, 'within 0 preemptions');
  assert.is(explore({ ...lostUpdate(2), preemptionBound: 1 }).failure?.kind, 'final');
  const all = explore(mutex(3, 1));
  assert.is(all.within, Infinity);
  const some = explore({ ...mutex(3, 1), preemptionBound: 1 });
  assert.is(some.verdict, 'ok', String(some));
  assert.ok(some.states < all.states, `${some.states} of ${all.states}`);
});

test('a search that meets its limit of states says within how many preemptions all was explored', () => {
  const cut = explore({ ...mutex(3, 2), preemptionBound: 20, maxStates: 5000 });
  assert.is(cut.verdict, 'incomplete');
  assert.ok(cut.within >= 1, `${cut.within}`);
  assert.match(cut.note, `all within ${cut.within} preemptions was explored`);
  assert.is(explore({ ...mutex(3, 2), preemptionBound: cut.within, maxStates: 5000 }).verdict, 'ok');
  assert.is(explore({ ...mutex(3, 2), maxStates: 5000 }).within, -1);
});

test('outcomes are all there are, each with a seed', () => {
  const { outcomes, verdict } = explore({
    ...lostUpdate(3),
    final: () => true,
    outcome: ({ count }) => String(count),
  });
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['1', '2', '3']);
  assert.is(outcomes.get('3'), '0*2.1*2.2*2');
});

test('choices are explored', () => {
  const { outcomes, maxDepth } = explore({
    memory: { x: 0 },
    threads: [({ words, at }, thread) => Atomics.store(words, at.x, thread.choose(3) * 10 + thread.choose(2))],
    outcome: ({ x }) => String(x),
  });
  assert.equal([...outcomes.keys()].sort(), ['0', '1', '10', '11', '20', '21']);
  assert.is(maxDepth, 3);
});

test('ghosts change once, together with the operation before them', () => {
  const seen = new Set<string>();
  const result = explore({
    memory: { x: 0 },
    ghosts: { steps: 5 },
    threads: [
      ({ words, at }, thread) => {
        thread.ghost.add('steps', 10);
        Atomics.add(words, at.x, 1);
        thread.ghost.add('steps', 1);
        thread.ghost.add('steps', 1);
        Atomics.add(words, at.x, 1);
        thread.ghost.set('steps', 3);
      },
    ],
    invariant: ({ x, steps }) => {
      seen.add(`${x}:${steps}`);
    },
  });
  assert.is(result.verdict, 'ok');
  assert.equal([...seen], ['0:15', '1:17', '2:3']);
});

test('what is between two phases is only what the first returned', () => {
  const threads = [0, 1].map(() => ({
    phases: ({ words, at }: { words: Int32Array; at: { x: number } }) => {
      let got = -1;
      return [
        () => {
          got = Atomics.add(words, at.x, 1);
          return got;
        },
        () => Atomics.add(words, at.x, 10 * got),
      ];
    },
  }));
  const { outcomes } = explore({ memory: { x: 0 }, threads, outcome: ({ x }) => String(x) });
  assert.equal([...outcomes.keys()], ['12']);
});

test('the checks see what each thread does', () => {
  const seen = new Set<string>();
  explore({
    memory: { x: 0 },
    threads: [
      { name: 'sleeper', run: ({ words, at }) => Atomics.wait(words, at.x, 0) },
      { name: 'waker', run: ({ words, at }) => Atomics.notify(words, at.x) },
    ],
    final: (_, { threads, word }) => {
      assert.is(word(0), 0);
      assert.ok(threads.every(({ state }) => state === 'done'));
    },
    invariant: (_, { threads: [sleeper] }) => {
      seen.add(`${sleeper.name} ${sleeper.state} ${sleeper.word}`);
    },
  });
  assert.equal([...seen], ['sleeper ready x', 'sleeper asleep x', 'sleeper done ']);
});

test('a scenario without threads, and a thread with both run and phases, are refused', () => {
  assert.throws(
    () => explore({ memory: { x: 0 }, threads: [] }),
    (error: Error) => error instanceof ScenarioError && error.name === 'ScenarioError' && /1 to 26/.test(error.message),
  );
  assert.throws(
    () => explore({ memory: { x: 0 }, threads: [{ run: () => 0, phases: () => [] }] }),
    /either 'run' or 'phases'/,
  );
});

test.run();
