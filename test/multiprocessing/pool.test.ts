import { AsyncLocalStorage } from 'node:async_hooks';
import { getEventListeners } from 'node:events';
import { inspect } from 'node:util';
import {
  type AsyncOptions,
  AsyncResult,
  BrokenPoolError,
  CancelledError,
  getAllStartMethods,
  getContext,
  Lock,
  Pool,
  PoolIterator,
  Queue,
  TimeoutError,
  WorkerDiedError,
  waitAsync,
} from 'atomics-sync-free/multiprocessing';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { Expiries } from '#dist/multiprocessing/pool/expiries.js';
import { MapFeed } from '#dist/multiprocessing/pool/map-feed.js';
import { client } from '#dist/tasks/client.js';
import { untilCollected } from '../support/garbage.js';
import { holds } from '../support/holds.js';
import { atTestEnd, suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import {
  abandon,
  count,
  dieTimes,
  dieUnlessFirst,
  exit,
  exitUnless0,
  failBehindGate,
  failLater,
  failToBegin,
  half,
  heard,
  heed,
  heedBusily,
  heedOrCount,
  isKeptAborted,
  keepSignal,
  lateBy20,
  later,
  lateUnlessThree,
  meet,
  never,
  notThree,
  open,
  pid,
  risk,
  same,
  share,
  shop,
  spin,
  square,
  squares,
  subtract,
  tell,
  unless,
  unlessFirst,
  unsendable,
} from './pool.tasks.js';

const test = suite('pools');

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;
/** For the tests that leave its workers as they are. */
const pool = new Pool(2, { initializer: tell, initargs: ['ready'] });
const single = new Pool(1);
test.after(async () => {
  for (const each of [pool, single]) {
    each.terminate();
    await each.joinAsync();
  }
});

function poolOf(...args: ConstructorParameters<typeof Pool>): Pool {
  const made = new Pool(...args);
  atTestEnd(async () => {
    made.terminate();
    await made.joinAsync();
  });
  return made;
}

async function errorOf(call: () => unknown): Promise<Error & { code?: string; cause?: unknown }> {
  try {
    await call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

function openGate(words: Int32Array): void {
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
}

function* naturals(taken: { count: number }): Generator<number> {
  for (let n = 0; ; n++) {
    taken.count++;
    yield n;
  }
}

// --- results ----------------------------------------------------------------------------------------------------------

test('a pool that is refused takes no number', () => {
  const numberOf = (pool: Pool) => {
    pool.terminate();
    return Number(/Pool-(\d+)/.exec(String(pool))?.[1]);
  };
  const first = numberOf(new Pool(1));
  for (const processes of [0, 1.5]) assert.throws(() => new Pool(processes), RangeError);
  assert.is(numberOf(new Pool(1)), first + 1);
});

test('map returns the results in order, for any number of items and any chunk size', () =>
  holds(
    fc.record({ items: fc.array(fc.integer({ min: 0, max: 1000 }), { maxLength: 300 }), size: fc.nat({ max: 40 }) }),
    ({ items, size }) => {
      const options = size === 0 ? {} : { chunkSize: size };
      assert.equal(
        pool.map(square, items, options),
        items.map((x) => x * x),
      );
    },
    { runs: 30 },
  ));

test('map leaves its input as it is, and returns values of all kinds, even if they come before the last items are put', () => {
  const numbers = Array.from({ length: 3000 }, (_, i) => i);
  const kinds = [
    numbers,
    numbers.map((x) => x / 2),
    numbers.map(String),
    numbers.map((x) => (x % 2 === 0 ? x : { x })),
  ];
  for (const items of kinds) {
    const before = [...items];
    const halves = pool.map(half, items, { chunkSize: 1 });
    assert.equal(items, before);
    assert.equal(halves, before.map(half));
    assert.equal(pool.map(same, items), before);
  }
});

test('map makes large chunks first, up to a bound, and small ones last, or chunks of the requested size', () => {
  const sizesOf = (length: number, chunkSize?: number): number[] => {
    const items = new Array(length).fill(0);
    const feed = new MapFeed(undefined as never, undefined as never, items, 2, chunkSize, false, 0, undefined);
    const sizes: number[] = [];
    while (!feed.exhausted) sizes.push((feed.next() as { count: number }).count);
    return sizes;
  };
  assert.equal(sizesOf(100).slice(0, 3), [25, 19, 14]);
  assert.is(sizesOf(100).at(-1), 1);
  const many = sizesOf(100_000);
  assert.equal([Math.max(...many), many.at(-1)], [2048, 1]);
  assert.equal(sizesOf(10_000, 5000), [5000, 5000]);
});

test('apply passes arguments and waits for promises; starmap spreads arguments', async () => {
  assert.is(pool.apply(subtract, [7, 3]), 4);
  assert.is(pool.apply(later, [5]), 5);
  assert.is(await pool.applyAsync(later, [6, 2]), 6);
  assert.equal(
    pool.starmap(subtract, [
      [3, 1],
      [9, 2],
    ]),
    [2, 7],
  );
  assert.is(
    pool.apply((a: string) => a.toUpperCase(), ['source']),
    'SOURCE',
  );
});

test('an initializer is called in each worker before its tasks', () => {
  assert.equal(new Set(pool.map(heard, Array(20), { chunkSize: 1 })), new Set(['ready']));
});

test('calls made in one turn are all done, whether their caller awaits or blocks', async () => {
  const awaited = [1, 2, 3].map((x) => pool.applyAsync(square, [x]));
  const last = pool.applyAsync(square, [4]);
  assert.is(last.get(LONG), 16);
  assert.equal(await Promise.all(awaited), [1, 4, 9]);
  assert.ok(awaited.every((result) => result.ready() && result.successful()));
});

test('calls are done although the event loop of the caller does not turn', async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const results = Array.from({ length: 100 }, () => single.applyAsync(count, [words, 0]));
  const end = performance.now() + LONG;
  while (Atomics.load(words, 0) < results.length && performance.now() < end)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
  assert.equal([words[0], results.some((result) => result.ready())], [results.length, false]);
  await Promise.all(results);
});

// --- errors -----------------------------------------------------------------------------------------------------------

test('an error comes back with its class, code, cause, properties and the frames of the worker', async () => {
  const error = await errorOf(() => pool.applyAsync(shop, ['Henry']));
  assert.equal([error.name, error.message, error.code], ['OutOfCheese', 'no cheese in Henry', 'E_CHEESE']);
  assert.is((error as { shop?: string }).shop, 'Henry');
  assert.instance(error.cause, TypeError);
  assert.match(error.stack ?? '', /pool\.tasks/);
});

test('map throws the error of one of its items, and the pool goes on', async () => {
  const error = await errorOf(() => pool.map(notThree, [1, 2, 3, 4], { chunkSize: 1 }));
  assert.instance(error, RangeError);
  assert.equal(pool.map(notThree, [1, 2]), [1, 2]);
});

test('map waits for all of its tasks, and throws the first error to come', async () => {
  const own = poolOf(2);
  const words = new Int32Array(new SharedArrayBuffer(4));
  let done = 0;
  const items = [0, 1, 2].map((x): [number, Int32Array] => [x, words]);
  const onProgress = (progress: { readonly done: number }): void => {
    done = progress.done;
  };
  const result = own.mapAsync(failBehindGate, items, { chunkSize: 1, onProgress });
  // The errors of 1 and 2 have come, in this order, while 0 waits.
  await until(() => done === 2);
  assert.not(result.ready());
  openGate(words);
  assert.is((await errorOf(() => result)).message, 'no 1');
  assert.is(done, 3);
});

test('what cannot be sent is refused: arguments when they are given, results when they are asked for', async () => {
  const before = pool.applyAsync(square, [2]);
  const refused = await errorOf(() => pool.applyAsync(subtract, [1, { deep: [() => 1] } as never]));
  assert.equal(
    [refused.code, /^args\[1\]\.deep\[0\] is a function/.test(refused.message)],
    ['ERR_NOT_CLONEABLE', true],
  );
  const result = await errorOf(() => pool.apply(unsendable));
  assert.equal([result.code, result.message.startsWith('the result is a function')], ['ERR_NOT_CLONEABLE', true]);
  const thrown = await errorOf(() =>
    pool.apply(() => {
      throw Symbol('s');
    }),
  );
  assert.match(thrown.message, /^what was thrown is a symbol.*Symbol\(s\)$/);
  assert.is(await before, 4);
});

test('a function whose text is too long to be kept for the workers is sent with each task', () => {
  const long = Function('x', `/* ${'-'.repeat(2 ** 22)} */ return x + 1`) as (x: number) => number;
  assert.equal([single.apply(long, [1]), single.map(long, [2, 3])], [2, [3, 4]]);
});

test('more calls at once than there are slots are all done, and later changes to their arguments are not seen', async () => {
  const args: [number] = [0];
  const results = Array.from({ length: 2 ** 16 + 100 }, (_, i) => {
    args[0] = i;
    return pool.applyAsync(same, args);
  });
  const values = await Promise.all(results);
  assert.ok(values.every((value, i) => value === i));
});

test('arguments whose getters call the pool are sent, and so are those calls', async () => {
  let inner: Promise<number> | undefined;
  const argument = {
    get x(): number {
      inner ??= Promise.resolve(single.applyAsync(square, [5]));
      return 4;
    },
  };
  assert.equal(await single.applyAsync(same, [argument]), { x: 4 });
  assert.is(await inner, 25);
});

test('an error that nobody asks for is not an unhandled rejection', async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown): number => unhandled.push(error);
  process.on('unhandledRejection', listener);
  atTestEnd(() => void process.off('unhandledRejection', listener));
  const failed = pool.applyAsync(notThree, [3]);
  await until(() => failed.ready());
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal([failed.successful(), unhandled], [false, []]);
});

