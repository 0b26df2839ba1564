import { setTimeout } from 'node:timers/promises';
import {
  attach,
  Empty,
  Full,
  JoinableQueue,
  Lock,
  Queue,
  QueueShutDown,
  type Shared,
  SimpleQueue,
  share,
  waitAsync,
} from 'atomics-sync-free/multiprocessing';
import fc from 'fast-check';
import * as assert from 'uvu/assert';
import { failure } from '../support/failure.js';
import { holds } from '../support/holds.js';
import { suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';
import type { Order, Taken } from './queue.worker.js';

const test = suite('queues');

const WORKER = new URL('./queue.worker.js', import.meta.url);

/** Workers that use a queue, one for each role; each producer puts `items` items. */
const crewOf = (
  queue: Queue<[number, number]>,
  roles: readonly Order['role'][],
  items: number,
  notes?: Uint8Array,
): Promise<Crew<Taken>> =>
  Crew.start<Taken>(WORKER, {
    count: roles.length,
    workerData: roles.map((role): Order => ({ role, items, notes, queue: share(queue) })),
  });

// --- items ----------------------------------------------------------------------------------------------------------

const item = fc.oneof(
  { weight: 4, arbitrary: fc.integer() },
  {
    weight: 4,
    arbitrary: fc.record(
      { id: fc.nat(), name: fc.string(), list: fc.array(fc.double({ noNaN: true })) },
      { noNullPrototype: true },
    ),
  },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 30_000 }).map((length) => new Uint8Array(length).fill(length)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(undefined, null, true, -0, 'é'.repeat(9000), 12n, new Map([[1, { a: [2] }]])),
  },
);

test('what goes in comes out, in order, whatever it is and however far get is behind put', () =>
  holds(
    fc.array(
      fc.oneof(
        item.map((item) => ({ item })),
        fc.constant('get'),
      ),
      { maxLength: 60 },
    ),
    (steps) => {
      const queue = new Queue(0, { byteLimit: 2 ** 20 });
      const expected: unknown[] = [];
      for (const step of steps) {
        if (typeof step === 'object') {
          queue.put(step.item, 0);
          expected.push(step.item);
        } else if (expected.length > 0) {
          assert.equal(queue.getNowait(), expected.shift());
        } else {
          assert.throws(
            () => queue.getNowait(),
            (error: unknown) => error instanceof Empty,
          );
        }
        assert.is(queue.qsize(), expected.length);
        assert.is(queue.empty(), expected.length === 0);
      }
      for (const item of expected) assert.equal(queue.get(0), item);
    },
    { runs: 60 },
  ));

test('an item of the largest size fits whatever came before, and a larger one is refused and changes nothing', async () => {
  const queue = new Queue<Uint8Array | number>(0, { byteLimit: 2 ** 18 });
  const largest = 2 ** 16 - 200;
  for (let size = 1; size < largest; size = size * 2 + 7) {
    queue.put(new Uint8Array(size));
    queue.put(size);
    assert.is((queue.get() as Uint8Array).length, size);
    queue.get();
  }
  queue.put(1);
  queue.put(new Uint8Array(largest).fill(9));
  assert.is(await failure(() => queue.put(new Uint8Array(2 ** 16))), 'RangeError');
  assert.is(await failure(() => queue.putAsync(new Uint8Array(2 ** 20))), 'RangeError');
  assert.is(queue.qsize(), 2);
  assert.is(queue.get(), 1);
  assert.equal(queue.get(), new Uint8Array(largest).fill(9));
});

test('a put beyond the memory limit waits until items are taken, and takes their place', async () => {
  const queue = new Queue<Uint8Array>(0, { byteLimit: 2 ** 18 });
  const bytes = new Uint8Array(30_000);
  let puts = 0;
  while ((await failure(() => queue.put(bytes, 0))) === 'nothing') puts++;
  assert.ok(puts >= 4, `${puts} fit in`);
  assert.is(await failure(() => queue.put(bytes, 5)), 'ERR_FULL');
  const waits = queue.putAsync(bytes);
  for (let i = 0; i < puts; i++) queue.get();
  await waits;
  assert.is(queue.qsize(), 1);
});

