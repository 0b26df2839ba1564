// Pool has the properties that CPython's test_multiprocessing tests, under the same names.
import { CancelledError, cpuCount, Pool, TimeoutError } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { later, notThree, pid, spin, square, subtract, unsendable } from '../multiprocessing/pool.tasks.js';
import { failure, showAll } from './workers.js';

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;
let pool: Pool;

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const squares = (n: number): number[] => upTo(n).map((x) => x * x);

/** An input that fails after this many items. */
function* exploding(items: number): Generator<number> {
  for (let i = 0; i < items; i++) yield i;
  throw new Error('input');
}

const around = {
  begin(): void {
    pool = new Pool(2);
  },
  async end(): Promise<void> {
    pool.terminate();
    await pool.joinAsync();
  },
};

const properties = {
  apply() {
    assert.is(pool.apply(square, [5]), 25);
    assert.is(pool.apply(subtract, [5, 3]), 2);
  },

  map() {
    assert.equal(pool.map(square, upTo(10)), squares(10));
    assert.equal(pool.map(square, upTo(100), { chunkSize: 20 }), squares(100));
  },

  starmap() {
    const pairs = upTo(10).map((x): [number, number] => [x, 1]);
    assert.equal(
      pool.starmap(subtract, pairs),
      upTo(10).map((x) => x - 1),
    );
    assert.equal(pool.starmap(subtract, pairs, { chunkSize: 3 }).length, 10);
  },

  async starmapAsync() {
    assert.equal(await pool.starmapAsync(subtract, [[3, 1]]), [2]);
  },

  mapAsync() {
    assert.equal(pool.mapAsync(square, upTo(10)).get(LONG), squares(10));
  },

  async mapAsyncCallbacks() {
    const told: unknown[] = [];
    const callback = (results: number[]): void => void told.push(...results);
    const errorCallback = (error: unknown): void => void told.push((error as Error).message);
    await pool.mapAsync(square, [2], { callback, errorCallback });
    await failure(() => pool.mapAsync(notThree, [3], { callback, errorCallback }));
    assert.equal(told, [4, 'three']);
  },

  async mapUnpicklable() {
    assert.is((await failure(() => pool.map(unsendable as never, [1, 2]))).code, 'ERR_NOT_CLONEABLE');
    assert.is((await failure(() => pool.map(square, [() => 1] as never))).code, 'ERR_NOT_CLONEABLE');
    assert.is(pool.apply(square, [1]), 1);
  },

  async mapChunksize() {
    assert.equal(pool.map(square, [], { chunkSize: 1 }), []);
    for (const chunkSize of [0, -1, 2.5]) {
      assert.is((await failure(() => pool.map(square, [1], { chunkSize }))).name, 'RangeError');
      assert.is((await failure(() => pool.imap(square, [1], { chunkSize }))).name, 'RangeError');
    }
  },

  async mapHandleIterableException() {
    for (const chunkSize of [1, 20]) {
      assert.is((await failure(() => pool.map(square, exploding(10), { chunkSize }))).message, 'input');
      assert.is((await failure(() => pool.mapAsync(square, exploding(0), { chunkSize }))).message, 'input');
    }
  },

  async mapNoFailfast() {
    const words = new Int32Array(new SharedArrayBuffer(4));
    const target = ([x, words]: [number, Int32Array]): void => {
      if (x === 0) throw new RangeError('first');
      Atomics.add(words, 0, 1);
    };
    const items = upTo(9).map((x): [number, Int32Array] => [x, words]);
    assert.is((await failure(() => pool.map(target, items, { chunkSize: 1 }))).message, 'first');
    assert.is(words[0], 8);
  },

  async async() {
    const result = pool.applyAsync(later, [7, 5]);
    assert.is(result.get(LONG), 7);
    assert.equal([result.ready(), result.successful(), result.wait(0)], [true, true, true]);
  },

  async asyncTimeout() {
    const result = pool.applyAsync(later, [7, 10_000]);
    assert.instance(await failure(() => result.get(1)), TimeoutError);
    assert.is(result.wait(1), false);
    assert.is((await failure(() => result.successful())).code, 'ERR_RUNNING');
    result.cancel();
  },

  imap() {
    assert.equal([...pool.imap(square, upTo(20))], squares(20));
    assert.equal([...pool.imap(square, upTo(50), { chunkSize: 10 })], squares(50));
    const results = pool.imap(square, [3]);
    assert.equal([results.next(LONG).value, results.next(LONG).done], [9, true]);
  },

  async imapHandleIterableException() {
    for (const chunkSize of [1, 4]) {
      const results = pool.imap(square, exploding(6), { chunkSize });
      assert.equal(
        upTo(6).map(() => results.next(LONG).value),
        squares(6),
      );
      assert.is((await failure(() => results.next(LONG))).message, 'input');
    }
  },

  imapUnordered() {
    const results = [...pool.imapUnordered(square, upTo(50), { chunkSize: 3 })];
    assert.equal(
      results.sort((a, b) => a - b),
      squares(50),
    );
  },

  async imapUnorderedHandleIterableException() {
    const results = pool.imapUnordered(square, exploding(6));
    assert.equal(
      upTo(6)
        .map(() => results.next(LONG).value)
        .sort((a, b) => Number(a) - Number(b)),
      squares(6),
    );
    assert.is((await failure(() => results.next(LONG))).message, 'input');
  },

  async makePool() {
    for (const processes of [0, -1]) assert.is((await failure(() => new Pool(processes))).name, 'RangeError');
    assert.is((await failure(() => new Pool(2.5))).name, 'RangeError');
    assert.match(String(pool), `${2} workers`);
    assert.ok(cpuCount() >= 1);
  },

  emptyIterable() {
    assert.equal(pool.map(square, []), []);
    assert.equal([...pool.imap(square, []), ...pool.imapUnordered(square, [])], []);
    assert.equal([pool.mapAsync(square, []).ready(), pool.starmap(subtract, [])], [true, []]);
  },

  async traceback() {
    const error = await failure(() => pool.apply(notThree, [3]));
    assert.equal([error.name, error.message], ['RangeError', 'three']);
    assert.match(error.stack ?? '', 'pool.tasks');
  },

  async wrappedException() {
    const target = (): never => {
      throw new TypeError('outer', { cause: new RangeError('inner') });
    };
    const { cause } = await failure(() => pool.apply(target));
    assert.equal([cause instanceof RangeError, (cause as Error).message], [true, 'inner']);
  },

  async poolMaxtasksperchildInvalid() {
    for (const maxTasksPerChild of [0, -1, 0.5, 1e99])
      assert.is((await failure(() => new Pool(1, { maxTasksPerChild }))).name, 'RangeError');
    assert.is((await failure(() => new Pool(1, { maxTasksPerChild: '3' as never }))).name, 'TypeError');
  },

  poolWorkerLifetimeEarlyClose() {
    const short = new Pool(1, { maxTasksPerChild: 1 });
    const results = [1, 2].map((x) => short.applyAsync(square, [x]));
    const pids = short.mapAsync(pid, [1]);
    short.close();
    short.join();
    assert.equal([...results.map((result) => result.get(0)), pids.get(0).length], [1, 4, 1]);
  },

  async terminate() {
    const ended = new Pool(1);
    const results = Array.from({ length: 2000 }, () => ended.applyAsync(spin));
    ended.terminate();
    ended.join();
    assert.instance(await failure(() => results[0].get(LONG)), CancelledError);
    assert.instance(await failure(() => results[1999]), CancelledError);
  },

  async enter() {
    const ended = new Pool(1);
    // Hosts without `using` have no Symbol.dispose; transpilers use this one instead.
    const dispose = Symbol.dispose ?? Symbol.for('Symbol.dispose');
    (ended as unknown as Record<symbol, () => void>)[dispose]();
    assert.is((await failure(() => ended.apply(square, [1]))).code, 'ERR_POOL_CLOSED');
    ended.join();
  },
};

showAll('Pool', properties, around);
