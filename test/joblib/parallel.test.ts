import { AsyncLocalStorage } from 'node:async_hooks';
import { readdirSync } from 'node:fs';
import { inspect } from 'node:util';
import type { SyncError } from 'atomics-sync-free';
import {
  type DelayedCall,
  delayed,
  fromModule,
  Parallel,
  type Progress,
  registerParallelBackend,
  WorkerDiedError,
} from 'atomics-sync-free/joblib';
import * as assert from 'uvu/assert';
import { BatchSize } from '#dist/joblib/parallel/batch-size.js';
import { ProgressBar } from '#dist/joblib/parallel/progress-bar.js';
import { untilCollected } from '../support/garbage.js';
import { printedBy } from '../support/printed.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { ownFolder } from './folder.js';
import { afterFile, diesAt, diesTelling, failsAt, leaves, square, sum } from './parallel.tasks.js';

const test = suite('Parallel');

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

test('a worker that dies causes an error that names the call, and the next loop works', async () => {
  const isIt = (error: unknown): boolean =>
    error instanceof WorkerDiedError &&
    error.exitCode === 7 &&
    /busy with task 5 of Parallel, diesAt\(5, 5\)$/.test(error.message) &&
    error.items?.from === 5 &&
    error.items.to === 6;
  const parallel = new Parallel({ nJobs: 2, batchSize: 1 });
  const calls = () => range(50).map((x) => diesAt(x, 5));
  const begun = performance.now();
  assert.throws(() => parallel.run(calls()), isIt);
  await parallel.runAsync(calls()).then(
    () => assert.unreachable(),
    (error: unknown) => assert.ok(isIt(error)),
  );
  assert.ok(performance.now() - begun < 20_000);
  assert.throws(
    () => new Parallel({ nJobs: 2, batchSize: 10 }).run(calls()),
    ({ message, items }: WorkerDiedError) =>
      /busy with one of tasks 0 … 9 of Parallel, diesAt\(0, 5\)/.test(message) && items?.from === 0 && items.to === 10,
  );
  assert.equal(parallel.run(range(5).map((x) => square(x))), [0, 1, 4, 9, 16]);
});

test('the error comes within a second of the death, even while others are busy for ever', async () => {
  const never = `${ownFolder()}/never`;
  for (const returnAs of ['list', 'generator_unordered'] as const) {
    // The least of several, because on a busy machine this agent itself may not run for a moment.
    const delays: number[] = [];
    for (let i = 0; i < 3; i++) {
      const diedAt = new Float64Array(new SharedArrayBuffer(8));
      const calls: DelayedCall<unknown>[] = [
        square(1),
        afterFile(never, ''),
        diesTelling(diedAt),
        afterFile(never, ''),
      ];
      const parallel = new Parallel({ nJobs: 2, batchSize: 1, returnAs });
      await parallel.runAsync(calls).then(
        () => assert.unreachable(),
        (error: unknown) => {
          delays.push(Date.now() - diedAt[0]);
          assert.match(String(error), /busy with task 2 of Parallel, diesTelling\(Float64Array\(1\)\)$/);
        },
      );
      assert.equal(await parallel.runAsync([square(3)]), [9]);
    }
    assert.ok(Math.min(...delays) < 1000, `${delays} ms`);
  }
});

test('functions can be given in each way: as tasks, from a module, as their source', () => {
  const url = new URL('./parallel.functions.js', import.meta.url);
  const { cube } = fromModule<typeof import('./parallel.functions.js')>(url);
  const calls: DelayedCall<number>[] = [square(3), delayed(cube)(3), delayed((x: number) => -x)(3)];
  assert.equal(new Parallel({ nJobs: 2, batchSize: 3 }).run(calls), [9, 27, -3]);
});

test('what a function that was sent as its source lacks is named', async () => {
  const around = 1;
  const calls = [1, 2].map((x) => delayed(() => around + x)());
  const error = (await new Parallel({ nJobs: 2 }).runAsync(calls).catch((thrown) => thrown)) as SyncError;
  assert.is(error.code, 'ERR_SOURCE');
  assert.match(error.message, /uses (?:around|x), which is defined around it/);
});

test('a function of a module can be called here, too, but only by runAsync', async () => {
  const url = new URL('./parallel.functions.js', import.meta.url);
  const { cube } = fromModule<typeof import('./parallel.functions.js')>(url);
  assert.equal(await new Parallel().runAsync([delayed(cube)(3)]), [27]);
  assert.throws(
    () => new Parallel().run([delayed(cube)(3)]),
    /cube returned a promise, which only runAsync can wait for/,
  );
});