test('put refuses what cannot be sent, names the path to it, and puts nothing', async () => {
  const queue = new Queue();
  for (const call of [() => queue.put({ a: [() => 1] }), () => queue.putAsync({ a: [() => 1] })])
    assert.is(await failure(call), 'ERR_NOT_CLONEABLE');
  assert.throws(() => queue.put({ a: [() => 1] }), /item\.a\[0\] is a function/);
  assert.is(queue.qsize(), 0);
  queue.put('next');
  assert.is(queue.get(), 'next');
});

test('an item that changes after it was put arrives as it was', () => {
  const queue = new Queue<number[]>();
  const list = [1];
  queue.put(list);
  list.push(2);
  assert.equal(queue.get(), [1]);
});

test('an item that calls the queue while being put gets an error, and the queue goes on', async () => {
  const queue = new Queue();
  const item = {
    get again() {
      queue.put(1);
      return 1;
    },
  };
  assert.is(await failure(() => queue.put(item)), 'ERR_SELF_DEADLOCK');
  queue.put(2);
  assert.is(queue.get(), 2);
});

test('primitives and queues can be sent through a queue, and work at the other end', () => {
  const queue = new Queue<{ lock: Lock; reply: SimpleQueue<string> }>();
  const [lock, reply] = [new Lock(), new SimpleQueue<string>()];
  queue.put({ lock, reply });
  const got = queue.get();
  got.lock.acquire();
  assert.is(lock.locked, true);
  got.reply.put('done');
  assert.is(reply.get(), 'done');
  assert.instance(got.reply, SimpleQueue);
});

// --- waiting --------------------------------------------------------------------------------------------------------

test('Empty and Full are thrown when the time is up, at once by the calls that do not wait', async () => {
  const queue = new Queue<number>(1);
  assert.is(await failure(() => queue.getNowait()), 'ERR_EMPTY');
  assert.is(await failure(() => queue.get(10)), 'ERR_EMPTY');
  assert.is(await failure(() => queue.getAsync({ timeout: 10 })), 'ERR_EMPTY');
  queue.put(1);
  assert.is(queue.full(), true);
  assert.is(await failure(() => queue.putNowait(2)), 'ERR_FULL');
  assert.is(await failure(() => queue.put(2, 10)), 'ERR_FULL');
  assert.is(await failure(() => queue.putAsync(2, { timeout: 10 })), 'ERR_FULL');
  assert.equal([queue.qsize(), queue.get()], [1, 1]);
  for (const timeout of [-1, Number.NaN]) {
    assert.is(await failure(() => queue.get(timeout)), 'RangeError');
    assert.is(await failure(() => queue.put(1, timeout)), 'RangeError');
    assert.is(await failure(() => queue.getAsync({ timeout })), 'RangeError');
    assert.is(await failure(() => queue.putAsync(1, { timeout })), 'RangeError');
  }
  assert.is(queue.qsize(), 0);
  assert.ok(new Empty('') instanceof Error && new Full('') instanceof Error && new QueueShutDown('') instanceof Error);
});

test('waiting tasks are served in order of arrival, and an aborted one takes nothing', async () => {
  const queue = new Queue<number>();
  const aborter = new AbortController();
  const aborted = queue.getAsync({ signal: aborter.signal });
  const others = [queue.getAsync(), queue.getAsync()];
  aborter.abort(new Error('no more'));
  assert.is(await failure(() => aborted), 'Error');
  queue.put(1);
  queue.put(2);
  assert.equal(await Promise.all(others), [1, 2]);
});

test('waiting tasks put in order of arrival', async () => {
  const queue = new Queue<number>(1);
  const puts = [1, 2, 3].map((item) => queue.putAsync(item));
  assert.equal([await queue.getAsync(), await queue.getAsync(), await queue.getAsync()], [1, 2, 3]);
  await Promise.all(puts);
});

// --- the end --------------------------------------------------------------------------------------------------------

test('after shutdown nothing goes in, what is there comes out, and waiting calls fail', async () => {
  const queue = new Queue<number>(1);
  queue.put(1);
  const waits = queue.putAsync(2);
  const told = failure(() => waits);
  queue.shutdown();
  queue.shutdown();
  assert.is(await told, 'ERR_SHUT_DOWN');
  assert.is(await failure(() => queue.put(3)), 'ERR_SHUT_DOWN');
  assert.is(queue.get(), 1);
  assert.is(await failure(() => queue.get()), 'ERR_SHUT_DOWN');
  assert.is(await failure(() => queue.getNowait()), 'ERR_SHUT_DOWN');
  const empty = new Queue();
  const gets = [failure(() => empty.getAsync()), failure(() => empty.getAsync())];
  empty.shutdown();
  assert.equal(await Promise.all(gets), ['ERR_SHUT_DOWN', 'ERR_SHUT_DOWN']);
});

