// Threads that are async functions, followed by exploreAsync.
import { Barrier, Condition, Event, Lock, Semaphore } from 'atomics-sync-free';
import {
  type Body,
  exploreAsync,
  type Memory,
  replayAsync,
  type Scenario,
  ScenarioError,
  sample,
  sampleAsync,
} from 'atomics-sync-free/check';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('async threads');

type M = Memory<string>;
const load = ({ words, at }: M, name: string): number => Atomics.load(words, at[name]);
const store = ({ words, at }: M, name: string, value: number): void => {
  Atomics.store(words, at[name], value);
};
const tick = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 1));

test('a waitAsync is awaited, and a wake-up that is lost is found', async () => {
  const waiter =
    (ready: (memory: M) => boolean): Body<'ready'> =>
    async (memory) => {
      if (!ready(memory)) await Atomics.waitAsync(memory.words, memory.at.ready, 0).value;
    };
  const setter =
    (notifies: boolean): Body<'ready'> =>
    ({ words, at }) => {
      Atomics.store(words, at.ready, 1);
      if (notifies) Atomics.notify(words, at.ready);
    };
  const scenario = (notifies: boolean) => ({
    memory: { ready: 0 },
    threads: [waiter((memory) => load(memory, 'ready') === 1), setter(notifies)],
  });
  assert.is((await exploreAsync(scenario(true))).verdict, 'ok');
  const { failure } = await exploreAsync(scenario(false));
  assert.is(failure?.kind, 'deadlock');
  assert.match(failure?.reason ?? '', 'its async waits on ready are not over');
});

test('tasks of one thread that interleave at an await lose an update, but not under a lock', async () => {
  const lock = new Lock();
  const increment = async (memory: M): Promise<void> => {
    const before = load(memory, 'n');
    await tick();
    store(memory, 'n', before + 1);
  };
  const scenario = (task: (memory: M) => Promise<void>): Scenario<'n'> => ({
    memory: { n: 0 },
    objects: { lock },
    threads: [
      async (memory) => {
        await Promise.all([task(memory), task(memory)]);
      },
    ],
    final: ({ n }) => n === 2 || `an update is lost: ${n}`,
  });
  assert.match((await exploreAsync(scenario(increment))).failure?.reason ?? '', 'an update is lost: 1');
  assert.is((await exploreAsync(scenario((memory) => lock.runAsync(() => increment(memory))))).verdict, 'ok');
});

test('what other tasks do after the operation at which their thread is suspended is not part of its past', async () => {
  const { verdict } = await exploreAsync({
    memory: { x: 0 },
    threads: [
      async ({ words, at }) => {
        const waiter = async (): Promise<void> => {
          await Atomics.waitAsync(words, at.x, 0).value;
        };
        const waker = async (): Promise<void> => {
          await tick();
          Atomics.notify(words, at.x);
        };
        await Promise.all([waiter(), waker()]);
      },
    ],
  });
  assert.is(verdict, 'ok');
});

test('what a finally does while its thread is suspended is not refused', async () => {
  const event = new Event();
  const result = await exploreAsync({
    memory: { x: 0 },
    objects: { event },
    threads: [
      async (memory) => {
        const setter = async (): Promise<void> => {
          await tick();
          let seen: number | undefined;
          try {
            seen = load(memory, 'x');
          } finally {
            if (seen === undefined) await event.waitAsync();
          }
          event.set();
        };
        await Promise.all([event.waitAsync(), setter()]);
      },
    ],
  });
  assert.is(result.verdict, 'ok', String(result));
});

test('two locks that tasks hold in opposite order are a deadlock', async () => {
  const [a, b] = [new Lock(), new Lock()];
  const both = (first: Lock, second: Lock): Body => {
    return async () => {
      const hold = await first.holdAsync();
      await second.runAsync(() => {});
      hold.release();
    };
  };
  const { failure } = await exploreAsync({ objects: { a, b }, threads: [both(a, b), both(b, a)] });
  assert.is(failure?.kind, 'deadlock');
  assert.match(failure?.reason ?? '', 'a is idle: a task waits for lock `b`, held by b');
  assert.is((await exploreAsync({ objects: { a, b }, threads: [both(a, b), both(a, b)] })).verdict, 'ok');
});

