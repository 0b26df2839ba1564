// What Python's queues, pipes, values and arrays do, in both forms of a call; docs/conformance.md says where they differ.
import {
  type Connection,
  JoinableQueue,
  Pipe,
  Process,
  Queue,
  RLock,
  Array as SharedArray,
  SimpleQueue,
  Value,
  wait,
  waitAsync,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { refused } from './conform.js';
import { answer, getForEver, putAndExit, putForEver, putLarge, takeOne } from './queues.tasks.js';
import { showAll } from './workers.js';

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;

/** The calls that have two forms. */
const FORMS = {
  threads: {
    put: async (queue: SimpleQueue, item: unknown, ms?: number) => queue.put(item, ms),
    get: async (queue: SimpleQueue, ms?: number) => queue.get(ms),
    join: async (queue: JoinableQueue, ms?: number) => queue.join(ms),
    send: async (end: Connection, item: unknown) => end.send(item),
    recv: async (end: Connection, ms?: number) => end.recv(ms),
    poll: async (end: Connection, ms?: number) => end.poll(ms),
    wait: async (ends: Connection[], ms?: number) => wait(ends, ms),
  },
  'tasks of one agent': {
    put: (queue: SimpleQueue, item: unknown, timeout?: number) => queue.putAsync(item, { timeout }),
    get: (queue: SimpleQueue, timeout?: number) => queue.getAsync({ timeout }),
    join: (queue: JoinableQueue, timeout?: number) => queue.joinAsync({ timeout }),
    send: (end: Connection, item: unknown) => end.sendAsync(item),
    recv: (end: Connection, timeout?: number) => end.recvAsync({ timeout }),
    poll: (end: Connection, timeout = 0) => end.pollAsync({ timeout }),
    wait: (ends: Connection[], timeout?: number) => waitAsync(ends, { timeout }),
  },
};

type Form = (typeof FORMS)['threads'];
type Properties = Readonly<Record<string, (form: Form) => void | Promise<void>>>;

function conform(kind: string, properties: Properties, forms: readonly (keyof typeof FORMS)[]): void {
  for (const form of forms) {
    const test = suite(`${kind}, ${form}`);
    for (const [property, show] of Object.entries(properties)) test(property, () => show(FORMS[form]));
    test.run();
  }
}

const queueProperties: Properties = {
  async firstInFirstOut({ put, get }) {
    const queue = new Queue();
    for (const item of [1, 'two', { three: [3] }]) await put(queue, item);
    assert.equal([await get(queue), await get(queue), await get(queue)], [1, 'two', { three: [3] }]);
  },
  async emptyInTime({ get }) {
    const queue = new Queue();
    await refused(get(queue, 0), 'ERR_EMPTY');
    await refused(get(queue, 5), 'ERR_EMPTY');
  },
  async fullInTime({ put }) {
    const queue = new Queue(1);
    await put(queue, 1);
    assert.equal([queue.full(), queue.qsize(), queue.empty()], [true, 1, false]);
    await refused(put(queue, 2, 0), 'ERR_FULL');
    await refused(put(queue, 2, 5), 'ERR_FULL');
  },
  async noBoundByDefault({ put }) {
    for (const queue of [new Queue(), new Queue(0), new Queue(-1)]) {
      for (let item = 0; item < 300; item++) await put(queue, item, 0);
      assert.equal([queue.qsize(), queue.full()], [300, false]);
    }
  },
  async nowait({ put }) {
    const queue = new Queue(1);
    await refused(() => queue.getNowait(), 'ERR_EMPTY');
    queue.putNowait(1);
    await refused(() => queue.putNowait(2), 'ERR_FULL');
    assert.is(queue.getNowait(), 1);
    await put(queue, 3);
    assert.is(queue.qsize(), 1);
  },
  async negativeTimeout({ put, get }) {
    const queue = new Queue();
    await refused(put(queue, 1, -1), 'RangeError');
    await refused(get(queue, -1), 'RangeError');
    assert.is(queue.qsize(), 0);
  },
  async isThereWhenPutReturns({ put, get }) {
    const queue = new Queue();
    for (let item = 0; item < 50; item++) {
      await put(queue, item);
      assert.equal([queue.empty(), await get(queue, 0)], [false, item]);
    }
  },
  async isAsItWasWhenPut({ put, get }) {
    const queue = new Queue();
    const list = [1];
    await put(queue, list);
    list.push(2);
    assert.equal(await get(queue), [1]);
  },
  async whatCannotBeSent({ put }) {
    const queue = new Queue();
    await refused(
      put(queue, () => 1),
      'ERR_NOT_CLONEABLE',
    );
    assert.is(queue.qsize(), 0);
  },
  async closed({ put, get }) {
    const queue = new Queue();
    await put(queue, 1);
    queue.close();
    queue.close();
    await refused(put(queue, 1), 'ERR_CLOSED');
    await refused(get(queue), 'ERR_CLOSED');
    assert.equal([queue.qsize(), queue.empty(), queue.full()], [1, false, false]);
  },
  async inAQueue({ put, get }) {
    const [queue, inner] = [new Queue(), new Queue()];
    await put(queue, inner);
    await put((await get(queue)) as Queue, 1);
    assert.is(await get(inner), 1);
  },
  async shutdown({ put, get }) {
    const queue = new Queue();
    await put(queue, 1);
    queue.shutdown();
    await refused(put(queue, 2), 'ERR_SHUT_DOWN');
    assert.is(await get(queue), 1);
    await refused(get(queue), 'ERR_SHUT_DOWN');
  },
  async immediateShutdown({ put, get }) {
    const queue = new Queue();
    await put(queue, 1);
    queue.shutdown(true);
    await refused(get(queue), 'ERR_SHUT_DOWN');
    assert.is(queue.qsize(), 0);
  },
};

const simpleQueueProperties: Properties = {
  async putAndGet({ put, get }) {
    const queue = new SimpleQueue();
    assert.is(queue.empty(), true);
    await put(queue, { a: 1 });
    assert.is(queue.empty(), false);
    assert.equal(await get(queue), { a: 1 });
  },
  async largeWithoutAReader({ put, get }) {
    const queue = new SimpleQueue();
    await put(queue, new Uint8Array(2 ** 20));
    assert.is(((await get(queue)) as Uint8Array).length, 2 ** 20);
  },
  async whatCannotBeSent({ put }) {
    const queue = new SimpleQueue();
    await refused(
      put(queue, () => 1),
      'ERR_NOT_CLONEABLE',
    );
    assert.is(queue.empty(), true);
  },
  async closed({ put, get }) {
    const queue = new SimpleQueue();
    queue.close();
    await refused(get(queue), 'ERR_CLOSED');
    await refused(put(queue, 1), 'ERR_CLOSED');
  },
};

const joinableQueueProperties: Properties = {
  async nothingToJoin({ join }) {
    assert.is(await join(new JoinableQueue()), true);
  },
  async joinWaitsForAll({ put, get, join }) {
    const queue = new JoinableQueue();
    await put(queue, 1);
    await put(queue, 2);
    await get(queue);
    await get(queue);
    queue.taskDone();
    assert.is(await join(queue, 5), false);
    queue.taskDone();
    assert.is(await join(queue), true);
  },
  async taskDoneTooOften({ put }) {
    const queue = new JoinableQueue();
    await refused(() => queue.taskDone(), 'ERR_OVER_RELEASE');
    await put(queue, 1);
    queue.taskDone();
    await refused(() => queue.taskDone(), 'ERR_OVER_RELEASE');
  },
  async taskDoneBeforeTheGet({ put, get, join }) {
    const queue = new JoinableQueue();
    await put(queue, 1);
    queue.taskDone();
    assert.equal([await join(queue), await get(queue)], [true, 1]);
  },
};

const pipeProperties: Properties = {
  async bothWays({ send, recv }) {
    const [a, b] = Pipe();
    await send(a, 1);
    await send(b, 2);
    assert.equal([await recv(b), await recv(a)], [1, 2]);
  },
  async oneWay({ send, recv }) {
    const [reader, writer] = Pipe(false);
    await send(writer, 1);
    assert.is(await recv(reader), 1);
    await refused(send(reader, 1), 'TypeError');
    await refused(recv(writer), 'TypeError');
    assert.equal([reader.readable, reader.writable, writer.readable, writer.writable], [true, false, false, true]);
  },
  async pollSeesItemsAndTheEnd({ send, poll }) {
    const [a, b] = Pipe();
    assert.equal([await poll(a), await poll(a, 5)], [false, false]);
    await send(b, 1);
    assert.is(await poll(a), true);
    a.recv();
    b.close();
    assert.is(await poll(a), true);
  },
  async negativeTimeout({ recv, poll }) {
    const [a] = Pipe();
    await refused(poll(a, -1), 'RangeError');
    await refused(recv(a, -1), 'RangeError');
  },
  async largeWithoutAReader({ send, recv }) {
    const [a, b] = Pipe();
    await send(a, new Uint8Array(2 ** 20));
    assert.is(((await recv(b)) as Uint8Array).length, 2 ** 20);
  },
  async emptyMessages({ send, recv }) {
    const [a, b] = Pipe();
    a.sendBytes(new Uint8Array());
    assert.is(b.recvBytes().length, 0);
    for (const item of [undefined, null, '']) {
      await send(a, item);
      assert.is(await recv(b), item);
    }
  },
  async whatIsLeftThenTheEnd({ send, recv }) {
    const [a, b] = Pipe();
    await send(b, 1);
    b.close();
    assert.is(await recv(a), 1);
    await refused(recv(a), 'ERR_END_OF_FILE');
    await refused(recv(a), 'ERR_END_OF_FILE');
  },
  async brokenPipe({ send }) {
    const [a, b] = Pipe();
    b.close();
    await refused(send(a, 1), 'ERR_BROKEN_PIPE');
  },
  async closed({ send, recv, poll }) {
    const [a] = Pipe();
    a.close();
    for (const call of [send(a, 1), recv(a), poll(a)]) await refused(call, 'ERR_CLOSED');
    assert.is(a.closed, true);
  },
  async whatCannotBeSentLeavesItUsable({ send, recv }) {
    const [a, b] = Pipe();
    await refused(send(a, Symbol('no')), 'ERR_NOT_CLONEABLE');
    await send(a, 1);
    assert.is(await recv(b), 1);
  },
  async overAConnection({ send, recv }) {
    const [a, b] = Pipe();
    const [c, d] = Pipe();
    await send(a, d);
    d.close();
    await send((await recv(b)) as Connection, 'hello');
    assert.is(await recv(c), 'hello');
  },
  async bytesOnly() {
    const [a, b] = Pipe();
    a.sendBytes(Uint8Array.of(1, 2, 3), 1, 2);
    assert.equal(b.recvBytes(), Uint8Array.of(2, 3));
    for (const [offset, size] of [[-1], [4], [1, 3], [0, -1]])
      await refused(() => a.sendBytes(Uint8Array.of(1, 2, 3), offset, size), 'RangeError');
  },
  async waitForTheReadyOnes({ send, wait }) {
    const [a, b] = Pipe();
    const [c, d] = Pipe();
    assert.equal([await wait([a, c], 5), await wait([])], [[], []]);
    await send(d, 1);
    assert.equal(await wait([a, c]), [c]);
    b.close();
    assert.equal(await wait([a, c]), [a, c]);
  },
};

const valueProperties: Properties = {
  initialValue() {
    assert.equal([new Value('i', 3).value, new Value('d').value, new Value('int64', 2n).value], [3, 0, 2n]);
  },
  ownLock() {
    const value = new Value('i', 1);
    value.getLock().run(() => {
      value.value += 1;
    });
    assert.is(value.value, 2);
  },
  async withoutALock() {
    const value = new Value('i', 1, { lock: false });
    await refused(() => value.getLock(), 'TypeError');
    await refused(() => new Value('i', 1, { lock: 7 as never }), 'TypeError');
  },
  givenLock() {
    const lock = new RLock();
    const [one, other] = [new Value('i', 1, { lock }), new Value('i', 2, { lock })];
    assert.equal([one.getLock() === lock, other.getLock() === lock], [true, true]);
  },
  overflowWraps() {
    const value = new Value('i', 0);
    value.value = 2 ** 31;
    assert.is(value.value, -(2 ** 31));
  },
  async wrongType() {
    const value = new Value('i', 1);
    await refused(() => {
      value.value = 'x' as never;
    }, 'TypeError');
    for (const fraction of [1.5, Number.NaN, Infinity]) {
      await refused(() => {
        value.value = fraction;
      }, 'TypeError');
      await refused(() => new Value('i', fraction), 'TypeError');
      await refused(() => new SharedArray('i', [fraction]), 'TypeError');
      await refused(() => new SharedArray('i', 1).set(0, fraction), 'TypeError');
      new Value('d', fraction).value = fraction;
    }
    assert.is(value.value, 1);
    await refused(() => new Value('u' as never), 'TypeError');
  },
};

const arrayProperties: Properties = {
  zeroed() {
    assert.equal([...new SharedArray('i', 3)], [0, 0, 0]);
  },
  fromASequence() {
    const array = new SharedArray('h', [1, 2, 3]);
    array.set(1, 5);
    assert.equal([[...array], array.length, array.get(-1)], [[1, 5, 3], 3, 3]);
  },
  async withoutALock() {
    const array = new SharedArray('i', 2, { lock: false });
    await refused(() => array.getLock(), 'TypeError');
    array.set(0, 7);
    assert.equal([...array], [7, 0]);
  },
  theMemoryItself() {
    const array = new SharedArray('b', [3, 1, 2]);
    array.view.sort();
    assert.equal([[...array], array.view.buffer instanceof SharedArrayBuffer], [[1, 2, 3], true]);
  },
  async indexOutOfRange() {
    const array = new SharedArray('i', 2);
    for (const index of [2, -3]) {
      await refused(() => array.get(index), 'RangeError');
      await refused(() => array.set(index, 1), 'RangeError');
    }
    await refused(() => array.set(0, '1' as never), 'TypeError');
  },
  ownLock() {
    const array = new SharedArray('d', [1]);
    array.withLock(({ view }) => {
      view[0] += 0.5;
    });
    assert.is(array.get(0), 1.5);
  },
};

const BOTH = ['threads', 'tasks of one agent'] as const;
conform('Queue', queueProperties, BOTH);
conform('SimpleQueue', simpleQueueProperties, BOTH);
conform('JoinableQueue', joinableQueueProperties, BOTH);
conform('Pipe', pipeProperties, BOTH);
conform('Value', valueProperties, ['threads']);
conform('Array', arrayProperties, ['threads']);

/** Starts a process, and returns it. */
function started(process: Process): Process {
  process.start();
  return process;
}

showAll('Queue', {
  async survivesItsProducer() {
    const queue = new Queue<number>();
    const producer = started(new Process({ target: putAndExit, args: [queue] }));
    assert.is(producer.join(LONG), undefined);
    assert.equal([producer.exitcode, queue.getNowait()], [3, 1]);
  },
  async joinBeforeDrain() {
    const queue = new Queue<Uint8Array>();
    const producer = started(new Process({ target: putLarge, args: [queue] }));
    producer.join(LONG);
    assert.is(producer.exitcode, 0);
    for (let i = 0; i < 5; i++) assert.is(queue.getNowait()[2 ** 20 - 1], i);
  },
  async killedWriter() {
    const queue = new Queue<Uint8Array>(0, { byteLimit: 2 ** 22 });
    const producer = started(new Process({ target: putForEver, args: [queue], daemon: true }));
    for (let i = 0; i < 20; i++) assert.is(queue.get(LONG).length, 2 ** 18);
    producer.kill();
    producer.join(LONG);
    while (!queue.empty()) assert.is(queue.get(LONG).length, 2 ** 18);
    await refused(() => queue.get(5), 'ERR_EMPTY');
    queue.put(Uint8Array.of(1), LONG);
    assert.equal(queue.get(LONG), Uint8Array.of(1));
  },
  async killedReader() {
    const [queue, began] = [new Queue<number>(), new Queue<string>()];
    const reader = started(new Process({ target: getForEver, args: [queue, began], daemon: true }));
    assert.is(began.get(LONG), 'began');
    reader.kill();
    reader.join(LONG);
    queue.put(1);
    assert.is(queue.get(LONG), 1);
  },
});

showAll('JoinableQueue', {
  async deadConsumer() {
    const jobs = new JoinableQueue<number>(0, { ack: true });
    jobs.put(1);
    started(new Process({ target: takeOne, args: [jobs] })).join(LONG);
    assert.is(jobs.join(0), false);
    assert.is(jobs.get(LONG), 1);
    jobs.taskDone();
    assert.is(jobs.join(LONG), true);
  },
});

showAll('Pipe', {
  async endOfItsProcess() {
    const [mine, theirs] = Pipe<number>();
    const other = started(new Process({ target: answer, args: [theirs] }));
    theirs.close();
    mine.send(1);
    assert.is(mine.recv(LONG), 2);
    await refused(() => mine.recv(LONG), 'ERR_END_OF_FILE');
    other.join(LONG);
    assert.equal(wait([mine, other.sentinel], LONG), [mine, other.sentinel]);
  },
});
