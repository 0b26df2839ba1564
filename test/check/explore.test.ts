import { Lock } from 'atomics-sync-free';
import { type Body, explore, type Scenario, ScenarioError, sample, type ThreadOptions } from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { lostUpdate, mutex } from './subjects.js';

const test = suite('explore');

// biome-ignore lint/suspicious/noExplicitAny: what the types forbid
type Anything = any;

test('a correct mutex is ok, 3 threads × 2', () => {
  const result = explore(mutex(3, 2), { reduction: false });
  assert.is(result.verdict, 'ok', result.toString());
  assert.ok(result.states > 10_000, `${result.states} states are too few to be all`);
});

test('a mutex whose fast path is not atomic lets two in', () => {
  const { failure } = explore(mutex(2, 1, { storeForCas: true }));
  assert.is(failure?.kind, 'invariant');
  assert.match(failure?.reason ?? '', '2 threads hold the lock');
});

test('a release that does not wake is a deadlock, and the report says who sleeps, and that the word changed', () => {
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
  assert.match(failure?.schedule.steps[0].where ?? '', /subjects\.(ts|js):\d+:\d+(?: ← .*)?$/);
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
  assert.match(failure?.reason ?? '', /last 2 steps can repeat for ever/);
  assert.equal(
    failure?.schedule.steps.map(({ thread, operation }) => `${thread} ${operation}`),
    ['a store(x, 1)', 'b store(y, 1)', ...Array(2).fill(['a load(y) → 1', 'b load(x) → 1']).flat()],
  );
});

test('a death is no way out of a deadlock or a livelock', () => {
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
  assert.match(failure?.reason ?? '', /uncaught RangeError: too late \(.*explore\.test\.(ts|js):\d+:\d+\)/);
  assert.is(failure?.schedule.steps.length, 2);
});

test('an error that a function of the package throws is reported with the place that called it', () => {
  const lock = new Lock();
  const wrong: readonly Body[] = [
    ({ words }) => void Atomics.load(words, 1),
    ({ words }) => {
      lock.acquire(-1);
      Atomics.load(words, 0);
    },
  ];
  for (const body of wrong) {
    const { failure } = explore({ memory: { x: 0 }, objects: { lock }, threads: [body] });
    assert.match(failure?.reason ?? '', /uncaught RangeError: .* \(.*explore\.test\.(ts|js):\d+:\d+\)/);
  }
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

test('a spin without a mark is explored to its end, and the verdict names the loop', () => {
  const user: Body<'lock', 'inside'> = ({ words, at }, thread) => {
    while (Atomics.exchange(words, at.lock, 1) === 1);
    thread.ghost.add('inside', 1);
    thread.step();
    thread.ghost.add('inside', -1);
    Atomics.store(words, at.lock, 0);
  };
  const spinlock = {
    memory: { lock: 0 },
    ghosts: { inside: 0 },
    threads: [user, user, user],
    invariant: ({ inside }) => inside <= 1,
  } satisfies Scenario<'lock', 'inside'>;
  const result = explore(spinlock);
  assert.is(result.verdict, 'ok', String(result));
  assert.ok(result.states < 200, `${result.states} states`);
  assert.match(result.assumptions.join(), /loops for ever: user explore\.test\.(ts|js):\d+:\d+/);
});

test('a spin that nobody ends is a livelock', () => {
  const threads: Body<'x'>[] = [
    ({ words, at }) => {
      while (Atomics.load(words, at.x) === 0);
    },
  ];
  assert.is(explore({ memory: { x: 0 }, threads }).failure?.kind, 'livelock');
});

test('a loop that counts its rounds is explored round by round', () => {
  const { outcomes, verdict, assumptions } = explore({
    memory: { x: 0, tries: 0 },
    threads: [
      ({ words, at }) => {
        let tries = 0;
        while (tries < 5 && Atomics.load(words, at.x) === 0) tries++;
        Atomics.store(words, at.tries, tries);
      },
      ({ words, at }) => Atomics.store(words, at.x, 1),
    ],
    outcome: ({ tries }) => String(tries),
  });
  assert.is(verdict, 'ok');
  assert.equal(assumptions, []);
  assert.equal([...outcomes.keys()].sort(), ['0', '1', '2', '3', '4', '5']);
});

test('a loop that carries what it read to its next round is not merged away', () => {
  const { outcomes, verdict } = explore({
    memory: { x: 0, seen: 0 },
    threads: [
      ({ words, at }) => {
        let last = -1;
        for (let now = Atomics.load(words, at.x); now !== last; now = Atomics.load(words, at.x)) last = now;
        Atomics.store(words, at.seen, last + 1);
      },
      ({ words, at }) => {
        for (const value of [1, 0, 1, 2]) Atomics.store(words, at.x, value);
      },
    ],
    outcome: ({ seen }) => String(seen),
  });
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['1', '2', '3']);
});

test('a loop without an end that always differs is incomplete, and the note says where it is', () => {
  const result = explore({
    memory: { x: 0 },
    maxStates: 300,
    threads: [
      ({ words, at }) => {
        for (let turn = 0; ; turn++) Atomics.store(words, at.x, turn);
      },
    ],
  });
  assert.is(result.verdict, 'incomplete');
  assert.match(result.note, /stands at .*explore\.test\.(ts|js):\d+:\d+: .*Thread\.mark/);
});

test('a time budget makes it incomplete, and progress is reported', () => {
  const progress: number[] = [];
  const result = explore(mutex(5, 3), { ms: 1500, onProgress: ({ states }) => progress.push(states) });
  assert.is(result.verdict, 'incomplete');
  assert.match(result.note, /the 1500 ms are up/);
  assert.is(progress.length, 1);
  assert.ok(progress[0] > 0 && progress[0] <= result.states);
});

test('a verdict says which words were accessed plainly', () => {
  const result = explore({ memory: { x: 0, y: 0 }, plain: ['x', 'y'], threads: [({ words, at }) => words[at.x]++] });
  assert.match(String(result), /assuming that plain accesses see the latest value of x\)/);
});