test('callbacks are called, and what they throw becomes the error', async () => {
  const told: unknown[] = [];
  const callback = (value: number): void => {
    told.push(value);
    if (value === 9) throw new Error('no nines');
  };
  const errorCallback = (error: unknown): void => void told.push((error as Error).message);
  assert.is(await pool.applyAsync(square, [2], { callback, errorCallback }), 4);
  assert.is((await errorOf(() => pool.applyAsync(square, [3], { callback, errorCallback }))).message, 'no nines');
  assert.is((await errorOf(() => pool.applyAsync(notThree, [3], { errorCallback }).get())).message, 'three');
  assert.equal(told, [4, 9, 'no nines', 'three']);
});

test('get fails when its time is up, and the task that it waits for goes on', async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const slow = pool.applyAsync(open, [words]);
  assert.throws(
    () => slow.get(1),
    (error: unknown) => error instanceof TimeoutError,
  );
  assert.instance(await errorOf(() => slow.getAsync({ timeout: 1 })), TimeoutError);
  const reason = new Error('enough');
  assert.is(await errorOf(() => slow.getAsync({ signal: AbortSignal.abort(reason) })), reason);
  assert.equal([slow.ready(), (await errorOf(async () => slow.successful())).code], [false, 'ERR_RUNNING']);
  openGate(words);
  assert.is(await slow, 1);
});

test('bad arguments are refused, and nothing is begun', async () => {
  const bad: [() => unknown, string][] = [
    [() => new Pool(0), 'RangeError'],
    [() => new Pool(1.5), 'RangeError'],
    [() => new Pool('2' as never), 'TypeError'],
    [() => new Pool(1, { maxTasksPerChild: 0 }), 'RangeError'],
    [() => new Pool(1, { concurrency: 0 }), 'RangeError'],
    [() => new Pool(1, { concurrency: 2, context: 'process' }), 'RangeError'],
    [() => new Pool(1, { grace: -1 }), 'RangeError'],
    [() => pool.applyAsync(square, [1], { retries: -1 }), 'RangeError'],
    [() => pool.imap(square, [1], { retries: 0.5 }), 'RangeError'],
    [() => pool.mapAsync(square, [1], { onProgress: 1 as never }), 'TypeError'],
    [() => new Pool(1, { initializer: 3 as never }), 'TypeError'],
    [() => new Pool(1, { initargs: 3 as never }), 'TypeError'],
    [() => new Pool(1, { worker: 3 as never }), 'TypeError'],
    [() => pool.map(square, [1], { chunkSize: 0 }), 'RangeError'],
    [() => pool.map(square, [1], { chunkSize: 2.5 }), 'RangeError'],
    [() => pool.imap(square, [1], { chunkSize: 4, bufferSize: 3 }), 'RangeError'],
    [() => pool.map(square, 3 as never), 'TypeError'],
    [() => pool.starmap(subtract, [1 as never]), 'TypeError'],
    [() => pool.apply(3 as never), 'TypeError'],
    [() => pool.apply(square, 3 as never), 'TypeError'],
    [() => pool.applyAsync(square, [1], { timeout: -1 }), 'RangeError'],
    [() => pool.applyAsync(square, [1], { signal: 1 as never }), 'TypeError'],
    [() => pool.applyAsync(square, [1], { callback: 1 as never }), 'TypeError'],
    [() => pool.applyAsync(square, [1]).get(-1), 'RangeError'],
    [() => structuredClone(pool), 'DataCloneError'],
  ];
  for (const [call, name] of bad) assert.is((await errorOf(async () => call())).name, name, String(call));
});

