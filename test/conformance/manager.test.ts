// Manager has the properties that CPython's test_multiprocessing tests, under the same names, and others that were observed.
import {
  Condition,
  type DictProxy,
  type JoinableQueue,
  type ListProxy,
  Manager,
  Pool,
  Process,
  type Queue,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { acquireAndDie, add, add1, makeCounter, pushTo, putGot, setIn } from '../multiprocessing/manager.tasks.js';
import { arrive, doAll, setEvent, takesIn, write } from './manager.tasks.js';
import { failure, showAll } from './workers.js';

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;

let manager: Manager<{ readonly Counter: typeof makeCounter }>;
let pool: Pool;

showAll(
  'Manager',
  {
    list() {
      const list = manager.list(Array.from({ length: 10 }, (_, i) => i));
      assert.equal([list.at(3), list.slice(2, 5), list.length], [3, [2, 3, 4], 10]);
      list.set(3, 30);
      assert.is(pool.apply(pushTo, [list as ListProxy<unknown>, 'last']), 11);
      assert.equal(list.splice(0, 4), [0, 1, 2, 30]);
      assert.equal(list.pop() as unknown, 'last');
      list.reverse();
      assert.equal([list.toArray(), list.indexOf(8), list.includes(1)], [[9, 8, 7, 6, 5, 4], 1, false]);
    },

    listIter() {
      const list = manager.list([1, 2]);
      const items: number[] = [];
      for (const item of list) {
        items.push(item);
        list.clear();
      }
      assert.equal([items, [...list]], [[1, 2], []]);
    },

    listProxyInList() {
      const lists = manager.list([1, 2, 3].map((x) => manager.list([x])));
      lists.at(1)?.push(55);
      assert.equal(JSON.stringify(lists), '[[1],[2,55],[3]]');
      lists.push(manager.list([4]));
      lists.pop()?.push(5);
      assert.is(lists.length, 3);
    },

    dict() {
      const dict = manager.dict<string, number>();
      for (let i = 0; i < 5; i++) dict.set(`k${i}`, i);
      assert.equal([...dict.keys()].length + dict.size, 10);
      assert.equal([dict.get('k2'), dict.has('k9'), dict.getOrInsert('k9', 9), dict.pop('k9')], [2, false, 9, 9]);
      dict.clear();
      assert.is(dict.size, 0);
    },

    dictIter() {
      const dict = manager.dict([
        ['a', 1],
        ['b', 2],
      ]);
      assert.equal([[...dict], Object.entries(dict.toJSON())], [[...dict.toMap()], [...dict.toMap()]]);
    },

    dictProxyNested() {
      const pets = manager.dict<string, number>([['ferrets', 2]]);
      const all = manager.dict<string, DictProxy<string, number>>([['pets', pets]]);
      all.get('pets')?.set('hamsters', 4);
      assert.equal(pets.toMap(), all.get('pets')?.toMap());
      pets.update('ferrets', add, 1);
      assert.is(JSON.stringify(all), '{"pets":{"ferrets":3,"hamsters":4}}');
    },

    nestedQueue() {
      const list = manager.list<Queue<string>>([manager.Queue()]);
      list.at(0)?.put('x');
      assert.is(list.at(0)?.get(LONG), 'x');
    },

    namespace() {
      const namespace = manager.Namespace<{ x: number; y?: number }>({ x: 1 });
      pool.apply(setIn, [namespace, 5]);
      namespace.y = 2;
      assert.equal([namespace.x, namespace.y, 'z' in namespace], [5, 2, false]);
      delete namespace.y;
      assert.equal(Object.keys(namespace), ['x']);
    },

    event() {
      const event = manager.Event();
      assert.equal([event.isSet, event.wait(0)], [false, false]);
      pool.apply(setEvent, [event]);
      assert.equal([event.isSet, event.wait(LONG)], [true, true]);
    },

    lock() {
      const lock = manager.Lock();
      lock.acquire();
      assert.is(pool.apply(takesIn, [lock]), false);
      lock.release();
      assert.equal([pool.apply(takesIn, [lock]), lock.locked], [true, false]);
    },

    rlock() {
      const lock = manager.RLock();
      lock.acquire();
      lock.acquire();
      lock.release();
      assert.is(pool.apply(takesIn, [lock]), false);
      lock.release();
      assert.is(pool.apply(takesIn, [lock]), true);
    },

    semaphore() {
      const semaphore = manager.Semaphore(1);
      semaphore.acquire();
      assert.is(pool.apply(takesIn, [semaphore]), false);
      semaphore.release(2);
      assert.is(semaphore.value, 2);
    },

    async boundedSemaphore() {
      assert.is((await failure(() => manager.BoundedSemaphore(1).release())).code, 'ERR_OVER_RELEASE');
    },

    condition() {
      const lock = manager.RLock();
      const condition = manager.Condition(lock);
      assert.instance(condition, Condition);
      condition.acquire();
      assert.is(pool.apply(takesIn, [lock]), false);
      condition.release();
      assert.is(pool.apply(takesIn, [manager.Condition()]), true);
    },

    async barrier() {
      const barrier = manager.Barrier(2);
      const other = pool.applyAsync(arrive, [barrier]);
      assert.equal([barrier.wait(LONG), await other].sort(), [0, 1]);
    },

    pool() {
      const shared = manager.Pool(1);
      assert.equal([shared.apply(add1, [1]), shared.map(add1, [1, 2])], [2, [2, 3]]);
      shared.close();
      shared.join();
    },

    queue() {
      const queue = manager.Queue<ListProxy<number>>(2);
      const list = manager.list([1]);
      queue.put(list);
      assert.equal([pool.apply(putGot, [queue]), queue.empty(), [...list]], [2, true, [1, 7]]);
    },

    joinableQueue() {
      const queue: JoinableQueue<number> = manager.JoinableQueue();
      for (const item of [1, 2]) queue.put(item);
      assert.is(queue.join(0), false);
      pool.apply(doAll, [queue, 2]);
      assert.is(queue.join(LONG), true);
    },

    array() {
      const array = manager.Array('int32', [1, 2]);
      pool.apply(write, [array.view, 9]);
      assert.equal([...array], [9, 2]);
    },

    value() {
      const value = manager.Value('int32', 1);
      value.withLock(() => {
        value.value += 1;
      });
      assert.is(value.value, 2);
    },

    mymanager() {
      const counter = manager.create('Counter', 3);
      assert.equal([counter.increment(), counter.increment(2)], [4, 6]);
      assert.not('_secret' in counter);
    },

    async mymanagerContext() {
      const own = new Manager();
      const dict = own.dict();
      own[Symbol.dispose]();
      assert.is((await failure(() => dict.size)).code, 'ERR_MANAGER_ENDED');
    },

    nestedValuesAreCopies() {
      const dict = manager.dict<string, number[]>([['list', [1]]]);
      dict.get('list')?.push(2);
      assert.equal(dict.get('list'), [1]);
      dict.set('list', [...(dict.get('list') ?? []), 2]);
      assert.equal(dict.get('list'), [1, 2]);
    },

    async errorOfAMethod() {
      const error = await failure(() => manager.list([1]).set(5, 1));
      assert.instance(error, RangeError);
      assert.match(error.message, /index/);
    },

    async unknownClass() {
      const create = manager.create.bind(manager) as (name: string) => unknown;
      assert.is((await failure(() => create('Missing'))).name, 'TypeError');
    },

    lockOfADeadClient() {
      const lock = manager.Lock();
      const process = new Process({ target: acquireAndDie, args: [lock] });
      process.start();
      process.join(LONG);
      assert.is(lock.acquire(LONG), true);
    },
  },
  {
    begin() {
      manager = new Manager({ classes: { Counter: makeCounter } });
      pool = new Pool(1);
    },
    async end() {
      manager.shutdown();
      pool.terminate();
      await Promise.all([manager.joinAsync(), pool.joinAsync()]);
    },
  },
);