test('a generator is read only a bounded distance ahead of its results', () => {
  let taken = 0;
  function* input(): Generator<DelayedCall<number>> {
    for (;;) yield square(taken++);
  }
  for (const [options, most] of [
    [{ nJobs: 2, maxBuffered: 6 }, 6],
    [{ nJobs: 2, batchSize: 5, preDispatch: 2 }, 20],
    [{ nJobs: 1 }, 1],
  ] as const) {
    taken = 0;
    const results = new Parallel({ ...options, returnAs: 'generator' }).run(input());
    for (let read = 0; read < 40; read++) {
      assert.is(results.next().value, read * read);
      // A batch whose results are read one by one has made room as a whole.
      const batch = 'batchSize' in options ? options.batchSize : most;
      assert.ok(taken <= read + batch + most, `${taken} taken, ${read + 1} read`);
    }
    results.return();
  }
});

test('the event loop turns while many short calls are made, and an endless input is held back', async () => {
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  await new Parallel({ nJobs: 2, batchSize: 20 }).runAsync(range(40_000).map((x) => square(x)));
  clearInterval(timer);
  assert.ok(turns > 0);
  let taken = 0;
  function* endless(): Generator<DelayedCall<number>> {
    for (;;) yield square(taken++);
  }
  const results = new Parallel({ nJobs: 2, returnAs: 'generator' }).run(endless());
  // All calls that may be under way are done, and nobody reads their results.
  for (let seen = -1; seen < taken; await new Promise((resolve) => setTimeout(resolve, 20))) seen = taken;
  // Eight batches, each at most twice as large as the one before.
  assert.ok(taken < 2 ** 9, `${taken}`);
  results.return();
});

test('the end of the block of `using` closes a generator, which shows whether it is over', () => {
  let shown = '';
  const taken = new Set<number>();
  function* endless(): Generator<DelayedCall<number>> {
    try {
      for (let x = 3; ; x++) yield square(taken.add(x).size + 2);
    } finally {
      taken.clear();
    }
  }
  let results: { toString(): string };
  {
    using running = new Parallel({ nJobs: 2, returnAs: 'generator' }).run(endless());
    results = running;
    assert.equal(running.next(), { done: false, value: 9 });
    shown = inspect(running);
  }
  assert.equal([shown, String(results), taken.size], ['ParallelIterator (running)', 'ParallelIterator (over)', 0]);
});

test('leaving a generator gives up the calls that are not done', async () => {
  const folder = ownFolder();
  const gate = `${folder}/gate`;
  const calls: DelayedCall<unknown>[] = [square(3), afterFile(gate, ''), afterFile(gate, '')];
  for (const i of range(20)) calls.push(leaves(`${folder}/${i}`));
  for (const result of new Parallel({ nJobs: 2, batchSize: 1, returnAs: 'generator' }).run(calls)) {
    assert.is(result, 9);
    break;
  }
  new Parallel().run([leaves(gate)]);
  // Gives both workers new calls, before which they would do those that were left.
  assert.equal(new Parallel({ nJobs: 2, batchSize: 1 }).run(range(6).map((x) => square(x))).length, 6);
  assert.equal(readdirSync(folder), ['gate']);
});

test('onProgress gets the figures of progress, and what it throws ends the loop', () => {
  const seen: Progress[] = [];
  const onProgress = (progress: Progress) => void seen.push(progress);
  for (const nJobs of [1, 2]) {
    seen.length = 0;
    new Parallel({ nJobs, onProgress, batchSize: 2 }).run(range(10).map((x) => square(x)));
    assert.is(seen.length, nJobs === 1 ? 10 : 5);
    const last = seen[seen.length - 1];
    assert.equal([last.done, last.dispatched, last.total, last.remaining], [10, 10, 10, 0]);
    for (const { elapsed, remaining } of seen) assert.ok(elapsed >= 0 && (remaining as number) >= 0);
  }
  const fail = () => {
    throw new EvalError('enough');
  };
  assert.throws(() => new Parallel({ nJobs: 2, onProgress: fail }).run([square(1), square(2)]), /enough/);
});