test('an immediate shutdown drops what is there', async () => {
  const queue = new JoinableQueue<number>();
  for (const item of [1, 2, 3]) queue.put(item);
  queue.get();
  const joins = queue.joinAsync({ timeout: 20_000 });
  queue.shutdown(true);
  assert.is(await failure(() => queue.get()), 'ERR_SHUT_DOWN');
  assert.equal([queue.qsize(), queue.unfinishedTasks], [0, 1]);
  queue.taskDone();
  assert.is(await joins, true);
});

test('close ends only this live object', async () => {
  const queue = new Queue<number>();
  const other = attach(structuredClone(share(queue)) as Shared<Queue<number>>);
  queue.put(1);
  queue.close();
  queue.close();
  for (const call of [() => queue.put(1), () => queue.get(), () => queue.getAsync(), () => queue.putAsync(1)])
    assert.is(await failure(call), 'ERR_CLOSED');
  assert.equal([queue.qsize(), queue.empty(), queue.full()], [1, false, false]);
  assert.is(other.get(), 1);
});

test('close ends the async calls of this live object that wait, with or without a signal, and no others', async () => {
  const queue = new Queue<number>(1);
  const other = attach(structuredClone(share(queue)) as Shared<Queue<number>>);
  const { signal } = new AbortController();
  const gets = [{}, { signal }, { timeout: 20_000 }].map((options) => failure(() => queue.getAsync(options)));
  const looks = failure(() => waitAsync([queue], { timeout: 20_000 }));
  const got = other.getAsync({ timeout: 20_000 });
  queue.close();
  for (const refused of [...gets, looks]) assert.is(await refused, 'ERR_CLOSED');
  other.put(1);
  assert.is(await got, 1);

  const full = attach(structuredClone(share(other)) as Shared<Queue<number>>);
  other.put(2);
  const puts = [{}, { signal }].map((options) => failure(() => full.putAsync(3, options)));
  full.close();
  for (const refused of puts) assert.is(await refused, 'ERR_CLOSED');
  assert.equal([other.get(), other.empty()], [2, true]);
});

test('an abort ends an async call whatever it began with, and leaves the others of the live object', async () => {
  const queue = new Queue<number>();
  const abort = new AbortController();
  const aborted = failure(() => queue.getAsync({ signal: abort.signal }));
  const got = queue.getAsync({ timeout: 20_000 });
  abort.abort(new RangeError('enough'));
  assert.is(await aborted, 'RangeError');
  queue.put(1);
  assert.is(await got, 1);
});

test('any whole number of 0 or less is no bound', () => {
  for (const size of [0, -1, -(2 ** 40), Number.POSITIVE_INFINITY]) assert.is(new Queue(size).maxSize, 0);
});

test('join returns when all is done, and taskDone is counted', async () => {
  const queue = new JoinableQueue<number>();
  assert.is(queue.join(), true);
  queue.put(1);
  queue.put(2);
  assert.is(queue.join(5), false);
  const joined = queue.joinAsync();
  queue.taskDone();
  assert.is(await failure(() => queue.joinAsync({ timeout: 5 }).then((done) => assert.is(done, false))), 'nothing');
  queue.taskDone();
  assert.is(await joined, true);
  assert.is(await failure(() => queue.taskDone()), 'ERR_OVER_RELEASE');
  assert.is(queue.unfinishedTasks, 0);
});

// --- handles --------------------------------------------------------------------------------------------------------

test('a handle whose memory is not that of its queue is refused', () => {
  const [one, other] = [share(new Queue()), share(new Queue())] as unknown as { memory: SharedArrayBuffer[] }[];
  for (const memory of [other.memory, [], undefined, [new SharedArrayBuffer(4096)], [new ArrayBuffer(4096)]])
    assert.throws(() => attach({ ...one, memory } as never), /this handle \(Queue\) is not as share\(\) made it/);
  assert.instance(attach(one as never), Queue);
});

