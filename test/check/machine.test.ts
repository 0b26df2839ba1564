import {
  type Body,
  explore,
  type Memory,
  type Result,
  replay,
  type Scenario,
  type Thread,
} from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { type LockThread, mutex } from './subjects.js';

const test = suite('machine');

function operations({ failure }: Result): string[] {
  return failure?.schedule.steps.map(({ thread, operation }) => `${thread} ${operation}`) ?? [];
}

/** One thread sleeps for at most 5 ms, the other wakes it. */
const timedSleep: Scenario<'x' | 'how'> = {
  memory: { x: 0, how: 0 },
  threads: [
    ({ words, at }) => {
      const result = Atomics.wait(words, at.x, 0, 5);
      Atomics.store(words, at.how, ['ok', 'not-equal', 'timed-out'].indexOf(result));
    },
    ({ words, at }) => {
      Atomics.store(words, at.x, 1);
      Atomics.notify(words, at.x);
    },
  ],
  outcome: ({ how }) => ['ok', 'not-equal', 'timed-out'][how],
};

test('a timed wait ends in every possible way', () => {
  const { outcomes, verdict } = explore(timedSleep);
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['not-equal', 'ok', 'timed-out']);
});

test('without timeouts a timed wait ends only by a wake-up', () => {
  const { outcomes, verdict } = explore({ ...timedSleep, timeouts: false });
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['not-equal', 'ok']);
  const [sleeper] = timedSleep.threads;
  assert.is(explore({ ...timedSleep, threads: [sleeper], timeouts: false }).failure?.kind, 'deadlock');
  assert.is(explore({ ...timedSleep, threads: [sleeper] }).verdict, 'ok');
});

test('a loop of timed waits is finite, where the code does not look at the clock', () => {
  const result = explore({
    memory: { x: 0 },
    threads: [
      ({ words, at }, thread) => {
        while (Atomics.load(words, at.x) === 0) {
          thread.mark();
          Atomics.wait(words, at.x, 0, 5);
        }
      },
      ({ words, at }) => Atomics.store(words, at.x, 1),
    ],
    maxStates: 50,
  });
  assert.is(result.verdict, 'ok', result.toString());
});

test('a deadline holds across the passes of a marked loop', () => {
  const { outcomes, verdict } = explore({
    memory: { x: 0, took: -1 },
    threads: [
      ({ words, at }, thread) => {
        const deadline = performance.now() + 5;
        for (;;) {
          thread.mark();
          const left = deadline - performance.now();
          if (left <= 0 || Atomics.wait(words, at.x, 0, left) === 'not-equal') break;
        }
        Atomics.store(words, at.took, performance.now());
      },
      ({ words, at }) => {
        Atomics.notify(words, at.x);
        Atomics.store(words, at.x, 1);
      },
    ],
    outcome: ({ took }) => String(took),
  });
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['0', '5']);
});

test("a wait returns 'ok' only if it was notified, and notify says how many it woke", () => {
  const sleeper: Body<'x' | 'woken' | 'ok'> = ({ words, at }) => {
    if (Atomics.wait(words, at.x, 0, 5) === 'ok') Atomics.add(words, at.ok, 1);
  };
  const waker: Body<'x' | 'woken' | 'ok'> = ({ words, at }) => {
    Atomics.add(words, at.woken, Atomics.notify(words, at.x, 1));
  };
  const result = explore({
    memory: { x: 0, woken: 0, ok: 0 },
    threads: [sleeper, sleeper, waker, waker],
    final: ({ woken, ok }) => woken === ok,
    outcome: ({ ok }) => String(ok),
  });
  assert.is(result.verdict, 'ok', result.toString());
  assert.equal([...result.outcomes.keys()].sort(), ['0', '1', '2']);
});

test('a thread that dies with the lock leaves the others asleep', () => {
  const result = explore({ ...mutex(2, 1), final: () => true, kills: 1 });
  assert.is(result.failure?.kind, 'deadlock');
  assert.ok(operations(result).includes('a is killed'), result.toString());
});