test('what a function that was sent as its source lacks is named', async () => {
  const around = 1;
  const lacking = (): number => around;
  for (const call of [
    () => pool.applyAsync(lacking),
    () => pool.mapAsync(lacking, [1]),
    () => pool.imap(lacking, [1]).nextAsync(),
  ]) {
    const error = await errorOf(call);
    assert.is(error.code, 'ERR_SOURCE', String(call));
    assert.match(error.message, /uses around, which is defined around it/);
  }
});

test('shared memory in arguments and results stays shared', async () => {
  const lock = new Lock();
  const queue = new Queue<string>();
  for (const items of [1, 2, 3]) {
    // New memory each time, for one task alone and for several that wait their turn.
    const words = new Int32Array(new SharedArrayBuffer(8));
    const results = Array.from({ length: items }, () => pool.applyAsync(share, [{ lock, queue, words }]));
    const given = await Promise.all(results);
    assert.is(words[0], items);
    for (const { lock, same, words } of given) {
      assert.is(
        lock.run(() => lock.locked),
        true,
      );
      assert.ok(words[0] >= 1 && words[0] <= items);
      Atomics.add(same, 1, 1);
    }
    assert.is(words[1], items);
  }
  assert.is(queue.qsize(), 6);
});

// --- imap -------------------------------------------------------------------------------------------------------------

test('imap returns results in order, imapUnordered as they come, blocking and async', async () => {
  const items = [4, 1, 2, 3];
  assert.equal([...pool.imap(square, items)], [16, 1, 4, 9]);
  const seen: number[] = [];
  for await (const x of pool.imap(square, items, { chunkSize: 3 })) seen.push(x);
  assert.equal(seen, [16, 1, 4, 9]);
  const words = new Int32Array(new SharedArrayBuffer(4));
  const unordered = pool.imapUnordered(
    unless,
    [0, 1, 2, 3].map((x) => [x, words] as const),
  );
  assert.equal(
    [unordered.next(LONG), unordered.next(LONG), await unordered.nextAsync()].map(({ value }) => value),
    [1, 2, 3],
  );
  openGate(words);
  assert.equal([...unordered], [0]);
});

test('imap throws an error in its place, and the next call goes on', () => {
  for (const fn of [notThree, lateUnlessThree])
    for (const chunkSize of [1, 3]) {
      const results = pool.imap(fn, [1, 2, 3, 4, 5], { chunkSize });
      assert.equal([results.next(LONG).value, results.next(LONG).value], [1, 2]);
      assert.throws(() => results.next(LONG), 'three');
      assert.equal([...results], [4, 5]);
      assert.is(results.next().done, true);
    }
});

test('an input that throws ends imap after the results of what it gave before', () => {
  function* input(): Generator<number> {
    yield 1;
    yield 2;
    throw new Error('no more');
  }
  const results = pool.imap(square, input());
  assert.equal([results.next().value, results.next().value], [1, 4]);
  assert.throws(() => results.next(), 'no more');
  assert.is(results.next().done, true);
  assert.throws(() => pool.map(square, input()), 'no more');
});

test('an endless input is read ahead by at most bufferSize, and leaving the loop ends it', async () => {
  for (const ordered of [true, false]) {
    const taken = { count: 0 };
    const options = { bufferSize: 12, chunkSize: 3 };
    const results = ordered
      ? pool.imap(square, naturals(taken), options)
      : pool.imapUnordered(square, naturals(taken), options);
    assert.instance(results, PoolIterator);
    await pool.applyAsync(square, [1]);
    assert.ok(taken.count <= 12, `${taken.count} were taken before one was read`);
    let read = 0;
    for (const _ of results) {
      read++;
      assert.ok(taken.count <= read + 12, `${taken.count} were taken when ${read} were read`);
      if (read === 1000) break;
    }
    assert.is(results.next().done, true);
  }
});

test('without bufferSize, an input is read further ahead if tasks are short, and not if they take long', () => {
  const two = new Pool(2);
  atTestEnd(() => two.terminate());
  const slow = { count: 0 };
  let read = 0;
  for (const _ of two.imap(lateBy20, naturals(slow))) {
    assert.ok(slow.count <= ++read + 8, `${slow.count} were taken when ${read} were read`);
    if (read === 24) break;
  }
  const fast = { count: 0 };
  read = 0;
  for (const _ of two.imap(square, naturals(fast))) {
    assert.ok(fast.count <= ++read + 128, `${fast.count} were taken when ${read} were read`);
    assert.ok(read < 1_000_000, 'it was never taken further ahead');
    if (fast.count > read + 100) break;
  }
});

test('an async input is read lazily and without blocking, and a blocking call refuses it', async () => {
  const taken = { count: 0 };
  async function* input(): AsyncGenerator<number> {
    for (const n of naturals(taken)) yield n;
  }
  for (const chunkSize of [1, 3]) {
    const results = pool.imap(square, input(), { chunkSize, bufferSize: 6 });
    assert.throws(
      () => results.next(),
      (error: unknown) => error instanceof TypeError,
    );
    const seen: number[] = [];
    for await (const x of results) if (seen.push(x) === 20) break;
    assert.equal(
      seen,
      Array.from({ length: 20 }, (_, n) => n * n),
    );
    assert.ok(taken.count <= 20 + 6, `${taken.count} were taken`);
    taken.count = 0;
  }
  assert.instance(await errorOf(() => pool.map(square, input() as never)), TypeError);
  assert.instance(await errorOf(async () => pool.mapAsync(square, input() as never)), TypeError);
  async function* failing(): AsyncGenerator<number> {
    yield 3;
    throw new Error('no more');
  }
  const results = pool.imap(square, failing());
  assert.is((await results.nextAsync()).value, 9);
  assert.is((await errorOf(() => results.nextAsync())).message, 'no more');
});