test('the input and onProgress see the async context of their own loop', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen = new Set<string>();
  const see = (name: string) => void seen.add(`${name} in ${storage.getStore()}`);
  function* calls(name: string) {
    for (let i = 0; i < 20; i++) {
      see(name);
      yield square(i);
    }
  }
  async function* asyncCalls(name: string) {
    yield* calls(name);
  }
  const loops = [calls, asyncCalls].map((input, i) =>
    storage.run(`loop ${i}`, () => {
      const name = `loop ${i}`;
      const parallel = new Parallel({ nJobs: 2, batchSize: 1, returnAs: 'generator', onProgress: () => see(name) });
      return parallel.run(input(name));
    }),
  );
  await Promise.all(
    loops.map(async (results) => {
      for await (const _ of results);
    }),
  );
  assert.equal([...seen].sort(), ['loop 0 in loop 0', 'loop 1 in loop 1']);
});

test('a bar shows the share that is done, is redrawn no more often than one can see, and ends its line', () => {
  let written = '';
  const bar = new ProgressBar((text) => {
    written += text;
  }, 70);
  const at = (done: number, total: number | undefined, elapsed: number): void =>
    bar.show({ done, dispatched: done, total, elapsed, remaining: total === undefined ? undefined : 3000 });
  at(3, undefined, 0);
  at(4, undefined, 49);
  at(5, 10, 1000);
  at(10, 10, 1001);
  bar.end();
  const clear = '\r\x1b[K';
  assert.equal(written.split(clear), [
    '',
    '3 done, 0.0 s',
    '█████░░░░░ 50 % 5/10, 1.0 s, 3.0 s left',
    '██████████ 100 % 10/10, 1.0 s, 3.0 s left\n',
  ]);
  // Without a terminal there is no bar.
  assert.equal(new Parallel({ progressBar: true }).run([square(2)]), [4]);
  assert.throws(() => new Parallel({ progressBar: 1 as never }), TypeError);
});

test('verbose prints as much as its level says', () => {
  const lines = (verbose: number, n: number): string[] =>
    printedBy('error', () => new Parallel({ verbose }).run(range(n).map((x) => square(x))));
  assert.equal(lines(0, 10), []);
  const some = lines(5, 100);
  assert.ok(some.length >= 5 && some.length <= 8, some.join('\n'));
  assert.is(some[0], '[Parallel(nJobs=1)]: begins');
  assert.match(some[1], /^\[Parallel\(nJobs=1\)\]: Done {2}21 out of 100 \| elapsed: +\d+\.\ds remaining: +\d+\.\ds$/);
  assert.match(some[some.length - 1], /: Done 100 \| elapsed: +\d+\.\ds finished$/);
  assert.is(lines(11, 20).length, 22);
});

test('the size of batches follows the rule, and its estimate is smoothed', () => {
  const size = new BatchSize(undefined);
  const after = (...durations: readonly number[]): number => {
    for (const duration of durations) size.completed(size.current, duration);
    return size.current;
  };
  assert.is(after(0), 2);
  assert.is(after(1), 4);
  assert.is(after(150), 8, 'twice as many, if that many are too few');
  assert.is(after(190), 16, 'twice what would take 0.2 s, at the most twice');
  assert.is(after(1000), 16, 'between both bounds nothing changes');
  assert.is(after(5000), 16, '0.8 of the estimate stays: it is 1800 now');
  size.completed(4, 10);
  assert.is(size.current, 16, 'batches of another size say nothing');
  assert.is(after(5000), 2, 'an estimate of 2440 is too long: twice what would take 0.2 s');
  const fixed = new BatchSize(7);
  fixed.completed(7, 0);
  assert.is(fixed.current, 7);
});

test('batches get smaller towards the end, if the number of calls is known', () => {
  const sizes: number[] = [];
  registerParallelBackend('sizes', {
    effectiveNJobs: () => 2,
    open: () => ({
      batches: true,
      submit(calls, done) {
        sizes.push(calls.length);
        done({ values: calls, duration: 1 });
        return { wait: () => true, cancel: () => {} };
      },
      close: () => {},
    }),
  });
  new Parallel({ backend: 'sizes' }).run(range(100).map((x) => square(x)));
  assert.equal(sizes, [1, 2, 4, 8, 16, 18, 13, 10, 7, 6, 4, 3, 2, 2, 1, 1, 1, 1]);
});