test('wrong options are refused', () => {
  for (const byteLimit of [0, 1000, 2 ** 31, Number.NaN]) assert.throws(() => new Queue(0, { byteLimit }), RangeError);
  assert.throws(() => new Queue(1.5), RangeError);
  assert.throws(() => new Queue('1' as never), TypeError);
  assert.is(new Queue(-1).maxSize, 0);
});

test('shutdown refuses an argument that is not a boolean, and shuts nothing down', () => {
  const queue = new Queue<number>();
  queue.put(1);
  for (const immediate of [{ immediate: false }, 'no', 1, null])
    assert.throws(() => queue.shutdown(immediate as never), /immediate must be a boolean, not/);
  assert.equal([queue.isShutDown, queue.qsize()], [false, 1]);
});

// --- agents ---------------------------------------------------------------------------------------------------------

for (const maxSize of [0, 3]) {
  test(`3 producers, 3 consumers, bound ${maxSize || 'none'}: no item is lost or duplicated, each producer's order is kept`, async () => {
    const items = 1500;
    const queue = new Queue<[number, number]>(maxSize);
    const crew = await crewOf(queue, ['produce', 'produce', 'produce', 'consume', 'consume', 'consume async'], items);
    await Promise.all(crew.members.slice(0, 3).map((member) => member.next('done')));
    queue.shutdown();
    const taken = (await crew.done()).slice(3);
    for (const one of taken) {
      for (const producer of [0, 1, 2]) {
        const order = one.filter(([from]) => from === producer).map(([, item]) => item);
        assert.equal(
          order,
          order.toSorted((a, b) => a - b),
        );
      }
    }
    const all = taken.flat().map(([producer, item]) => producer * items + item);
    assert.is(all.length, 3 * items);
    assert.is(new Set(all).size, all.length);
  });
}

test('a producer that is terminated while it puts leaves no partial item, and a consumer loses at most one', async () => {
  const items = 1e6;
  const queue = new Queue<[number, number]>(5);
  const notes = new Uint8Array(new SharedArrayBuffer(items + 1));
  const crew = await crewOf(queue, ['produce', 'consume and note', 'consume'], items, notes);
  const [producer, victim, consumer] = crew.members;
  await Promise.all(crew.members.map((member) => member.next('begins')));
  await until(() => notes[items] === 1, { what: 'the consumer that is to die has taken an item' });
  for (const member of [victim, producer]) {
    await setTimeout(20);
    await member.terminate();
  }
  queue.put([9, 9], 20_000);
  queue.shutdown();
  const taken = await consumer.result();
  assert.equal(taken.at(-1), [9, 9]);
  const order = taken.slice(0, -1).map(([, item]) => item);
  assert.equal(
    order,
    order.toSorted((a, b) => a - b),
  );
  const received = new Set(order);
  assert.is(received.size, order.length);
  const [lost, twice]: [number[], number[]] = [[], []];
  for (let item = 0; item <= (order.at(-1) ?? 0); item++) {
    if (notes[item] === 0 && !received.has(item)) lost.push(item);
    if (notes[item] === 1 && received.has(item)) twice.push(item);
  }
  assert.ok(lost.length <= 1, `${lost} are lost`);
  assert.equal(twice, []);
});

test('a task and consumers that block wake each other', async () => {
  const queue = new Queue<[number, number]>(1);
  const crew = await crewOf(queue, ['consume', 'consume'], 0);
  for (let item = 0; item < 200; item++) await queue.putAsync([0, item]);
  await until(() => queue.empty());
  queue.shutdown();
  assert.is((await crew.done()).flat().length, 200);
});

test('an item whose class cannot be determined is refused, and leaves the queue free', async () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  for (const queue of [new Queue<unknown>(), new Queue<unknown>(3)]) {
    assert.throws(() => queue.put(proxy, 1000), /revoked/);
    assert.throws(() => queue.putNowait(proxy), /revoked/);
    let refused: unknown;
    await queue.putAsync(proxy, { timeout: 1000 }).catch((error: unknown) => {
      refused = error;
    });
    assert.instance(refused, TypeError);
    queue.put('next', 1000);
    assert.is(queue.get(1000), 'next');
  }
});

test.run();