test('a waiting caller gets the results of a last chunk that is not full, even if the input throws', async () => {
  for (const fails of [false, true]) {
    let go = (): void => {};
    const gate = new Promise<void>((resolve) => {
      go = resolve;
    });
    async function* input(): AsyncGenerator<number> {
      yield 3;
      await gate;
      if (fails) throw new Error('no more');
    }
    const results = pool.imap(square, input(), { chunkSize: 4 });
    const first = results.nextAsync();
    go();
    assert.is((await first).value, 9);
    const last = results.nextAsync();
    if (fails) assert.is((await errorOf(() => last)).message, 'no more');
    else assert.is((await last).done, true);
  }
});

test('join refuses to block for an async input, which would never arrive, and joinAsync waits for it', async () => {
  const own = new Pool(1);
  async function* input(): AsyncGenerator<number> {
    yield 3;
  }
  const results = own.imap(square, input());
  own.close();
  assert.throws(() => own.join(), /an input of Pool-\d+ is async, .* use joinAsync/);
  assert.is((await results.nextAsync()).value, 9);
  await own.joinAsync();
  own.join();
});

test('code that a pool calls while it takes a task cannot block for what comes behind that task, and the pool goes on', async () => {
  const own = new Pool(1);
  atTestEnd(() => own.terminate());
  const codeOf = async (call: () => unknown): Promise<string | undefined> => (await errorOf(async () => call())).code;
  let inner: PromiseLike<number> | undefined;
  const arg = {
    get deep() {
      inner = own.applyAsync(square, [3]);
      return own.apply(square, [4]);
    },
  };
  assert.is(await codeOf(() => own.apply(same, [arg])), 'ERR_SELF_DEADLOCK');
  assert.is(await inner, 9);
  function* input(): Generator<unknown> {
    yield 1;
    yield own.apply(square, [5]);
    own.close();
    own.join();
  }
  const results = own.imap(same, input());
  assert.equal([results.next().value, results.next().value], [1, 25]);
  assert.is(await codeOf(() => results.next()), 'ERR_SELF_DEADLOCK');
  await own.joinAsync();
});

test('a closed pool ends, even if the last thing to happen is that an input turns out to be at its end', async () => {
  for (const read of [
    async (results: PoolIterator<number>) => [...results],
    async (results: PoolIterator<number>) => {
      const all: number[] = [];
      for await (const result of results) all.push(result);
      return all;
    },
  ]) {
    const own = new Pool(1);
    const results = own.imap(square, [1, 2], { bufferSize: 1 });
    own.close();
    assert.equal(await read(results), [1, 4]);
    await own.joinAsync();
  }
});

test('an input is closed when its pool is terminated', async () => {
  const closed: string[] = [];
  function* input(): Generator<number> {
    try {
      for (;;) yield 1;
    } finally {
      closed.push('sync');
      // biome-ignore lint/correctness/noUnsafeFinally: an input may do so
      throw new Error('on the way out');
    }
  }
  async function* asyncInput(): AsyncGenerator<number> {
    try {
      yield 1;
      await new Promise(() => {});
    } finally {
      closed.push('async');
    }
  }
  const own = new Pool(1);
  const results = own.imap(square, input());
  const asyncResults = own.imap(square, asyncInput(), { bufferSize: 1 });
  assert.is((await asyncResults.nextAsync()).value, 1);
  own.terminate();
  assert.equal(closed, ['sync']);
  for (const each of [results, asyncResults]) {
    // Results that have come are read first.
    const reading = async (): Promise<void> => {
      for await (const one of each) assert.is(one, 1);
    };
    assert.instance(await errorOf(reading), CancelledError);
  }
  await own.joinAsync();
});

test('a pool terminated by a getter or an input that it reads gives up the call, and ends', async () => {
  const calls: ((own: Pool, arg: object) => PromiseLike<unknown>)[] = [
    (own, arg) => own.applyAsync(same, [arg]),
    (own, arg) => own.applyAsync(same, [arg], { retries: 1 }),
    (own, arg) => own.mapAsync(same, [1, arg, 3], { chunkSize: 1 }),
    (own, arg) => own.imap(same, [arg, 2]).nextAsync(),
    (own) => {
      const results = own.imap(
        same,
        (function* () {
          own.terminate();
          yield 1;
        })(),
      );
      return results.nextAsync();
    },
  ];
  for (const call of calls) {
    const own = new Pool(1);
    const arg = {
      get deep() {
        own.terminate();
        return 1;
      },
    };
    assert.instance(await errorOf(async () => call(own, arg)), CancelledError, String(call));
    await own.joinAsync();
  }
});

test('a pool closed by an input or a getter before a call is added refuses the call, and ends', async () => {
  const calls: ((own: Pool, input: Iterable<number>, options: AsyncOptions<unknown>) => PromiseLike<unknown>)[] = [
    (own, input) => own.mapAsync(same, input),
    (own, input) => own.imap(same, input).nextAsync(),
    (own, _, options) => own.applyAsync(same, [options], { retries: 1 }),
    (own, _, options) => own.applyAsync(same, [1], options),
    (own, _, options) => own.starmapAsync(same, [[1]], options),
  ];
  for (const call of calls) {
    const own = new Pool(1);
    const input = {
      [Symbol.iterator]() {
        own.close();
        return [1, 2].values();
      },
    };
    const options = {
      get retries() {
        own.close();
        return 0;
      },
    };
    assert.is((await errorOf(async () => call(own, input, options))).code, 'ERR_POOL_CLOSED', String(call));
    await own.joinAsync();
  }
});

test('an input whose iterator returns anything but objects is refused', async () => {
  const items = (result: unknown) => ({ [Symbol.iterator]: () => ({ next: () => result as never }) });
  const asyncItems = { [Symbol.asyncIterator]: () => ({ next: async () => 5 as never }) };
  for (const input of [items(5), items('end'), asyncItems]) {
    const error = await errorOf(() => single.imap(same, input).nextAsync());
    assert.instance(error, TypeError);
    assert.match(error.message, /iterator of the items returned/);
  }
});

test('calls made by a getter of arguments that cannot be sent are done all the same', async () => {
  const own = new Pool(1);
  atTestEnd(() => own.terminate());
  let inner: PromiseLike<number> | undefined;
  const arg = {
    get deep() {
      inner = own.applyAsync(square, [3]);
      return () => {};
    },
  };
  assert.is((await errorOf(async () => own.applyAsync(same, [arg]))).code, 'ERR_NOT_CLONEABLE');
  assert.is(await inner, 9);
});