test('a batch that is too large to be sent is sent in parts, and a call that is too large is named', () => {
  const sizes: number[] = [];
  registerParallelBackend('narrow', {
    effectiveNJobs: () => 2,
    open: () => ({
      batches: true,
      submit(calls, done) {
        if (calls.length > 3 || calls.some(({ args }) => args[0] === 77)) throw new RangeError('too large');
        sizes.push(calls.length);
        done({ values: calls.map(({ args }) => args[0]), duration: 1 });
        return { wait: () => true, cancel: () => {} };
      },
      close: () => {},
    }),
  });
  for (const batchSize of ['auto', 50] as const) {
    sizes.length = 0;
    assert.equal(new Parallel({ backend: 'narrow', batchSize }).run(range(30).map((x) => square(x))), range(30));
    assert.ok(sizes.length <= 20, 'found once, the limit is kept to');
    assert.throws(
      () => new Parallel({ backend: 'narrow', batchSize }).run(range(100).map((x) => square(x))),
      (error: unknown) => /too large[\s\S]*in task 77 of Parallel, square\(77\)/.test(String((error as Error).stack)),
    );
  }
});

test('simultaneous calls of nextAsync lose no result', async () => {
  for (const returnAs of ['generator', 'generator_unordered'] as const) {
    const results = new Parallel({ nJobs: 2, batchSize: 2, returnAs }).run(range(5).map((x) => square(x)));
    const all = await Promise.all(range(6).map(() => results.nextAsync()));
    const values = all.filter(({ done }) => done !== true).map(({ value }) => value as number);
    assert.equal(
      values.sort((one, other) => one - other),
      [0, 1, 4, 9, 16],
    );
  }
});

test('batches whose results nobody reads any more are given up, the last submitted first', async () => {
  const seen = { open: 0, submitted: 0, cancelled: [] as number[] };
  registerParallelBackend('slow', {
    effectiveNJobs: () => 2,
    open: () => {
      seen.open++;
      return {
        batches: true,
        submit() {
          const number = seen.submitted++;
          return { wait: () => false, cancel: () => void seen.cancelled.push(number) };
        },
        close: () => void seen.open--,
      };
    },
  });
  new Parallel({ backend: 'slow', batchSize: 1, returnAs: 'generator' }).run(range(9).map((x) => square(x)));
  await untilCollected(() => seen.open === 0, 'the iterator is collected');
  assert.equal(seen.cancelled, [3, 2, 1, 0]);
});

test('calls in one batch may have any number of arguments, and different functions', () => {
  const calls = range(40).map((x) => (x % 2 === 0 ? sum(...range(x)) : square(x)));
  const results = range(40).map((x) => (x % 2 === 0 ? (x * (x - 1)) / 2 : x * x));
  for (const backend of ['workers', 'processes'])
    assert.equal(new Parallel({ nJobs: 2, batchSize: 15, backend }).run(calls), results);
});

/** Calls whose iterator throws when it is closed; counts how often it was. */
function stubborn(calls: Iterable<DelayedCall<number>>): Iterable<DelayedCall<number>> & { closed: number } {
  const input = {
    closed: 0,
    [Symbol.iterator](): Iterator<DelayedCall<number>> {
      const rest = calls[Symbol.iterator]();
      return {
        next: () => rest.next(),
        return: () => {
          input.closed++;
          throw new Error('it cannot be closed');
        },
      };
    },
  };
  return input;
}

test('an input that cannot be closed hides neither an error nor results, and nobody waits for ever', async () => {
  // Without an end, for the worker whose call fails may be the last to get a processor.
  const callsFailingAt = (at: number) => ({
    *[Symbol.iterator]() {
      for (let x = 0; ; x++) yield failsAt(x, at, undefined);
    },
  });
  for (const nJobs of [1, 2]) {
    const input = stubborn(callsFailingAt(0));
    const parallel = new Parallel({ nJobs, batchSize: 1 });
    const error = await parallel.runAsync(input).catch((thrown: Error) => thrown);
    assert.is((error as Error).message, 'no 0');
    assert.throws(() => parallel.run(input), 'no 0');
    assert.is(input.closed, 2);
    // An input that has ended is not closed, as a loop would not close it either.
    const ended = stubborn(range(3).map((x) => square(x)));
    assert.equal(parallel.run(ended), [0, 1, 4]);
    assert.equal(await parallel.runAsync(ended), [0, 1, 4]);
    assert.is(ended.closed, 0);
    // Leaving the loop throws that error.
    const results = new Parallel({ nJobs, batchSize: 1, returnAs: 'generator' }).run(stubborn(callsFailingAt(-1)));
    assert.is(results.next().value, 0);
    assert.throws(() => results.return(), 'it cannot be closed');
    assert.is(results.next().done, true);
  }
});