test('a wait of a task may time out, or be aborted', async () => {
  const permits = new Semaphore(0);
  const waits = (options: () => { timeout?: number; signal?: AbortSignal }): Body<'got'> => {
    return async (memory) => {
      let got = 2;
      try {
        got = (await permits.acquireAsync(options())) ? 1 : 0;
      } catch (error) {
        if (error !== 'enough') throw error;
      }
      store(memory, 'got', got);
    };
  };
  const outcomes = async (waiter: Body<'got'>): Promise<string[]> => {
    const result = await exploreAsync({
      memory: { got: -1 },
      objects: { permits },
      threads: [waiter, () => permits.release()],
      outcome: ({ got }) => `${got}`,
    });
    assert.is(result.verdict, 'ok', String(result));
    return [...result.outcomes.keys()].sort();
  };
  assert.equal(await outcomes(waits(() => ({}))), ['1']);
  assert.equal(await outcomes(waits(() => ({ timeout: 5 }))), ['0', '1']);
  const aborting = waits(() => {
    const controller = new AbortController();
    setTimeout(() => controller.abort('enough'), 1);
    return controller;
  });
  assert.equal(await outcomes(aborting), ['1', '2']);
});

test('events, conditions and barriers are awaited', async () => {
  const [ready, some, meeting] = [new Event(), new Condition(new Lock()), new Barrier(2)];
  const scenario = {
    memory: { items: 0, met: 0 },
    objects: { ready, some, meeting },
    threads: [
      async (memory: M) => {
        await ready.waitAsync();
        await some.runAsync(async () => {
          if (load(memory, 'items') === 0) await some.waitAsync();
          await some.waitForAsync(() => load(memory, 'items') === 1);
        });
        await meeting.waitAsync();
        if (load(memory, 'met') !== 1) throw new Error('gone too early');
      },
      (memory: M) => {
        ready.set();
        some.run(() => {
          store(memory, 'items', 1);
          some.notify();
        });
        store(memory, 'met', 1);
        meeting.wait();
      },
    ],
  };
  const result = await exploreAsync(scenario);
  assert.is(result.verdict, 'ok', String(result));
});

test('tasks of one thread meet at a barrier', async () => {
  const meeting = new Barrier(2);
  const result = await exploreAsync({
    memory: { sum: 0 },
    objects: { meeting },
    threads: [
      async (memory: M) => {
        const places = await Promise.all([meeting.waitAsync(), meeting.waitAsync()]);
        store(memory, 'sum', places[0] + places[1]);
      },
    ],
    final: ({ sum }) => sum === 1,
  });
  assert.is(result.verdict, 'ok', String(result));
});

test('what an async thread throws is a failure, and a promise that nothing settles is a deadlock', async () => {
  const throws = await exploreAsync({
    memory: { n: 0 },
    threads: [
      async (memory: M) => {
        load(memory, 'n');
        await tick();
        throw new Error('out of order');
      },
    ],
  });
  assert.match(throws.failure?.reason ?? '', 'uncaught Error: out of order');
  const waits = await exploreAsync({ memory: { n: 0 }, threads: [() => new Promise(() => {})] });
  assert.match(waits.failure?.reason ?? '', 'it awaits a promise that nothing is left to settle');
});

/** Two tasks of each of some threads that lose an update at an await. */
const losing = (threads: number): Scenario<'n'> => {
  const increment = async (memory: M): Promise<void> => {
    const before = load(memory, 'n');
    await tick();
    store(memory, 'n', before + 1);
  };
  const thread: Body<'n'> = async (memory) => {
    await Promise.all([increment(memory), increment(memory)]);
  };
  return {
    memory: { n: 0 },
    threads: Array(threads).fill(thread),
    final: ({ n }) => n === 2 * threads || `an update is lost: ${n}`,
  };
};

for (const strategy of ['random', 'pct'] as const) {
  test(`a sample (${strategy}) finds a bug, with a seed that replays it`, async () => {
    const { failure, verdict } = await sampleAsync(losing(3), { strategy, runs: 50 });
    assert.is(verdict, 'failed');
    assert.match(failure?.reason ?? '', 'an update is lost');
    const again = await replayAsync(losing(3), failure?.schedule.seed ?? '');
    assert.equal(again.failure, failure);
  });

  test(`a sample (${strategy}) finds nothing in a correct program, and does not call it ok`, async () => {
    const lock = new Lock();
    const add: Body<'n'> = (memory) =>
      lock.runAsync(async () => {
        const before = load(memory, 'n');
        await tick();
        store(memory, 'n', before + 1);
      });
    const scenario: Scenario<'n'> = {
      memory: { n: 0 },
      objects: { lock },
      threads: [add, add, add, add],
      final: ({ n }) => n === 4,
      outcome: ({ n }) => `${n}`,
    };
    const result = await sampleAsync(scenario, { strategy, runs: 100 });
    assert.is(result.verdict, 'sampled', String(result));
    assert.is(result.note, '100 runs');
    const run = await replayAsync(scenario, result.outcomes.get('4') ?? '');
    assert.is(run.verdict, 'sampled');
    assert.is(run.schedule?.seed, result.outcomes.get('4'));
  });
}