test('a mark that promises too much is reported with its line and a schedule', () => {
  const { failure } = explore({
    memory: { x: 0 },
    threads: [
      ({ words, at }, thread) => {
        const choice = thread.choose(2);
        thread.mark();
        Atomics.store(words, at.x, choice);
      },
    ],
  });
  assert.is(failure?.kind, 'misuse');
  assert.match(failure?.reason ?? '', /has too small a key.*explore\.test\.(ts|js):\d+:\d+\)$/);
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

test('a search that reaches its limit of states says within how many preemptions everything was explored', () => {
  const cut = explore({ ...mutex(3, 2), preemptionBound: 20, maxStates: 3000 });
  assert.is(cut.verdict, 'incomplete');
  assert.ok(cut.within >= 1, `${cut.within}`);
  assert.match(cut.note, `everything within ${cut.within} preemptions was explored`);
  assert.is(explore({ ...mutex(3, 2), preemptionBound: cut.within, maxStates: 3000 }).verdict, 'ok');
  assert.is(explore({ ...mutex(3, 2), maxStates: 3000 }).within, -1);
});

test('all outcomes are reported, each with a seed', () => {
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

/** A lock that lets everybody in, and what its users do inside. */
function openDoor(inside: Body<'lock', 'inside'>): Scenario<'lock', 'inside'> {
  const run: Body<'lock', 'inside'> = (memory, thread) => {
    Atomics.load(memory.words, memory.at.lock);
    thread.ghost.add('inside', 1);
    inside(memory, thread);
    thread.ghost.add('inside', -1);
    Atomics.store(memory.words, memory.at.lock, 0);
  };
  return {
    memory: { lock: 0 },
    ghosts: { inside: 0 },
    threads: [run, run],
    invariant: ({ inside }) => inside <= 1,
  };
}

test('a ghost that changes and changes back within one step is misuse where the invariant looks at it', () => {
  for (const result of [explore(openDoor(() => undefined)), sample(openDoor(() => undefined))]) {
    assert.is(result.failure?.kind, 'misuse');
    assert.match(result.failure?.reason ?? '', /ghost 'inside' changes and changes back within one step/);
    assert.is(result.failure?.schedule.steps.at(-1)?.operation, 'load(lock) → 0');
  }
  assert.is(explore({ ...openDoor(() => undefined), invariant: () => true }).verdict, 'ok');
});

test('a step inside a critical section lets the others come between', () => {
  const { failure } = explore(openDoor((_, thread) => thread.step()));
  assert.is(failure?.kind, 'invariant');
});

test('nothing passes from one phase to the next but what the first returned', () => {
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

test('an invariant that looks at the threads only for some values is checked wherever the threads are then', () => {
  const { failure } = explore({
    memory: { x: 0 },
    threads: [
      ({ words, at }) => void Atomics.store(words, at.x, 1),
      ({ words, at }) => void [Atomics.load(words, at.x), Atomics.load(words, at.x)],
    ],
    invariant: ({ x }, { threads }) => x === 0 || threads[1].state === 'ready' || 'done',
  });
  assert.is(failure?.reason, 'invariant: done');
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

test('what a scenario declares is checked, and the message names the field and the nearest right one', () => {
  const threads = [() => 0];
  const wrong: readonly [unknown, RegExp][] = [
    [{ invariants: () => true }, /no field 'invariants'; did you mean 'invariant'\?/],
    [{ preemptionBound: -1 }, /preemptionBound must be a whole number from 0, or Infinity, not -1/],
    [{ maxStates: NaN }, /maxStates must be .*, not NaN/],
    [{ kills: 0.5 }, /kills must be a whole number from 0, not 0.5/],
    [{ final: 'x' }, /final must be a function, not 'x'/],
    [{ memory: { x: 2 ** 31 } }, /memory\.x must be a 32-bit integer, not 2147483648/],
    [{ memory: { x: undefined } }, /memory\.x must be a 32-bit integer, not undefined/],
    [{ plain: ['y'] }, /plain names 'y'.*; did you mean 'x'\?/],
    [{ threads: [{ runs: () => 0 }] }, /threads\[0\] has no field 'runs'; did you mean 'run'\?/],
    [{ threads: [function* () {}] }, /threads\[0\] is a generator/],
    [{ threads: [{ name: 'b', run: () => 0 }, () => 0] }, /two threads are named 'b'/],
  ];
  for (const [fields, message] of wrong) {
    const scenario = { memory: { x: 0 }, threads, ...(fields as object) };
    assert.throws(
      () => explore(scenario),
      (error: Error) => error instanceof ScenarioError && message.test(error.message),
    );
  }
  for (const options of [{ runs: NaN }, { strategy: 'PCT' }, { depth: 0 }, { seeds: 1 }]) {
    assert.throws(() => sample({ memory: { x: 0 }, threads }, options as object), /of sample\(\)/);
  }
});

/** What a thread may hand to the explorer, and what it says to the rest. */
const handed: Readonly<
  Record<string, readonly [run: (memory: Anything, thread: Anything) => unknown, reason: RegExp]>
> = {
  'so many alternatives that no process has room for them': [
    (_, thread) => thread.choose(1e9),
    /choose\(\) takes a whole number from 1 to 1000000, not 1000000000/,
  ],
  'half an alternative': [
    (_, thread) => thread.choose(1.5),
    /choose\(\) takes a whole number from 1 to 1000000, not 1\.5/,
  ],
  'an object as a key, which reads as any other': [
    (_, thread) => thread.mark({ round: 1 }),
    /the key of mark\(\) must be a string, a number or a boolean, not an object/,
  ],
  'half a ghost': [
    (_, thread) => thread.ghost.add('g', 0.5),
    /the value of a ghost must be a 32-bit integer, not 0\.5/,
  ],
  'a ghost of another type': [(_, thread) => thread.ghost.set('g', '1'), /the value of a ghost must be .*, not '1'/],
  'a name that no thread has': [
    (_, thread) => thread.joinDead('reader'),
    /joinDead\(\): there is no other thread 'reader'; there are odd, writer/,
  ],
  'its own name': [(_, thread) => thread.joinDead('odd'), /joinDead\(\): there is no other thread 'odd'/],
  'a turn that is no function': [(_, thread) => thread.later(5), /later\(\) takes a function, not 5/],
  'a delay that is no time': [
    (_, thread) => thread.later(() => 0, Number.NaN),
    /the delay of later\(\) must be 0 or more ms, not NaN/,
  ],
};

for (const [what, [run, reason]] of Object.entries(handed)) {
  test(`misuse: ${what}`, () => {
    const writer = { name: 'writer', run: ({ words }: { words: Int32Array }) => Atomics.store(words, 0, 1) };
    const { failure } = explore({
      memory: { x: 0 },
      ghosts: { g: 0 },
      kills: 1,
      threads: [{ name: 'odd', run }, writer],
    });
    assert.is(failure?.kind, 'misuse');
    assert.match(failure?.reason ?? '', reason);
  });
}

test('phases that are not a list of functions are misuse', () => {
  for (const phases of [() => 1, () => [undefined]] as Anything[]) {
    const { failure } = explore({ memory: { x: 0 }, threads: [{ phases }] });
    assert.is(failure?.kind, 'misuse');
    assert.match(failure?.reason ?? '', 'the phases of thread a must be a list of functions');
  }
});

test('an outcome that is not a string, and a killable that is not true or false, are refused', () => {
  const threads = [({ words }: { words: Int32Array }) => Atomics.store(words, 0, 1)];
  const outcome = (async () => 'later') as Anything;
  assert.throws(() => explore({ memory: { x: 0 }, threads, outcome }), /outcome must return a string, not an object/);
  const killable = (async () => false) as Anything;
  assert.throws(
    () => explore({ memory: { x: 0 }, kills: 1, threads: [{ run: threads[0], killable }] }),
    /killable must return true or false, not an object/,
  );
});

test('a hole in the list of threads is refused', () => {
  // biome-ignore lint/suspicious/noSparseArray: that is what is refused
  const threads = [() => 0, , () => 0] as Anything;
  assert.throws(() => explore({ memory: { x: 0 }, threads }), /threads\[1\] must be an object, not undefined/);
});

test('a word that does not exist is misuse, in a thread and in a condition', () => {
  const at = explore({
    memory: { lock: 0 },
    threads: [({ words, at }) => Atomics.load(words, (at as { loc?: number }).loc as number)],
  });
  assert.is(at.failure?.kind, 'misuse');
  assert.match(at.failure?.reason ?? '', /no word 'loc'; did you mean 'lock'\?/);
  const final = explore({
    memory: { lock: 0 },
    threads: [() => 0],
    final: (values) => (values as { look?: number }).look === 0,
  });
  assert.is(final.failure?.kind, 'misuse');
  assert.match(final.failure?.reason ?? '', /no word or ghost 'look'; did you mean 'lock'\?/);
});

test('a daemon that serves for ever is no deadlock, and a thread that waits for it in vain is one', () => {
  const server = (answers: boolean): ThreadOptions<'asked' | 'answered'> => ({
    daemon: true,
    run: ({ words, at }) => {
      for (;;) {
        Atomics.wait(words, at.asked, 0);
        Atomics.store(words, at.asked, 0);
        Atomics.store(words, at.answered, 1);
        if (answers) Atomics.notify(words, at.answered);
      }
    },
  });
  const client: Body<'asked' | 'answered'> = ({ words, at }) => {
    Atomics.store(words, at.asked, 1);
    Atomics.notify(words, at.asked);
    Atomics.wait(words, at.answered, 0);
  };
  const scenario = (answers: boolean) => ({ memory: { asked: 0, answered: 0 }, threads: [client, server(answers)] });
  assert.is(explore(scenario(true)).verdict, 'ok', String(explore(scenario(true))));
  assert.is(explore(scenario(false)).failure?.kind, 'deadlock');
  assert.throws(
    () => explore({ memory: { asked: 0, answered: 0 }, threads: [server(true)] }),
    /all threads are daemons/,
  );
});

test('an async function around an operation, and a timer, are misuse, reported with their line, and end no process', async () => {
  let ended: unknown;
  const onRejection = (reason: unknown): void => {
    ended = reason;
  };
  const { failure } = explore({
    memory: { x: 0 },
    threads: [
      ({ words, at }) => {
        void (async () => Atomics.load(words, at.x))();
      },
    ],
  });
  assert.is(failure?.kind, 'misuse');
  assert.match(failure?.reason ?? '', /async function.*explore\.test\.(ts|js):\d+:\d+\)$/);
  process.on('uncaughtException', onRejection);
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('uncaughtException', onRejection);
  assert.is(ended, undefined);
  const timer = explore({
    memory: { x: 0 },
    threads: [({ words }) => setTimeout(() => Atomics.load(words, 0))],
  }).failure;
  assert.is(timer?.kind, 'misuse');
  assert.match(timer?.reason ?? '', /setTimeout\(\).*thread\.later\(\) \(.*explore\.test\.(ts|js):\d+:\d+\)$/);
});

test("a rejection that is not the explorer's goes to the program's listener, and ends nothing", async () => {
  const told: unknown[] = [];
  const ended: unknown[] = [];
  const onRejection = (reason: unknown) => told.push(reason);
  const onException = (error: unknown) => ended.push(error);
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  explore({ memory: { x: 0 }, threads: [({ words }) => void (async () => Atomics.load(words, 0))()] });
  const error = new Error("the program's own");
  Promise.reject(error);
  await new Promise((resolve) => setTimeout(resolve, 5));
  process.off('unhandledRejection', onRejection);
  process.off('uncaughtException', onException);
  assert.ok(told.includes(error));
  assert.equal(ended, []);
});

test.run();