test('a frozen error is thrown as it is', () => {
  const error = Object.freeze(new RangeError('frozen'));
  const fails = delayed((): number => {
    throw error;
  });
  assert.throws(
    () => new Parallel().run([fails()]),
    (thrown: unknown) => thrown === error,
  );
});

test('what cannot be sent, what is not a delayed call, and bad options are refused', () => {
  const parallel = new Parallel({ nJobs: 2 });
  const pass = delayed((x: unknown) => x);
  assert.throws(
    () => parallel.run([pass(1), pass({ f: () => 1 })]),
    (error: unknown) =>
      (error as SyncError).code === 'ERR_NOT_CLONEABLE' && /in task 1 of Parallel/.test(`${(error as Error).stack}`),
  );
  assert.throws(() => parallel.run([1 as never]), /runs what delayed/);
  assert.throws(() => parallel.run(1 as never), TypeError);
  for (const preDispatch of [0, -1, '0.1 * jobs', 0.5])
    assert.throws(() => new Parallel({ preDispatch: preDispatch as never }));
  assert.throws(() => new Parallel({ returnAs: 'array' as never }), /returnAs must be one of/);
  assert.throws(() => delayed(Math.max), TypeError);
  assert.throws(() => parallel.run([pass(1), pass({ f: () => 1 })]), /^args\[0\]\.f is a function/);
});

test('a result that cannot be sent is reported with its call, whatever batch it was in', () => {
  const odd = delayed((x: number) => (x === 2 ? { f: () => x } : x));
  for (const [backend, batchSize] of [
    ['workers', 1],
    ['workers', 4],
    ['processes', 4],
  ] as const) {
    const parallel = new Parallel({ nJobs: 2, backend, batchSize });
    const refused = (error: unknown): boolean =>
      /^the result\.f is a function/.test((error as Error).message) &&
      /in task 2 of Parallel, /.test(`${(error as Error).stack}`);
    assert.throws(() => parallel.run([0, 1, 2, 3].map((x) => odd(x))), refused);
  }
});

test('if a Parallel is disposed of at work, readers get an error that says so', async () => {
  const isClosed = (error: unknown): boolean => (error as SyncError).code === 'ERR_CLOSED';
  const never = `${ownFolder()}/never`;
  const parallel = new Parallel({ nJobs: 2 });
  const reading = parallel.runAsync([afterFile(never, 'late')]).then(
    () => undefined,
    (error: unknown) => error,
  );
  const generating = new Parallel({ nJobs: 2, returnAs: 'generator' });
  const results = generating.run([afterFile(never, 'late')]);
  parallel[Symbol.dispose]();
  generating[Symbol.dispose]();
  assert.ok(isClosed(await reading));
  assert.throws(() => results.next(), isClosed);
  assert.equal(results.next(), { done: true, value: undefined });
});

/** Calls as an async iterable; counts how many were asked for, and how often it was closed. */
function slowly<Result>(calls: Iterable<DelayedCall<Result>>) {
  const input = {
    asked: 0,
    closed: 0,
    async *[Symbol.asyncIterator]() {
      try {
        for (const call of calls) {
          input.asked++;
          await null;
          yield call;
        }
      } finally {
        input.closed++;
      }
    },
  };
  return input;
}

test('calls may come from an async iterable, which is read no further ahead than there is room', async () => {
  const expected = range(200).map((x) => x * x);
  for (const options of [{ nJobs: 2 }, { nJobs: 2, batchSize: 3 }, { nJobs: 1 }, { nJobs: 2, backend: 'sequential' }]) {
    const input = slowly(expected.map((_, x) => square(x)));
    assert.equal(await new Parallel(options).runAsync(input), expected);
    const results: number[] = [];
    const parallel = new Parallel({ ...options, batchSize: 3, returnAs: 'generator', preDispatch: 2, maxBuffered: 12 });
    const ahead = slowly(range(200).map((x) => square(x)));
    for await (const result of parallel.run(ahead)) {
      assert.ok(ahead.asked <= results.length + 12 + 3, `${ahead.asked} were asked for, ${results.length} read`);
      results.push(result);
    }
    assert.equal(results, expected);
    assert.equal([input.closed, ahead.closed], [1, 1]);
  }
  assert.equal(await new Parallel({ nJobs: 2 }).runAsync(slowly<number>([])), []);
});