test('whoever stops waiting for a result is no longer told of it, and leaves nothing', async () => {
  const own = new Pool(1);
  atTestEnd(() => own.terminate());
  const told: number[] = [];
  const words = new Int32Array(new SharedArrayBuffer(4));
  const result = own.applyAsync(open, [words]);
  const tellings = result as unknown as { whenReady(tell: () => void): void; forget(tell: () => void): void };
  const tells = [0, 1, 2, 3].map((n) => () => void told.push(n));
  for (const tell of tells) tellings.whenReady(tell);
  tellings.forget(tells[0]);
  tellings.forget(tells[2]);
  const left = ((): WeakRef<() => void> => {
    const tell = () => void told.push(4);
    tellings.whenReady(tell);
    tellings.forget(tell);
    return new WeakRef(tell);
  })();
  const { signal } = new AbortController();
  const reading = result.getAsync({ signal, timeout: 1 });
  assert.is(getEventListeners(signal, 'abort').length, 1);
  assert.instance(await errorOf(() => reading), TimeoutError);
  assert.is(getEventListeners(signal, 'abort').length, 0);
  await untilCollected(() => left.deref() === undefined, 'what was to be called is collected');
  openGate(words);
  await result;
  assert.equal(told, [1, 3]);
});

test('a result can be chained like a promise', async () => {
  const seen: unknown[] = [];
  assert.is(await pool.applyAsync(square, [3]).catch(() => seen.push('catch')), 9);
  assert.is(await pool.applyAsync(square, [4]).finally(() => seen.push('finally')), 16);
  const caught = await pool.applyAsync(notThree, [3]).catch((error: unknown) => error);
  assert.instance(caught, RangeError);
  const failing = pool.applyAsync(notThree, [3]).finally(() => seen.push('finally'));
  assert.instance(await errorOf(() => failing), RangeError);
  assert.equal(seen, ['finally', 'finally']);
});

test('one signal for many calls has one listener, whatever waits', async () => {
  const { signal } = new AbortController();
  const queue = new Queue<number>();
  const calls = Array.from({ length: 20 }, () => pool.applyAsync(same, [1], { signal }));
  assert.is(getEventListeners(signal, 'abort').length, 1);
  const reads = [
    ...calls.map((call) => call.getAsync({ signal })),
    ...calls.map(() => waitAsync([queue], { signal, timeout: 60_000 })),
  ];
  assert.is(getEventListeners(signal, 'abort').length, 1);
  queue.put(1);
  await Promise.all(reads);
  assert.is(getEventListeners(signal, 'abort').length, 0);
});

test('any number of calls may have a timeout, and the one due first is known', () => {
  const expiries = new Expiries();
  const takeBack = Array.from({ length: 200_000 }, () => expiries.after(600_000, () => {}));
  let due = 0;
  takeBack.push(expiries.after(1, () => due++));
  assert.ok(expiries.next <= 1);
  for (const end = performance.now() + 60_000; due === 0 && performance.now() < end; ) expiries.expire();
  assert.is(due, 1);
  assert.ok(expiries.next > 500_000);
  for (const call of takeBack) call();
});

test('a result is a promise, which Promise.resolve returns as it is', async () => {
  const result = pool.applyAsync(square, [3]);
  assert.ok(result instanceof AsyncResult && result instanceof Promise);
  assert.is(Promise.resolve(result), result);
  assert.equal(await Promise.allSettled([result]), [{ status: 'fulfilled', value: 9 }]);
  assert.is(`${result} ${inspect(result)}`, `${result} ${result}`);
});

test('chunks too large to be sent whole are sent in parts, and an item that cannot be sent is named by its place', async () => {
  const lengthOf = (bytes: Uint8Array): number => bytes.length;
  const large = Array.from({ length: 10 }, () => new Uint8Array(8_000_000));
  assert.equal(
    pool.map(lengthOf, large, { chunkSize: 10 }),
    large.map((bytes) => bytes.length),
  );
  const items = [0, 1, 2, { no: () => 1 }, 4];
  const refused = /^items\[3\]\.no is a function/;
  assert.throws(() => pool.map(same, items, { chunkSize: 5 }), refused);
  assert.throws(
    () => pool.starmap(same, items.map((item) => [item]) as never, { chunkSize: 5 }),
    /^items\[3\]\[0\]\.no is/,
  );
  const results = pool.imap(same, items, { chunkSize: 5, bufferSize: 5 });
  assert.equal([results.next().value, results.next().value, results.next().value], [0, 1, 2]);
  assert.throws(() => results.next(), refused);
  assert.is(results.next().value, 4);
  assert.throws(() => pool.map(lengthOf, [new Uint8Array(80_000_000)]), /give a smaller chunkSize/);
});

test('simultaneous calls of nextAsync get a result each, in the order of the calls', async () => {
  const results = single.imap(later, [1, 2, 3]);
  const all = await Promise.all([1, 2, 3, 4, 5].map(() => results.nextAsync()));
  assert.equal(
    all.map(({ done, value }) => (done === true ? 'end' : value)),
    [1, 2, 3, 'end', 'end'],
  );
  const controller = new AbortController();
  const more = single.imap(later, [1, 2]);
  const [given, taken] = [more.nextAsync({ signal: controller.signal }), more.nextAsync({ timeout: LONG })];
  controller.abort(new Error('enough'));
  assert.is((await errorOf(() => given)).message, 'enough');
  assert.equal([(await taken).value, (await more.nextAsync()).value], [1, 2]);
});

test('an input that aborts the signal of its call gives up the call', async () => {
  const controller = new AbortController();
  function* items(): Generator<[number, number]> {
    controller.abort(new Error('by the input'));
    yield [1, 60_000];
  }
  const call = poolOf(1).starmapAsync(later, items(), { signal: controller.signal });
  assert.is((await errorOf(() => call)).message, 'by the input');
});

test('the end of the block of `using` gives up what is not done, and closes the input', () => {
  let isClosed = false;
  function* naturals(): Generator<number> {
    try {
      for (let n = 1; ; n++) yield n;
    } finally {
      isClosed = true;
    }
  }
  {
    using results = poolOf(1).imap(square, naturals());
    assert.equal(results.next(LONG), { done: false, value: 1 });
    assert.not(isClosed);
  }
  assert.ok(isClosed);
});