/** Takes the lock from a dead holder: `thorough` wakes a sleeper whatever the word says. */
function reaper(thorough: boolean): LockThread {
  return {
    name: 'reaper',
    run: ({ words, at }, thread) => {
      const victim = thread.joinDead('a');
      assert.is(victim, 0);
      // Its owner word says whether the dead thread held the lock; here 2 · (id + 1) beside the state.
      for (;;) {
        thread.mark();
        const word = Atomics.load(words, at.lock);
        if (word >> 2 !== victim + 1 || Atomics.compareExchange(words, at.lock, word, 0) === word) break;
      }
      if (thorough) Atomics.notify(words, at.lock);
    },
  };
}

/** A lock whose word names its owner: 0, or (index + 1) << 2 | 1 if somebody may sleep. */
function ownedLock(index: number): LockThread {
  return {
    phases: ({ words, at }, thread) => [
      () => {
        const mine = (index + 1) << 2;
        let contended = 0;
        for (;;) {
          thread.mark(contended);
          const word = Atomics.load(words, at.lock);
          if (word === 0) {
            if (Atomics.compareExchange(words, at.lock, 0, mine | contended) === 0) break;
          } else if ((word & 1) === 1 || Atomics.compareExchange(words, at.lock, word, word | 1) === word) {
            Atomics.wait(words, at.lock, word | 1);
            contended = 1;
          }
        }
        thread.ghost.add('inside', 1);
        Atomics.load(words, at.count);
        thread.ghost.add('inside', -1);
        if ((Atomics.exchange(words, at.lock, 0) & 1) === 1) Atomics.notify(words, at.lock, 1);
      },
    ],
  };
}

function withReaper(thorough: boolean): Scenario<'lock' | 'count', 'inside'> {
  return {
    memory: { lock: 0, count: 0 },
    ghosts: { inside: 0 },
    threads: [
      ownedLock(0),
      { ...ownedLock(1), killable: false },
      { ...ownedLock(2), killable: false },
      reaper(thorough),
    ],
    kills: 1,
    final: ({ lock }) => lock === 0 || `lock ${lock}`,
  };
}

test('a reaper that only frees what the dead thread held is not enough: a wake-up dies with it', () => {
  const result = explore(withReaper(false));
  assert.is(result.failure?.kind, 'deadlock', result.toString());
  assert.ok(operations(result).some((each) => each.startsWith('reaper joinDead() → a is dead')));
});

test('a reaper that also wakes everybody is', () => {
  const result = explore(withReaper(true));
  assert.is(result.verdict, 'ok', result.toString());
});

test('a killed sleeper may stay in the queue and take a notify', () => {
  // Whoever is woken wakes the next.
  const sleeper: Body<'x'> = ({ words, at }) => {
    Atomics.wait(words, at.x, 0);
    Atomics.notify(words, at.x, 1);
  };
  const scenario: Scenario<'x'> = {
    memory: { x: 0 },
    threads: [
      sleeper,
      { run: sleeper, killable: false },
      {
        killable: false,
        run: ({ words, at }) => {
          Atomics.store(words, at.x, 1);
          Atomics.notify(words, at.x, 1);
        },
      },
    ],
  };
  assert.is(explore(scenario).verdict, 'ok');
  const result = explore({ ...scenario, kills: 1 });
  assert.is(result.failure?.kind, 'deadlock');
  assert.ok(operations(result).some((each) => each.startsWith('a is killed')));
  const swallowed = replay({ ...scenario, kills: 1 }, '0.1.0k1.2*2');
  assert.is(swallowed.failure?.kind, 'deadlock');
  assert.equal(operations(swallowed).slice(2), [
    'a is killed; its wait stays and takes a notify',
    'c store(x, 1)',
    'c notify(x, 1) → wakes a dead waiter',
  ]);
});