test('the same seed makes the same sample of async threads as of equal synchronous ones', async () => {
  const add: Body<'n'> = (memory) => store(memory, 'n', load(memory, 'n') + 1);
  const scenario: Scenario<'n'> = { memory: { n: 0 }, threads: [add, add, add], final: ({ n }) => n === 3 };
  for (const seed of [1, 2, 3]) {
    const { failure, states } = await sampleAsync(scenario, { seed });
    const synchronous = sample(scenario, { seed });
    assert.equal([failure, states], [synchronous.failure, synchronous.states]);
  }
});

test('runs of async threads are cut off, end when their time is up, and never begin with an unknown option', async () => {
  const cut = await sampleAsync(losing(2), { runs: 5, maxSteps: 3 });
  assert.is(cut.verdict, 'incomplete');
  assert.is(cut.note, '5 of 5 runs cut off');
  const timed = await sampleAsync({ ...losing(2), final: () => true }, { ms: 20 });
  assert.is(timed.verdict, 'sampled');
  assert.ok(timed.ms >= 20, `${timed.ms} ms`);
  const refused = async (promise: Promise<unknown>, message: RegExp): Promise<void> => {
    const error = await promise.then(() => undefined).catch((reason: unknown) => reason);
    assert.instance(error, ScenarioError);
    assert.match(String(error), message);
  };
  await refused(sampleAsync(losing(2), { rums: 5 } as object), /no field 'rums'.*runs/);
  await refused(replayAsync(losing(2), '0*99'), /step \d+ of the seed is not possible/);
});

test('a livelock of a thread that waits only for timers is reported', async () => {
  const spin: Body<'n'> = async (memory, thread) => {
    while (load(memory, 'n') === 0) {
      thread.mark();
      await tick();
    }
  };
  const { failure } = await exploreAsync({ memory: { n: 0 }, threads: [spin] });
  assert.is(failure?.kind, 'livelock');
  assert.match(failure?.reason ?? '', /^ {2}a is (idle: its timers are pending|about to load n)$/m);
});

test('a failure is reported, though marks are still to be tested when it is found', async () => {
  const waiter: Body<'n'> = async (memory, thread) => {
    for (;;) {
      thread.mark();
      if (load(memory, 'n') !== 0) break;
      await Atomics.waitAsync(memory.words, memory.at.n, 0).value;
    }
  };
  const { failure } = await exploreAsync({ memory: { n: 0 }, threads: [waiter, (memory) => store(memory, 'n', 2)] });
  assert.is(failure?.kind, 'deadlock');
  assert.is(failure?.schedule.steps.length, 3);
});

test("an exploration's seed reproduces its failure, a livelock's too", async () => {
  const spin: Body<'n'> = async (memory, thread) => {
    while (load(memory, 'n') === 0) {
      thread.mark();
      await tick();
    }
  };
  for (const scenario of [losing(1), { memory: { n: 0 }, threads: [spin] } as Scenario<'n'>]) {
    const { failure } = await exploreAsync(scenario);
    assert.ok(failure);
    const again = await replayAsync(scenario, failure.schedule.seed);
    assert.equal(again.failure, failure);
  }
});

test('marks of async threads that promise too much are misuse in a sample, too', async () => {
  const counts: Body<'n'> = async (memory, thread) => {
    for (let round = 0; round < 3; round++) {
      thread.mark();
      store(memory, 'n', 1);
      await tick();
    }
  };
  const result = await sampleAsync({ memory: { n: 0 }, threads: [counts] }, { runs: 5, maxSteps: 50 });
  assert.is(result.failure?.kind, 'misuse', String(result));
});

test('all globals are restored when it is over', async () => {
  const before = [Atomics, setTimeout, clearTimeout, setImmediate, performance.now];
  await exploreAsync({ memory: { n: 0 }, threads: [async (memory: M) => void load(memory, 'n')] });
  await exploreAsync({ memory: { n: 0 }, threads: [] }).then(
    () => assert.unreachable(),
    (error) => assert.instance(error, ScenarioError),
  );
  assert.equal([Atomics, setTimeout, clearTimeout, setImmediate, performance.now], before);
});

test.run();