test('an input that cannot be closed does not prevent tasks from being given up', async () => {
  const words = new Int32Array(new SharedArrayBuffer(12));
  const input: Iterable<Int32Array> = {
    [Symbol.iterator]: () => ({
      next: () => ({ done: false, value: words }),
      return: () => {
        throw new Error('it cannot be closed');
      },
    }),
  };
  const results = poolOf(1, { grace: LONG }).imap(heed, input);
  await until(() => words[1] === 1);
  const late = results.nextAsync();
  assert.throws(() => results.return(), 'it cannot be closed');
  assert.is((await late).done, true);
  await until(() => words[2] === 1);
});

test('an async input that cannot be closed causes no unhandled rejection', async () => {
  const input = {
    [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false, value: 1 }),
      return: async () => {
        throw new Error('it cannot be closed');
      },
    }),
  };
  for await (const _ of pool.imap(square, input)) break;
  await new Promise((resolve) => setImmediate(resolve));
});

test('map reports its progress, and what onProgress throws becomes its error', async () => {
  const seen: number[] = [];
  await pool.mapAsync(square, [1, 2, 3, 4], { chunkSize: 2, onProgress: ({ done, total }) => seen.push(done, total) });
  assert.equal(seen, [2, 4, 4, 4]);
  const onProgress = (): void => {
    throw new Error('no progress');
  };
  assert.is((await errorOf(() => pool.mapAsync(square, [1, 2], { onProgress }))).message, 'no progress');
});

test('a late result of imap can be waited for again', async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const results = pool.imap(open, [words]);
  assert.throws(
    () => results.next(1),
    (error: unknown) => error instanceof TimeoutError,
  );
  assert.instance(await errorOf(() => results.nextAsync({ timeout: 1 })), TimeoutError);
  openGate(words);
  assert.equal([await results.nextAsync(), results.next().done], [{ done: false, value: 1 }, true]);
});

test('callbacks, progress and inputs see the async context of their own call', async () => {
  const storage = new AsyncLocalStorage<string>();
  const seen: [string, string | undefined][] = [];
  const see = (what: string) => () => void seen.push([what, storage.getStore()]);
  function* numbers() {
    for (let i = 0; i < 20; i++) {
      see('input')();
      yield i;
    }
  }
  async function* asyncNumbers() {
    for (const i of numbers()) yield i;
  }
  const calls = ['one', 'two'].map((name) =>
    storage.run(name, () => [
      single.applyAsync(later, [1], { callback: see('callback') }),
      single.applyAsync(notThree, [3], { errorCallback: see('errorCallback') }).catch(() => {}),
      single.mapAsync(later, [1, 2], { onProgress: see('progress'), chunkSize: 1 }),
    ]),
  );
  await Promise.all(calls.flat());
  for (const what of ['callback', 'errorCallback', 'progress']) {
    const stores = seen.flatMap(([each, store]) => (each === what ? [store] : []));
    assert.equal([...new Set(stores)], ['one', 'two'], what);
  }
  seen.length = 0;
  for (const input of [numbers, asyncNumbers]) {
    const results = storage.run('input', () => single.imap(square, input()));
    for await (const _ of results);
  }
  assert.is(seen.length, 40);
  assert.equal([...new Set(seen.map(([, store]) => store))], ['input']);
});

test('an input may use the pool itself', () => {
  const inner = pool.imap(square, [1, 2, 3], { bufferSize: 1 });
  assert.equal(pool.map(square, pool.imap(square, inner)), [1, 256, 6561]);
});

// --- deaths -----------------------------------------------------------------------------------------------------------

test('an error that ends an idle worker is printed, and tasks go on', async () => {
  const own = poolOf(1);
  for (const isRejection of [false, true]) {
    const { deaths } = own.statistics();
    const lines: unknown[] = [];
    const { error: print } = console;
    console.error = (line: unknown) => void lines.push(line);
    try {
      await own.applyAsync(failLater, [isRejection]);
      await until(() => own.statistics().deaths > deaths && lines.length > 1);
    } finally {
      console.error = print;
    }
    assert.match(String(lines[0]), /^Exception in Pool-\d+-worker-1, outside a task:$/);
    assert.match(inspect(lines[1]), /^RangeError: late\n +at .*pool\.tasks\.js/);
    assert.is(lines.length, 2);
    assert.is(await own.applyAsync(later, [2]), 2);
  }
});

test('of 300 tasks whose workers die at random each has exactly one outcome, and none is done twice', async () => {
  const TASKS = 300;
  const calls = new Int32Array(new SharedArrayBuffer(4 * TASKS));
  const kinds = Array.from({ length: TASKS }, (_, id): number => (id % 7 === 3 ? 2 : 0));
  // Six deaths at random places, by process.exit and by an error that nobody catches.
  let random = 12345;
  for (let deaths = 0; deaths < 6; deaths++) {
    random = (random * 1103515245 + 12345) & 0x7fffffff;
    kinds[(random >> 8) % TASKS] = deaths % 4 === 0 ? 3 : 1;
  }
  const settled = { count: 0 };
  const once = (): void => void settled.count++;
  const riskOf = (id: number) => pool.applyAsync(risk, [calls, id, kinds[id]], { callback: once, errorCallback: once });
  const results = kinds.map((_, id) => riskOf(id));
  for (const [id, result] of results.entries()) {
    // In turns: in the event loop, and blocking.
    const outcome = await (id % 20 < 10
      ? result.getAsync({ timeout: LONG })
      : Promise.resolve().then(() => result.get(LONG))
    ).then(
      (value) => value,
      (error: unknown) => error as Error,
    );
    const expected = [id, WorkerDiedError, RangeError, WorkerDiedError][kinds[id]];
    if (typeof expected === 'number') assert.is(outcome, expected);
    else assert.instance(outcome, expected);
    if (kinds[id] === 1) assert.is((outcome as WorkerDiedError).exitCode, id & 63);
  }
  assert.is(settled.count, TASKS);
  assert.equal(
    [...calls].findIndex((times) => times !== 1),
    -1,
  );
  assert.equal([pool.apply(square, [5]), pool.apply(heard)], [25, 'ready']);
});