test('results of an async input are handed out while the rest of it is awaited', async () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  async function* calls() {
    for (const x of range(3)) yield square(x);
    await opened;
    yield square(3);
  }
  const results: number[] = [];
  for await (const result of new Parallel({ nJobs: 2, returnAs: 'generator' }).run(calls())) {
    results.push(result);
    if (results.length === 3) open();
  }
  assert.equal(results, [0, 1, 4, 9]);
});

/** An async input that counts how often it is asked and closed; `next` answers. */
function countedInput(next: (asked: number) => Promise<IteratorResult<DelayedCall<number>>>) {
  const input = {
    asked: 0,
    closed: 0,
    [Symbol.asyncIterator]: () => ({
      next: () => next(++input.asked),
      return: async () => {
        input.closed++;
        return { done: true as const, value: undefined };
      },
    }),
  };
  return input;
}

test('an async input that is left, late or wrong is closed, one that throws is not asked again, and readers are told', async () => {
  const endless = slowly(
    (function* () {
      for (let x = 0; ; x++) yield square(x);
    })(),
  );
  for await (const result of new Parallel({ nJobs: 2, returnAs: 'generator_unordered' }).run(endless))
    if (result > 100) break;
  await until(() => endless.closed === 1);
  const broken = countedInput(async (asked) => {
    if (asked > 1) throw new RangeError('no more');
    return { value: square(1) };
  });
  const failed = await new Parallel({ nJobs: 2 }).runAsync(broken).catch((error: Error) => error);
  assert.instance(failed, RangeError);
  // As in a `for await`, what has thrown is neither asked again nor closed.
  assert.equal([broken.asked, broken.closed], [2, 0]);
  const foreign = countedInput(async () => ({ value: 1 as never }));
  const bad = await new Parallel().runAsync(foreign).catch((error: Error) => error);
  assert.match(String(bad), /TypeError: Parallel runs what delayed/);
  assert.is(foreign.closed, 1);
  const silent = countedInput(() => new Promise(() => {}));
  const late = await new Parallel({ nJobs: 2, timeout: 20 }).runAsync(silent).catch((error: Error) => error);
  assert.match(String(late), /TimeoutError: the input of Parallel yielded no call within 20 ms/);
  assert.equal([silent.asked, silent.closed], [1, 1]);
});

test('an iterator that is left is garbage-collected, whatever its Parallel had under way', async () => {
  const leave = async (): Promise<WeakRef<object>> => {
    const settings = { nJobs: 2, batchSize: 1, preDispatch: 'all', returnAs: 'generator' } as const;
    const results = new Parallel(settings).run(Array.from({ length: 50 }, (_, x) => square(x)));
    await results.nextAsync();
    results.return();
    return new WeakRef(results);
  };
  const left = await leave();
  await untilCollected(() => left.deref() === undefined, 'the iterator is collected');
});

test('without workers, a generator makes each call when its result is asked for', async () => {
  for (const returnAs of ['generator', 'generator_unordered'] as const) {
    const steps: string[] = [];
    const called = delayed((x: number) => void steps.push(`called ${x}`));
    const calledLater = delayed(async (x: number) => void steps.push(`called ${x}`));
    function* input(call: typeof called | typeof calledLater) {
      for (const x of [1, 2, 3, 4]) {
        steps.push(`took ${x}`);
        yield call(x);
      }
    }
    const parallel = new Parallel({ returnAs, maxBuffered: 3 });
    const results = parallel.run(input(called));
    assert.equal(steps, []);
    results.next();
    assert.equal(steps, ['took 1', 'called 1']);
    await results.nextAsync();
    assert.equal(steps.splice(0), ['took 1', 'called 1', 'took 2', 'called 2']);
    results.return();
    for await (const _ of parallel.run(input(calledLater))) if (steps.push('read') > 5) break;
    for await (const _ of parallel.run(slowly(input(called)))) if (steps.push('read') > 11) break;
    const twice = ['took 1', 'called 1', 'read', 'took 2', 'called 2', 'read'];
    assert.equal(steps, [...twice, ...twice]);
  }
});

test('blocking for an async input is refused', () => {
  const input = slowly([square(1)]);
  assert.throws(() => new Parallel().run(input as never), /come from an async iterable: use runAsync/);
  const results = new Parallel({ returnAs: 'generator' }).run(input);
  assert.throws(() => results.next(), /the input of this Parallel is async: use for await/);
  results.return();
});

test.run();