test('a thread that waits for a death counts as done where nobody dies, and is not killed', () => {
  const scenario: Scenario<'x'> = {
    memory: { x: 0 },
    threads: [({ words, at }) => Atomics.store(words, at.x, 1), (_, thread) => thread.joinDead()],
  };
  assert.is(explore(scenario).verdict, 'ok');
  const seen = new Set<string>();
  const invariant: Scenario<'x'>['invariant'] = (_, { threads }) => {
    seen.add(threads.map(({ state }) => state).join());
  };
  assert.is(explore({ ...scenario, kills: 2, invariant }).verdict, 'ok');
  assert.ok(seen.has('dead,done') && !seen.has('done,dead'), [...seen].join(' '));
});

type Cell = Memory<'x' | 'log'>;
type World = Thread<never>;

/** Waits asynchronously until x is not 0, in turns of the event loop. */
function whenSet({ words, at }: Cell, thread: World, then: () => void): void {
  const turn = (): void => {
    thread.mark('waiting');
    const { async, value } = Atomics.waitAsync(words, at.x, 0);
    if (async) (value as PromiseLike<string>).then(turn);
    else then();
  };
  turn();
}

test('continuations of async waits run as turns of their own', () => {
  const result = explore({
    memory: { x: 0, log: 0 },
    threads: [
      (memory: Cell, thread: World) => {
        whenSet(memory, thread, () => Atomics.add(memory.words, memory.at.log, 1));
        Atomics.add(memory.words, memory.at.log, 10);
      },
      ({ words, at }) => {
        Atomics.store(words, at.x, 1);
        Atomics.notify(words, at.x);
      },
    ],
    final: ({ log }) => log === 11 || `log ${log}`,
  });
  assert.is(result.verdict, 'ok', result.toString());
});

test('an async wait that nobody wakes is a deadlock', () => {
  const threads = [
    (memory: Cell, thread: World) => whenSet(memory, thread, () => undefined),
    ({ words, at }: Cell) => Atomics.store(words, at.x, 1),
  ];
  const { failure } = explore({ memory: { x: 0, log: 0 }, threads });
  assert.is(failure?.kind, 'deadlock');
  assert.match(failure?.reason ?? '', /a is idle: its async waits on x are not over/);
});

test('a busy event loop takes a notify(1) that another sleeper needed', () => {
  // The async thread blocks in its next turn for what only the sleeper would give.
  const result = explore({
    memory: { x: 0, log: 0 },
    threads: [
      ({ words, at }: Cell) => {
        (Atomics.waitAsync(words, at.x, 0).value as PromiseLike<string>)?.then?.(() => undefined);
        Atomics.wait(words, at.log, 0);
      },
      ({ words, at }: Cell) => {
        Atomics.wait(words, at.x, 0);
        Atomics.store(words, at.log, 1);
        Atomics.notify(words, at.log);
      },
      ({ words, at }: Cell) => Atomics.notify(words, at.x, 1),
    ],
  });
  assert.is(result.failure?.kind, 'deadlock');
});

test('two async tasks of one thread run in either order', () => {
  const { outcomes, verdict } = explore({
    memory: { x: 0, y: 0, log: 0 },
    threads: [
      ({ words, at }) => {
        for (const [index, digit] of [
          [at.x, 1],
          [at.y, 2],
        ]) {
          (Atomics.waitAsync(words, index, 0).value as PromiseLike<string>)?.then?.(() => {
            Atomics.store(words, at.log, Atomics.load(words, at.log) * 10 + digit);
          });
        }
      },
      ({ words, at }, thread) => {
        // Both waits are there when a notify finds the second.
        while (Atomics.notify(words, at.y) === 0) thread.mark();
        Atomics.notify(words, at.x);
      },
    ],
    outcome: ({ log }) => String(log),
  });
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['12', '21']);
});