test('a task whose worker has died is retried as often as retries says', async () => {
  const before = pool.statistics();
  for (const [times, retries] of [
    [2, 2],
    [2, 1],
  ]) {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const result = pool.applyAsync(dieTimes, [words, times], { retries });
    const outcome = await result.then(
      (value) => value,
      (error: unknown) => error,
    );
    if (times <= retries) assert.is(outcome, times + 1);
    else assert.instance(outcome, WorkerDiedError);
  }
  const { retried, deaths, failed, completed } = pool.statistics();
  assert.equal(
    [retried - before.retried, deaths - before.deaths, failed - before.failed, completed - before.completed],
    [3, 4, 1, 1],
  );
});

test('what cannot be sent in initargs is named by its path there', async () => {
  for (const context of ['worker', 'process'] as const)
    assert.match(
      String(await errorOf(() => new Pool(1, { context, initializer: tell, initargs: [{ a: () => {} }] as never }))),
      /initargs\[0\]\.a is a function/,
    );
});

test('a worker that leaves because its pool is closed is not a death, even if it has had no task', async () => {
  const closed = poolOf(3, { context: 'process' });
  assert.is(closed.apply(square, [3]), 9);
  closed.close();
  await closed.joinAsync();
  assert.is(closed.statistics().deaths, 0);
});

test('a worker does as many waiting tasks at once as concurrency says', async () => {
  const crowded = poolOf(1, { concurrency: 3, maxTasksPerChild: 3 });
  const words = new Int32Array(new SharedArrayBuffer(4));
  const pids = await Promise.all([1, 2, 3].map(() => crowded.applyAsync(meet, [words, 3])));
  assert.is(new Set(pids).size, 1);
  assert.is.not(crowded.apply(pid), pids[0]);
});

test('an error that nobody catches in a worker is the cause of its death', async () => {
  const calls = new Int32Array(new SharedArrayBuffer(4));
  const error = await errorOf(() => pool.apply(risk, [calls, 0, 3]));
  assert.instance(error, WorkerDiedError);
  assert.match(String(error.cause), 'TypeError: uncaught 0');
});

test('when a worker has died, the callers that wait for it are told which items it was busy with', async () => {
  for (const context of getAllStartMethods().map((method) => getContext(method))) {
    const own = new context.Pool(1);
    const input = [0, 0, 0, 5, 0, 0];
    const died = async (call: () => unknown): Promise<unknown> => {
      const { name, message, items } = (await errorOf(call)) as WorkerDiedError;
      assert.is(name, 'WorkerDiedError', message);
      return [/; it was busy with (.*), by exitUnless0 in Pool-\d+$/.exec(message)?.[1], items];
    };
    assert.equal(await died(() => own.map(exitUnless0, input, { chunkSize: 2 })), ['items 2 … 3', { from: 2, to: 4 }]);
    assert.equal(await died(() => own.starmapAsync(exitUnless0, [[0], [5]])), ['item 1', { from: 1, to: 2 }]);
    const results = own.imap(exitUnless0, input, { chunkSize: 3 });
    for (let i = 0; i < 3; i++) assert.is((await results.nextAsync()).value, 0);
    for (let i = 0; i < 3; i++)
      assert.equal(await died(() => results.nextAsync()), ['items 3 … 5', { from: 3, to: 6 }]);
    const { items, message } = (await errorOf(() => own.apply(exitUnless0, [5]))) as WorkerDiedError;
    assert.equal([items, /busy with/.test(message)], [undefined, false]);
    own.terminate();
    await own.joinAsync();
  }
});

test('the stack of what a function throws for one of several items says which item it was', async () => {
  for (const context of getAllStartMethods().map((method) => getContext(method))) {
    const own = new context.Pool(2);
    const input = [0, 1, 2, 4, 3, 5];
    const lineOf = async (call: () => unknown): Promise<string | undefined> =>
      /^ {4}in (item .*), by \w+ in Pool-\d+$/m.exec((await errorOf(call)).stack ?? '')?.[1];
    assert.is(await lineOf(() => own.map(notThree, input, { chunkSize: 6 })), 'item 4');
    assert.is(await lineOf(() => own.mapAsync(lateUnlessThree, input, { chunkSize: 3 })), 'item 4');
    assert.is(await lineOf(() => own.starmap(notThree, [[1], [3]])), 'item 1');
    assert.is(await lineOf(() => [...own.imapUnordered(notThree, input, { chunkSize: 4 })]), 'item 4');
    assert.is(await lineOf(() => own.apply(notThree, [3])), undefined);
    own.terminate();
    await own.joinAsync();
  }
});

test('a failing initializer breaks the pool, and so does a worker that dies in it', async () => {
  for (const [initializer, initargs, cause] of [
    [failToBegin, [], RangeError],
    [exit, [7], WorkerDiedError],
  ] as const) {
    const broken = poolOf(1, { initializer, initargs: [...initargs] } as never);
    const results = broken.imap(square, [1, 2]);
    const pending = [broken.applyAsync(square, [1]), broken.mapAsync(square, [1, 2, 3])];
    for (const call of [
      () => pending[0].get(LONG),
      () => pending[1],
      () => results.next(),
      () => broken.map(square, [1]),
    ]) {
      const error = await errorOf(async () => call());
      assert.instance(error, BrokenPoolError);
      assert.instance(error.cause, cause);
    }
    broken.join();
  }
});

test('a worker that dies before it is ready breaks the pool, even if the one that had its number was ready', async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const own = poolOf(1, { initializer: dieUnlessFirst, initargs: [words] });
  assert.is(await own.applyAsync(square, [2]), 4);
  const died = await errorOf(() => own.applyAsync(exit, [3]));
  assert.ok(died instanceof WorkerDiedError && died.exitCode === 3);
  const broken = await errorOf(() => own.applyAsync(square, [3]).get(LONG));
  assert.instance(broken, BrokenPoolError);
  assert.is((broken.cause as WorkerDiedError).exitCode, 7);
  assert.is(words[0], 2);
});

// --- giving up ----------------------------------------------------------------------------------------------------------

test('cancel ends a running task and withdraws a waiting one, and nothing else is lost', async () => {
  const words = new Int32Array(new SharedArrayBuffer(64));
  const running = single.applyAsync(open, [words]);
  const waiting = single.applyAsync(count, [words, 3]);
  const next = single.applyAsync(count, [words, 2]);
  const map = single.mapAsync(square, [1, 2, 3]);
  const reason = new Error('changed my mind');
  assert.equal([waiting.cancel(), waiting.cancel(), map.cancel(), running.cancel(reason)], [true, false, true, true]);
  assert.is(await next, 1);
  assert.is(await errorOf(() => running), reason);
  assert.instance(await errorOf(() => waiting.get()), CancelledError);
  assert.instance(await errorOf(() => map), CancelledError);
  assert.equal([words[3], words[2], next.cancel()], [0, 1, false]);
});

