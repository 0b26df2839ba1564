/** joblib's test_parallel.py, under the same names in camelCase; docs/conformance.md lists them. */
import { existsSync } from 'node:fs';
import { TimeoutError } from 'atomics-sync-free';
import {
  cpuCount,
  type DelayedCall,
  delayed,
  effectiveNJobs,
  Parallel,
  type ParallelBackend,
  type ParallelConfig,
  parallelConfig,
  registerParallelBackend,
} from 'atomics-sync-free/joblib';
import { Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { configured } from '#dist/joblib/parallel/config.js';
import { ownFolder } from '../joblib/folder.js';
import {
  afterFile,
  failsAt,
  inBackground,
  leaves,
  nested,
  nestedFailure,
  recursive,
  square,
  squareSoon,
} from '../joblib/parallel.tasks.js';
import { suite } from '../support/suite.js';

const test = suite('joblib Parallel');

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const squares = (n: number): DelayedCall<number>[] => range(n).map((x) => square(x));

/** A backend that makes its calls at once, reports two jobs, and records what it did. */
function books() {
  const seen = { batches: [] as number[], open: 0, cancelled: 0 };
  const backend: ParallelBackend = {
    effectiveNJobs: () => 2,
    open: () => {
      seen.open++;
      return {
        batches: true,
        submit(calls, done) {
          seen.batches.push(calls.length);
          const values = calls.map(({ target, args }) => (target as (...args: readonly unknown[]) => unknown)(...args));
          done({ values, duration: 1 });
          return { wait: () => true, cancel: () => void seen.cancelled++ };
        },
        close: () => void seen.open--,
      };
    },
  };
  return { seen, backend };
}

// This test comes first, because an iterator dropped by another test keeps the workers until it is collected.
test('parallelAsContextManager', () => {
  let ended = 0;
  const { backend } = books();
  registerParallelBackend('scoped', { ...backend, release: () => ended++ });
  {
    using parallel = new Parallel({ backend: 'scoped' });
    for (const n of [2, 3]) assert.is(parallel.run(squares(n)).length, n);
    assert.is(ended, 0);
  }
  assert.is(ended, 1);
  const who = delayed(() => {
    const worker = globalThis as { itsOtherName?: number };
    worker.itsOtherName ??= Math.random();
    return worker.itsOtherName;
  });
  const name = (): number => {
    using parallel = new Parallel({ nJobs: 2 });
    return parallel.run([who()])[0];
  };
  assert.is.not(name(), name(), 'others each time');
  // A reader that is still reading is not disturbed, and keeps the workers.
  const reader = new Parallel({ nJobs: 2, returnAs: 'generator' }).run(squares(40));
  assert.ok(new Set(range(5).map(name)).size <= 2);
  assert.is([...reader].length, 40);
});

test('cpuCount', () => {
  assert.ok(cpuCount() >= 1);
  const cores = cpuCount({ onlyPhysicalCores: true });
  assert.ok(cores >= 1 && cores <= cpuCount(), `${cores} cores`);
  assert.is(cpuCount({ onlyPhysicalCores: false }), cpuCount());
  assert.throws(
    () => cpuCount({ onlyPhysicalCores: 1 as unknown as boolean }),
    (error: unknown) => error instanceof TypeError,
  );
});

test('effectiveNJobs', () => {
  assert.equal(
    [effectiveNJobs(), effectiveNJobs(-1), effectiveNJobs(-2), effectiveNJobs(-1000), effectiveNJobs(3)],
    [cpuCount(), cpuCount(), Math.max(cpuCount() - 1, 1), 1, 3],
  );
});

test('parallelNJobsNone', () => {
  // Without nJobs, calls are made here, and need no workers.
  let calls = 0;
  const count = delayed(() => ++calls);
  assert.equal(new Parallel().run([count(), count()]), [1, 2]);
  assert.is(calls, 2);
});

test('simpleParallel', async () => {
  for (const nJobs of [1, 2]) {
    const parallel = new Parallel({ nJobs });
    assert.equal(
      parallel.run(squares(30)),
      range(30).map((x) => x * x),
    );
    assert.equal(
      await parallel.runAsync(range(30).map((x) => squareSoon(x))),
      range(30).map((x) => x * x),
    );
  }
});

test('nestedLoop', async () => {
  const expected = { jobs: 1, squares: [4, 16, 36], blocking: [4] };
  assert.equal(await new Parallel({ nJobs: 2 }).runAsync([nested(2), nested(2)]), [expected, expected]);
});

test('parallelTimeoutSuccess', () => {
  assert.is(new Parallel({ nJobs: 2, timeout: 20_000 }).run(squares(10)).length, 10);
});

test('parallelTimeoutFail', async () => {
  const never = `${ownFolder()}/never`;
  const parallel = new Parallel({ nJobs: 2, timeout: 50 });
  const isLate = (error: unknown): boolean =>
    error instanceof TimeoutError &&
    /^task 0 of Parallel, afterFile\(.*\) was not done within 50 ms$/.test(error.message);
  assert.throws(() => parallel.run([afterFile(never, 'a')]), isLate);
  await parallel.runAsync([afterFile(never, 'a')]).then(
    () => assert.unreachable(),
    (error: unknown) => assert.ok(isLate(error)),
  );
  // The worker that was busy with it has been ended and replaced.
  assert.equal(new Parallel({ nJobs: 2 }).run(squares(3)), [0, 1, 4]);
});

test('errorCapture', async () => {
  for (const nJobs of [1, 2]) {
    const parallel = new Parallel({ nJobs });
    const calls = () => range(20).map((x) => failsAt(x, 7, 'a note'));
    const isIt = (error: unknown): boolean =>
      error instanceof RangeError &&
      (error as { code?: unknown }).code === 'E_CHEESE' &&
      error.message === 'no 7' &&
      /parallel\.tasks[\s\S]*\n {4}in task 7 of Parallel, failsAt\(7, 7, "a note"\)\n[\s\S]*joblib-parallel\.test/.test(
        String(error.stack),
      );
    assert.throws(() => parallel.run(calls()), isIt);
    await parallel.runAsync(calls()).then(
      () => assert.unreachable(),
      (error: unknown) => assert.ok(isIt(error)),
    );
    assert.equal(parallel.run(squares(2)), [0, 1]);
  }
});

test('exceptionDispatch', () => {
  function* input(): Generator<DelayedCall<number>> {
    yield square(1);
    throw new EvalError('the input');
  }
  for (const nJobs of [1, 2])
    assert.throws(
      () => new Parallel({ nJobs }).run(input()),
      (error: unknown) => error instanceof EvalError,
    );
});

test('nestedExceptionDispatch', () => {
  assert.throws(
    () => new Parallel({ nJobs: 2 }).run([square(1), nestedFailure(3)]),
    (error: unknown) =>
      error instanceof RangeError &&
      /in task 0 of Parallel, failsAt[\s\S]*in task 1 of Parallel, nested/.test(`${error.stack}`),
  );
});

/** Records what is taken from the input and what is done, in order. */
function watched(seen: string[], n: number) {
  const act = delayed((x: number) => void seen.push(`done ${x}`));
  return (function* () {
    for (const x of range(n)) {
      seen.push(`taken ${x}`);
      yield act(x);
    }
  })();
}

test('dispatchOneJob', () => {
  const seen: string[] = [];
  new Parallel({ nJobs: 1 }).run(watched(seen, 3));
  assert.equal(seen, ['taken 0', 'done 0', 'taken 1', 'done 1', 'taken 2', 'done 2']);
});

test('dispatchMultiprocessing', () => {
  const folder = ownFolder();
  const gate = `${folder}/gate`;
  let taken = 0;
  function* input(): Generator<DelayedCall<string>> {
    for (const x of range(20)) {
      taken++;
      yield afterFile(gate, String(x));
    }
  }
  const results = new Parallel({ nJobs: 2, preDispatch: 3, batchSize: 1, returnAs: 'generator' }).run(input());
  assert.is(taken, 3);
  new Parallel().run([leaves(gate)]);
  assert.equal([...results], range(20).map(String));
  assert.is(taken, 20);
});

test('batchingAutoSubprocesses', () => {
  const { seen, backend } = books();
  registerParallelBackend('books', backend);
  new Parallel({ backend: 'books' }).run(
    (function* () {
      yield* squares(100);
    })(),
  );
  // The batch size doubles, because a batch takes only 1 ms.
  assert.equal(seen.batches, [1, 2, 4, 8, 16, 32, 37]);
});

test('invalidBatchSize', () => {
  for (const batchSize of [0, -1, 1.5]) assert.throws(() => new Parallel({ batchSize }), RangeError);
  assert.throws(() => new Parallel({ batchSize: 'large' as never }), TypeError);
});

test('multipleSpawning', async () => {
  const results = await Promise.all(range(4).map((i) => new Parallel({ nJobs: 1 + (i % 3) }).runAsync(squares(9))));
  for (const result of results)
    assert.equal(
      result,
      range(9).map((x) => x * x),
    );
});

test('invalidBackend', () => {
  assert.throws(
    () => new Parallel({ backend: 'unit-testing' }),
    /backend must be one of "workers", "processes", "sequential".*, not "unit-testing"/,
  );
  assert.throws(() => registerParallelBackend('bad', {} as never), TypeError);
});

test('invalidNjobs', () => {
  assert.throws(() => new Parallel({ nJobs: 0 }), /nJobs must not be 0/);
  assert.throws(() => new Parallel({ nJobs: 1.5 }), RangeError);
  assert.throws(() => new Parallel({ nJobs: '2' as never }), TypeError);
});

test('registerParallelBackend', () => {
  const { seen, backend } = books();
  registerParallelBackend('one', backend);
  assert.equal(new Parallel({ backend: 'one', batchSize: 4 }).run(squares(9)).length, 9);
  assert.equal(seen, { batches: [4, 4, 1], open: 0, cancelled: 0 });
});

test('overwriteDefaultBackend', () => {
  const { seen, backend } = books();
  registerParallelBackend('two', backend);
  {
    using _ = parallelConfig({ backend: 'two' });
    new Parallel({ nJobs: 2 }).run(squares(2));
  }
  assert.is(seen.batches.length > 0, true);
});

test('nestedBackendContextManager', () => {
  const outer = parallelConfig({ nJobs: 3 });
  const inner = parallelConfig({ backend: 'sequential' });
  assert.is(effectiveNJobs(3), 1);
  outer[Symbol.dispose]();
  assert.is(effectiveNJobs(3), 1);
  inner[Symbol.dispose]();
  assert.is(effectiveNJobs(3), 3);
  assert.throws(() => parallelConfig({ nJobs: 0 }), RangeError);
});

/** The backend that is chosen. */
function taken(said: ParallelConfig): string {
  return configured(said).backend;
}

test('backendHintingAndConstraints', () => {
  assert.equal(
    [{}, { prefer: 'threads' }, { prefer: 'processes' }, { require: 'sharedmem' }].map((said) =>
      taken(said as ParallelConfig),
    ),
    ['workers', 'workers', 'processes', 'workers'],
  );
  assert.equal(
    [taken({ prefer: 'processes', backend: 'workers' }), taken({ require: 'sharedmem', backend: 'sequential' })],
    ['workers', 'sequential'],
  );
  for (const bad of [
    { prefer: 'processes', require: 'sharedmem' },
    { backend: 'processes', require: 'sharedmem' },
    { prefer: 'sharedmem' },
    { require: 'threads' },
  ] as unknown[] as ParallelConfig[]) {
    assert.throws(() => new Parallel(bad), TypeError);
    assert.throws(() => parallelConfig(bad), TypeError);
  }
  {
    using _ = parallelConfig({ backend: 'processes', nJobs: 3 });
    assert.equal(
      [taken({}), taken({ prefer: 'threads' }), taken({ require: 'sharedmem' })],
      ['processes', 'processes', 'workers'],
    );
    assert.is(effectiveNJobs(2), 2);
  }
  // A hint does not change the number of jobs.
  using _ = parallelConfig({ prefer: 'processes', nJobs: 2 });
  const { backend, nJobs } = configured({});
  assert.equal([backend, nJobs], ['processes', 2]);
  assert.is(taken({ backend: 'workers', require: 'sharedmem' }), 'workers');
});

test('backendHintingAndConstraintsWithCustomBackends', () => {
  registerParallelBackend('apart', books().backend);
  registerParallelBackend('together', { ...books().backend, sharesMemory: true });
  assert.throws(
    () => new Parallel({ backend: 'apart', require: 'sharedmem' }),
    /'apart'.*shares no memory|"apart" shares no memory/,
  );
  assert.is(taken({ backend: 'together', require: 'sharedmem' }), 'together');
  {
    using _ = parallelConfig({ backend: 'apart' });
    assert.equal([taken({}), taken({ require: 'sharedmem' })], ['apart', 'workers']);
  }
  using _ = parallelConfig({ backend: 'together' });
  assert.is(taken({ require: 'sharedmem' }), 'together');
});

test('parallelWithExhaustedIterator', () => {
  for (const nJobs of [1, 2]) {
    assert.equal(new Parallel({ nJobs }).run([]), []);
    const iterator = squares(2)[Symbol.iterator]();
    assert.is(new Parallel({ nJobs }).run(iterator).length, 2);
    assert.equal(new Parallel({ nJobs }).run(iterator), []);
  }
});

test('abortBackend', () => {
  const never = `${ownFolder()}/never`;
  const begun = performance.now();
  assert.throws(() => new Parallel({ nJobs: 2 }).run([afterFile(never, 'a'), failsAt(1, 1, '')]), RangeError);
  assert.ok(performance.now() - begun < 10_000);
});

test('deadlockWithGenerator', async () => {
  // A half-read generator does not block another run.
  const parallel = new Parallel({ nJobs: 2, returnAs: 'generator' });
  const left = parallel.run(squares(40));
  assert.is(left.next().value, 0);
  assert.equal([...parallel.run(squares(3))], [0, 1, 4]);
  for await (const value of left) if (value === 4) break;
  assert.equal(left.next(), { done: true, value: undefined });
});

test('multipleGeneratorCall', () => {
  const parallel = new Parallel({ nJobs: 2, returnAs: 'generator' });
  const [one, other] = [parallel.run(squares(6)), parallel.run(squares(6))];
  const pairs = range(6).map(() => [one.next().value, other.next().value]);
  assert.equal(
    pairs,
    range(6).map((x) => [x * x, x * x]),
  );
});

test('parallelUnorderedGeneratorReturnsFastestFirst', async () => {
  const folder = ownFolder();
  for (const blocks of [true, false]) {
    const gate = `${folder}/${blocks}`;
    const calls = [afterFile(gate, 'last'), afterFile(folder, 'first')];
    const results = new Parallel({ nJobs: 2, batchSize: 1, returnAs: 'generator_unordered' }).run(calls);
    const next = async () => (blocks ? results.next() : results.nextAsync());
    assert.is((await next()).value, 'first');
    assert.not(existsSync(gate));
    new Parallel().run([leaves(gate)]);
    assert.is((await next()).value, 'last');
    assert.is((await next()).done, true);
  }
});

test('lambdaExpression', () => {
  const power = delayed((x: number) => x ** 2);
  assert.equal(
    new Parallel({ nJobs: 2 }).run(range(10).map((x) => power(x))),
    range(10).map((x) => x ** 2),
  );
});

test('lokyReuseWorkers', () => {
  const who = delayed(() => {
    const worker = globalThis as { itsName?: number };
    worker.itsName ??= Math.random();
    return worker.itsName;
  });
  const names = new Set<number>();
  for (let i = 0; i < 5; i++)
    for (const name of new Parallel({ nJobs: 2 }).run(range(6).map(() => who()))) names.add(name);
  assert.ok(names.size <= 2, `${names.size} workers`);
});

test('dispatchRaceCondition', () => {
  for (const n of [10, 20, 200]) {
    for (const preDispatch of [1, 2, 'all', '10 * nJobs'] as const) {
      for (const batchSize of ['auto', 1, 7] as const) {
        const input = squares(n)[Symbol.iterator]();
        const results = new Parallel({ nJobs: 2, preDispatch, batchSize }).run(input);
        assert.equal(
          results,
          range(n).map((x) => x * x),
        );
      }
    }
  }
});

test('errorInTaskIterator', async () => {
  function* input(): Generator<DelayedCall<number>> {
    yield* squares(20);
    throw new EvalError('iterator error');
  }
  for (const preDispatch of [1, 'all'] as const) {
    const parallel = new Parallel({ nJobs: 2, preDispatch });
    assert.throws(() => parallel.run(input()), /iterator error/);
    await parallel.runAsync(input()).then(
      () => assert.unreachable(),
      (error: unknown) => assert.instance(error, EvalError),
    );
    assert.equal(parallel.run(squares(3)), [0, 1, 4]);
  }
});

test('parallelReturnOrderWithReturnAsGeneratorParameter', () => {
  const results = new Parallel({ nJobs: 2, returnAs: 'generator' }).run(squares(40));
  assert.equal(
    [...results],
    range(40).map((x) => x * x),
  );
});

test('parallelTimeoutFailWithGenerator', async () => {
  const never = `${ownFolder()}/never`;
  for (const returnAs of ['generator', 'generator_unordered'] as const) {
    const results = new Parallel({ nJobs: 2, timeout: 40, returnAs }).run([afterFile(never, 'a')]);
    assert.throws(
      () => results.next(),
      (error: unknown) => error instanceof TimeoutError,
    );
    assert.is(results.next().done, true);
    const later = new Parallel({ nJobs: 2, timeout: 40, returnAs }).run([afterFile(never, 'a')]);
    await later.nextAsync().then(
      () => assert.unreachable(),
      (error: unknown) => assert.instance(error, TimeoutError),
    );
  }
});

test('multipleGeneratorCallSeparated', () => {
  const one = new Parallel({ nJobs: 2, returnAs: 'generator' }).run(squares(6));
  const other = new Parallel({ nJobs: 2, returnAs: 'generator' }).run(range(6).map((x) => square(-x)));
  for (const x of range(6)) assert.equal([one.next().value, other.next().value], [x * x, x * x]);
  assert.ok(one.next().done && other.next().done);
});

test('parallelWithUnpicklableFunctionsInArgs', () => {
  const apply = delayed((f: unknown) => typeof f);
  assert.throws(
    () => new Parallel({ nJobs: 2 }).run([apply(() => 1)]),
    (error: unknown) => /is a function[\s\S]*in task 0 of Parallel/.test(String((error as Error).stack)),
  );
});

test('nestedBackendInSequential', () => {
  // A Parallel within a call that is made here has workers as usual.
  const inner = delayed(() => new Parallel({ nJobs: 2 }).run([square(3), square(4)]));
  assert.equal(new Parallel({ backend: 'sequential' }).run([inner()]), [[9, 16]]);
  using _ = parallelConfig({ backend: 'sequential' });
  assert.is(effectiveNJobs(2), 1);
});

test('threadBombMitigation', () => {
  // At any depth, only the outermost Parallel has workers.
  assert.equal(new Parallel({ nJobs: 2 }).run([recursive(3), recursive(3)]), [8, 8]);
});

test('backgroundThreadParallelism', () => {
  const thread = new Thread({ target: inBackground, args: [4] });
  thread.start();
  thread.join();
  assert.equal(thread.result, [0, 1, 4, 9]);
});

test('zeroWorkerBackend', () => {
  registerParallelBackend('nobody', { effectiveNJobs: () => 0, open: () => assert.unreachable() as never });
  assert.throws(() => new Parallel({ backend: 'nobody' }).run([square(1)]), /"nobody" has 0 workers, so it cannot run/);
});

test.run();