test('a timed async wait may time out, and its turn comes later', () => {
  const { outcomes, verdict } = explore({
    memory: { x: 0, how: 0 },
    threads: [
      ({ words, at }) => {
        const began = performance.now();
        const { async, value } = Atomics.waitAsync(words, at.x, 0, 5);
        if (!async) return;
        value.then((how) => {
          Atomics.store(words, at.how, how === 'ok' ? 1 : 100 + performance.now() - began);
        });
      },
      ({ words, at }) => {
        Atomics.store(words, at.x, 1);
        Atomics.notify(words, at.x);
      },
    ],
    outcome: ({ how }) => String(how),
  });
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['0', '1', '105']);
});

test('a promise that nobody follows in its turn is reported', () => {
  const { failure } = explore({
    memory: { x: 0 },
    threads: [
      async ({ words, at }) => {
        await Atomics.waitAsync(words, at.x, 0).value;
      },
    ],
  });
  assert.is(failure?.kind, 'misuse');
  const ignored = explore({ memory: { x: 0 }, threads: [({ words, at }) => void Atomics.waitAsync(words, at.x, 0)] });
  assert.match(ignored.failure?.reason ?? '', /nobody called then/);
});

test('a callback of later() runs at any later time, unless it is cancelled', () => {
  const { outcomes, verdict } = explore({
    memory: { x: 0, seen: 0 },
    threads: [
      ({ words, at }, thread) => {
        const began = performance.now();
        thread.later(
          () => Atomics.store(words, at.seen, 10 * Atomics.load(words, at.x) + performance.now() - began),
          5,
        );
        thread.later(() => Atomics.store(words, at.seen, 99))();
      },
      ({ words, at }) => Atomics.store(words, at.x, 1),
    ],
    outcome: ({ seen }) => String(seen),
  });
  assert.is(verdict, 'ok');
  assert.equal([...outcomes.keys()].sort(), ['15', '5']);
});

test('an aborted async wait stays in the queue and takes a notify', () => {
  const abortable = ({ words, at }: Cell, thread: World): void => {
    let aborted = false;
    const { async, value } = Atomics.waitAsync(words, at.x, 0);
    if (!async) return;
    const cancel = thread.later(() => {
      aborted = true;
      thread.abandonWaits();
    });
    value.then(() => {
      cancel();
      if (!aborted) Atomics.store(words, at.log, 1);
    });
  };
  const sleeper = ({ words, at }: Cell): string => Atomics.wait(words, at.x, 0);
  const once = ({ words, at }: Cell): number => Atomics.notify(words, at.x, 1);
  const memory = { x: 0, log: 0 };
  assert.is(explore({ memory, threads: [abortable] }).verdict, 'ok', 'an abandoned wait need not end');
  const { failure } = explore({
    memory,
    threads: [abortable, { run: sleeper, name: 'sleeper' }, once],
    invariant: ({ log }, { threads: [a, b, c] }) =>
      !(log === 0 && a.state === 'done' && b.state === 'asleep' && c.state === 'done') || 'swallowed',
  });
  assert.is(failure?.reason, 'invariant: swallowed');
});

test('an abandoned wait may be woken between two phases or after the last', () => {
  const seen = new Set<string>();
  explore({
    memory: { x: 0, log: 0 },
    threads: [
      {
        phases: ({ words, at }, thread) => [
          () => {
            const { async, value } = Atomics.waitAsync(words, at.x, 0);
            if (async) value.then(() => Atomics.store(words, at.log, Atomics.load(words, at.log) * 10 + 1));
            thread.abandonWaits();
          },
          () => Atomics.store(words, at.log, Atomics.load(words, at.log) * 10 + 2),
        ],
      },
      ({ words, at }) => Atomics.notify(words, at.x),
    ],
    final: ({ log }) => {
      seen.add(String(log));
    },
  });
  assert.equal([...seen].sort(), ['12', '2', '21']);
});

test.run();