test('a task that is given up while it ends takes no other with it', async () => {
  for (let round = 0; round < 2; round++) {
    const words = new Int32Array(new SharedArrayBuffer(8));
    const doomed = single.applyAsync(open, [words]);
    const next = single.applyAsync(later, [round, 50]);
    await until(() => Atomics.load(words, 1) === 1);
    doomed.cancel();
    // The task ends before the order to end it reaches its worker, which would then be free for the next task.
    openGate(words);
    assert.is(await next.getAsync({ timeout: LONG }), round);
  }
});

test('the worker of a task that ends when told that it was given up is kept', async () => {
  const patient = poolOf(1, { grace: LONG });
  const before = patient.apply(pid);
  for (const target of [heed, heedBusily]) {
    const words = new Int32Array(new SharedArrayBuffer(12));
    const task = patient.applyAsync(target as typeof heed, [words]);
    await until(() => Atomics.load(words, 1) === 1);
    task.cancel();
    assert.instance(await errorOf(() => task), CancelledError);
    assert.equal([await patient.applyAsync(pid), words[2]], [before, 1]);
  }
  const { cancelled, deaths, running } = patient.statistics();
  assert.equal([cancelled, deaths, running], [2, 0, 0]);
});

test('of tasks that are given up together, none is begun in place of another', async () => {
  const patient = poolOf(1, { grace: LONG });
  for (let round = 0; round < 10; round++) {
    const words = new Int32Array(new SharedArrayBuffer(16));
    const controller = new AbortController();
    const { signal } = controller;
    const rest = Array.from({ length: 900 }, () => [words, false] as const);
    const calls =
      round % 2 === 0
        ? [patient.starmapAsync(heedOrCount, [[words, true], ...rest], { chunkSize: 1, signal })]
        : [[words, true] as const, ...rest].map((args) => patient.applyAsync(heedOrCount, args, { signal }));
    await until(() => Atomics.load(words, 1) === 1);
    controller.abort();
    await Promise.allSettled(calls);
    assert.is(await patient.applyAsync(count, [words, 3]), 1);
  }
});

test('the signal of a task that is done does not abort', () => {
  single.apply(keepSignal);
  assert.is(single.apply(isKeptAborted), false);
});

test('a worker that is ended for one task takes its other running tasks with it, unless they are retried', async () => {
  const crowded = poolOf(1, { concurrency: 3, grace: 0 });
  const [words, its, mates] = [1, 2, 3].map(() => new Int32Array(new SharedArrayBuffer(8)));
  const doomed = crowded.applyAsync(never, [words]);
  const mate = crowded.applyAsync(never, [mates]);
  const retried = crowded.applyAsync(unlessFirst, [its], { retries: 1 });
  const behind = crowded.applyAsync(square, [6]);
  await until(() => Atomics.load(words, 1) + Atomics.load(mates, 1) + Atomics.load(its, 0) === 3);
  doomed.cancel();
  assert.instance(await errorOf(() => mate), WorkerDiedError);
  assert.equal([await retried, await behind], [2, 36]);
});

test('a timeout or a signal gives a task up, whether or not the agent blocks', async () => {
  assert.instance(await errorOf(() => single.applyAsync(spin, [], { timeout: 30 }).get(LONG)), TimeoutError);
  assert.instance(await errorOf(() => single.mapAsync(spin as never, [1, 2], { timeout: 30 })), TimeoutError);
  const controller = new AbortController();
  const aborted = single.applyAsync(spin, [], { signal: controller.signal });
  controller.abort(new Error('stop'));
  assert.is((await errorOf(() => aborted)).message, 'stop');
  const signal = AbortSignal.abort(new Error('before'));
  assert.is((await errorOf(async () => single.applyAsync(square, [1], { signal }))).message, 'before');
  assert.is(await single.applyAsync(square, [3], { timeout: LONG, signal: new AbortController().signal }), 9);
});

test('terminate while map is being fed rejects it, and join returns', async () => {
  const fed = poolOf(1);
  const taken = { count: 0 };
  const endless = fed.imapUnordered(square, naturals(taken));
  const map = fed.mapAsync(square, Array(50_000).fill(1), { chunkSize: 1 });
  endless.next(LONG);
  fed.terminate();
  assert.instance(await errorOf(() => map.get(LONG)), CancelledError);
  await errorOf(() => {
    for (;;) endless.next(LONG);
  });
  fed.join();
  assert.is((await errorOf(async () => fed.apply(square, [1]))).code, 'ERR_POOL_CLOSED');
});

test('close lets all calls be done, even those of imap whose results are unread, and join waits for them', async () => {
  const closing = poolOf(1);
  assert.is((await errorOf(async () => closing.join())).code, 'ERR_RUNNING');
  const results = closing.imap(
    square,
    Array.from({ length: 60 }, (_, i) => i),
    { bufferSize: 2 },
  );
  const map = closing.mapAsync(later, [1, 2, 3]);
  closing.close();
  closing.close();
  assert.is((await errorOf(async () => closing.applyAsync(square, [1]))).code, 'ERR_POOL_CLOSED');
  closing.join();
  assert.equal([map.ready(), [...results].length], [true, 60]);
});

test('a worker is replaced after maxTasksPerChild tasks', () => {
  const short = poolOf(1, { maxTasksPerChild: 2, initializer: tell, initargs: ['again'] });
  const pids = short.map(pid, Array(6), { chunkSize: 1 });
  assert.equal(
    pids.map((one) => pids.indexOf(one)),
    [0, 0, 2, 2, 4, 4],
  );
  assert.is(short.apply(heard), 'again');
});

// --- pools within pools --------------------------------------------------------------------------------------------------

test('tasks may have pools of their own, and none waits for ever', () => {
  assert.equal(
    pool.map(squares, [1, 2], { chunkSize: 1 }),
    [1, 2].map((n) => [n * n, (n + 1) ** 2]),
  );
});

test('the workers of a pool end with its owner, although they are busy', async () => {
  const queue = new Queue<number>();
  const died = await errorOf(() => single.applyAsync(abandon, [queue]));
  assert.instance(died, WorkerDiedError);
  const inner = queue.get(LONG);
  await until(() =>
    client()
      .roll.list()
      .every(({ ident }) => ident !== inner),
  );
});

test.run();
