import { setImmediate as turn } from 'node:timers/promises';
import {
  attach,
  BufferTooShort,
  type Connection,
  EndOfFileError,
  fromModule,
  JoinableQueue,
  Pipe,
  Pool,
  Process,
  Queue,
  type Shared,
  SimpleQueue,
  share,
  wait,
  waitAsync,
} from 'atomics-sync-free/multiprocessing';
import { setExcepthook, Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { failure } from '../support/failure.js';
import { atTestEnd, suite } from '../support/suite.js';
import { Crew, until } from '../support/workers.js';

const test = suite('pipes');

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;
const WORKER = new URL('./pipe.worker.js', import.meta.url);

const worker = (end: Connection<number>, closes: boolean): Promise<Crew<string>> =>
  Crew.start<string>(WORKER, { workerData: { end: share(end), closes } });

test('what is sent at one end is received at the other, in order, each way', async () => {
  const [a, b] = Pipe<unknown>();
  a.send(1);
  a.send({ two: [2] });
  b.send('back');
  assert.equal([b.poll(), b.recv(), await b.recvAsync(), b.poll()], [true, 1, { two: [2] }, false]);
  assert.is(a.recv(), 'back');
  assert.is(await failure(() => a.recv(5)), 'ERR_TIMEOUT');
  assert.is(await failure(() => a.recvAsync({ timeout: 5 })), 'ERR_TIMEOUT');
  assert.is(await b.pollAsync({ timeout: 5 }), false);
});

test('the types of the two directions may differ', () => {
  const [asks, answers] = Pipe<string, number>();
  asks.send(6);
  const asked: number = answers.recv();
  answers.send(`${asked * 7}`);
  const answer: string = asks.recv();
  assert.is(answer, '42');
  const end: Connection<string, number> = asks;
  // @ts-expect-error: it is sent numbers
  end.send('6');
  assert.is(answers.recv() as unknown, '6');
});

test('in a one-way pipe the first end only receives and the second only sends', async () => {
  const [reader, writer] = Pipe<number>(false);
  assert.equal([reader.readable, reader.writable, writer.readable, writer.writable], [true, false, false, true]);
  writer.send(1);
  assert.is(reader.recv(), 1);
  assert.is(await failure(() => reader.send(1)), 'TypeError');
  assert.is(await failure(() => writer.recv()), 'TypeError');
  assert.is(await failure(() => Pipe(1 as never)), 'TypeError');
});

test('after an end is closed, what is left is received, then the end of file each time; nothing can be sent to it', async () => {
  const [a, b] = Pipe<string>();
  a.send('left');
  const waits = failure(() => a.recvAsync());
  a.close();
  a.close();
  assert.is(a.closed, true);
  assert.is(b.poll(), true);
  assert.is(b.recv(), 'left');
  assert.equal(
    [b.poll(), await failure(() => b.recv()), await failure(() => b.recvAsync())],
    [true, 'ERR_END_OF_FILE', 'ERR_END_OF_FILE'],
  );
  assert.is(await failure(() => b.send('x')), 'ERR_BROKEN_PIPE');
  assert.is(await failure(() => a.recv()), 'ERR_CLOSED');
  assert.is(await waits, 'ERR_CLOSED');
  assert.ok(new EndOfFileError('') instanceof Error);
});

test('close ends the async calls of this live object that wait, and no others of the end', async () => {
  const [a, b] = Pipe<number>();
  const again = attach(structuredClone(share(a)) as Shared<Connection<number>>);
  const calls = [() => a.recvAsync(), () => a.recvAsync({ timeout: LONG }), () => a.pollAsync({ timeout: LONG })];
  const refused = [...calls, () => waitAsync([a], { timeout: LONG })].map((call) => failure(call));
  const received = again.recvAsync({ timeout: LONG });
  a.close();
  for (const each of refused) assert.is(await each, 'ERR_CLOSED');
  b.send(1);
  assert.is(await received, 1);
});

test('end of file comes when all live objects of the other end are closed', async () => {
  const [a, b] = Pipe<number>();
  const again = attach(structuredClone(share(b)) as Shared<Connection<number>>);
  b.close();
  assert.is(a.poll(), false);
  again.send(1);
  again.close();
  assert.equal([a.recv(), await failure(() => a.recv())], [1, 'ERR_END_OF_FILE']);
});

test('an end on its way to another agent stays open, although this one has closed it', async () => {
  const [a, b] = Pipe<number>();
  const handle = structuredClone(share(b)) as Shared<Connection<number>>;
  b.close();
  a.send(1);
  assert.is(await failure(() => a.recv(5)), 'ERR_TIMEOUT');
  const arrived = attach(handle);
  assert.is(arrived.recv(), 1);
  arrived.close();
  assert.is(await failure(() => a.recv()), 'ERR_END_OF_FILE');
});

test('an end that is closed everywhere can no longer be shared or sent', async () => {
  const [a, b] = Pipe<number>();
  const again = attach(structuredClone(share(b)) as Shared<Connection<number>>);
  b.close();
  attach(structuredClone(share(b)) as Shared<Connection<number>>).close();
  again.close();
  assert.is(await failure(() => a.recv()), 'ERR_END_OF_FILE');
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  const nothing = (_: unknown) => {};
  const ways = [
    () => share([b]),
    () => new Queue().put(b),
    () => new Thread({ target: nothing, args: [b] }).start(),
    () => pool.applyAsync(nothing, [b]),
    () => pool.mapAsync(nothing, [b]),
    () => new Process({ target: nothing, args: [b], context: 'process' }).start(),
  ];
  for (const way of ways) assert.is(await failure(way), 'ERR_CLOSED', String(way));
  assert.is(await failure(() => a.recv()), 'ERR_END_OF_FILE');
});

test('another agent answers, and closes', async () => {
  const [a, b] = Pipe<number>();
  const crew = await worker(b, true);
  b.close();
  a.send(1);
  assert.equal([a.recv(5000), await failure(() => a.recv(5000))], [2, 'ERR_END_OF_FILE']);
  assert.equal(await crew.done(), ['closed']);
});

test('the ends that an agent has open are closed when it ends or dies', async () => {
  const [a, b] = Pipe<number>();
  const crew = await worker(b, false);
  b.close();
  await crew.members[0].next('agent');
  a.send(1);
  assert.is(a.recv(5000), 2);
  const waits = failure(() => a.recvAsync());
  await crew.members[0].terminate();
  assert.equal([await waits, await failure(() => a.recv(5000))], ['ERR_END_OF_FILE', 'ERR_END_OF_FILE']);

  const [c, d] = Pipe<number>();
  const other = await worker(d, false);
  d.close();
  c.close();
  assert.equal(await other.done(), ['the end']);
});

test('bytes are sent as a message of their own', async () => {
  const [a, b] = Pipe<unknown>();
  const bytes = Uint8Array.of(1, 2, 3, 4);
  a.sendBytes(bytes);
  a.sendBytes(bytes, 1);
  a.sendBytes(bytes, 1, 2);
  assert.equal([b.recvBytes(), b.recvBytes(), b.recvBytes()], [bytes, Uint8Array.of(2, 3, 4), Uint8Array.of(2, 3)]);
  for (const [offset, size] of [[-1], [5], [1, 4], [1, -1]])
    assert.is(await failure(() => a.sendBytes(bytes, offset, size)), 'RangeError');
  assert.is(b.poll(), false);
  a.send('no bytes');
  assert.is(await failure(() => b.recvBytes()), 'TypeError');
});

test('bytes can be received into existing memory, and those that do not fit are in the error', async () => {
  const [a, b] = Pipe<unknown>();
  const buffer = new Uint8Array(4);
  a.sendBytes(Uint8Array.of(1, 2));
  assert.is(b.recvBytesInto(buffer, 1), 2);
  assert.equal(buffer, Uint8Array.of(0, 1, 2, 0));
  const tooShort = (call: () => unknown): Uint8Array | undefined => {
    a.sendBytes(Uint8Array.of(5, 6, 7));
    try {
      call();
    } catch (error) {
      return error instanceof BufferTooShort ? error.bytes : undefined;
    }
    return undefined;
  };
  for (const call of [() => b.recvBytesInto(buffer, 2), () => b.recvBytes(1000, 2)])
    assert.equal(tooShort(call), Uint8Array.of(5, 6, 7));
  assert.equal(buffer, Uint8Array.of(0, 1, 2, 0));
  // A bad offset or length takes nothing.
  a.sendBytes(Uint8Array.of(8));
  assert.is(await failure(() => b.recvBytesInto(buffer, 5)), 'RangeError');
  assert.is(await failure(() => b.recvBytesInto([] as never)), 'TypeError');
  assert.is(await failure(() => b.recvBytes(1000, -1)), 'RangeError');
  assert.equal(b.recvBytes(1000, 1), Uint8Array.of(8));
});

test('a connection can be sent over a connection', () => {
  const [a, b] = Pipe<Connection<string>>();
  const [c, d] = Pipe<string>();
  a.send(d);
  d.close();
  b.recv().send('hello');
  assert.is(c.recv(), 'hello');
});

/** Sends an end, and closes it here. @returns how `recv` at the other end fails then */
async function endOf(send: (end: Connection<number>) => unknown): Promise<unknown> {
  const [here, there] = Pipe<number>();
  await send(there);
  there.close();
  return failure(() => here.recv(LONG));
}

test('a call that was refused does not keep an end open', async () => {
  const nothing = (...args: unknown[]): void => void args;
  const refused = [() => 1];
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  // The worker takes no other task until this one is over.
  const words = new Int32Array(new SharedArrayBuffer(4));
  const busy = pool.applyAsync((words: Int32Array) => void Atomics.wait(words, 0, 0), [words]);
  const calls: ((end: unknown) => unknown)[] = [
    (end) => new Process({ target: nothing, args: [end, refused] }).start(),
    (end) => new Thread({ target: nothing, args: [end, refused] }).start(),
    (end) => pool.applyAsync(nothing, [end, refused]),
    (end) => pool.applyAsync(nothing, [end, refused], { retries: 1 }),
    (end) => new Queue().put([end, refused]),
    (end) =>
      share([
        end,
        {
          get refused() {
            throw new TypeError('no');
          },
        },
      ]),
  ];
  for (const call of calls)
    assert.is(
      await endOf(async (end) => assert.ok(await failure(async () => call(end)))),
      'ERR_END_OF_FILE',
      String(call),
    );
  Atomics.store(words, 0, 1);
  Atomics.notify(words, 0);
  await busy;
});

test('a call that was refused does not keep an end open, whatever a getter of the value sent before', async () => {
  const nothing = (...args: unknown[]): void => void args;
  const pool = new Pool(1);
  const other = new Pool(1);
  atTestEnd(() => pool.terminate());
  atTestEnd(() => other.terminate());
  const calls: ((value: unknown) => unknown)[] = [
    (value) => new Queue().put(value),
    (value) => new Thread({ target: nothing, args: [value] }).start(),
    (value) => pool.applyAsync(nothing, [value]),
    (value) => pool.applyAsync(nothing, [value], { retries: 1 }),
    (value) => share([value]),
  ];
  const taker = new Queue<Connection<number>>();
  const sends: ((end: Connection<number>) => unknown)[] = [
    (end) => taker.put(end),
    (end) => other.apply((end: Connection<number>) => end.close(), [end]),
    (end) => failure(() => new Queue<unknown>().put([end, () => 1])),
  ];
  for (const call of calls)
    for (const [i, send] of sends.entries()) {
      const [there, sent] = Pipe<number>();
      const ended = await endOf(async (end) => {
        const value = {
          end,
          get sends() {
            send(sent);
            throw new TypeError('no');
          },
        };
        assert.ok(await failure(async () => call(value)));
      });
      assert.is(ended, 'ERR_END_OF_FILE', `${call} ${send}`);
      sent.close();
      // What the getter sent has gone where it sent it.
      if (i === 0) taker.get(LONG).send(7);
      assert.is(i === 0 ? there.recv(LONG) : await failure(() => there.recv(LONG)), i === 0 ? 7 : 'ERR_END_OF_FILE');
    }
});

test('an end that was shared or sent stays on its way, although a later call is refused', async () => {
  const queue = new Queue<unknown>();
  const [here, there] = Pipe<number>();
  const shared = share(there);
  assert.is(await failure(() => queue.put([there, () => 1])), 'ERR_NOT_CLONEABLE');
  there.close();
  assert.is(here.poll(), false);
  const arrived = attach(shared);
  here.send(1);
  assert.is(arrived.recv(), 1);
  queue.put([arrived]);
  assert.is(await failure(() => queue.put([() => 1])), 'ERR_NOT_CLONEABLE');
  arrived.close();
  assert.is(here.poll(), false);
});

test('an end is closed with the agent that it was on its way to, although that agent never received it', async () => {
  const missing = fromModule<{ f(end: unknown): void }>(new URL('./missing.js', import.meta.url)).f;
  const pool = new Pool(1);
  const ways: ((end: Connection<number>) => unknown)[] = [
    (end) => {
      const process = new Process({ target: (end: unknown) => void end, args: [end] });
      process.start();
      process.kill();
      process.join();
    },
    (end) => new Thread({ target: missing, args: [end] }).start(),
    (end) => {
      pool.applyAsync(async (...ends: unknown[]) => void (await new Promise(() => ends)), [end]);
      pool.terminate();
    },
  ];
  setExcepthook(() => {});
  atTestEnd(() => void setExcepthook());
  for (const way of ways) assert.is(await endOf(way), 'ERR_END_OF_FILE', String(way));
  await pool.joinAsync();
});

test('an end in the arguments of a task stays open as long as the task may be retried, and no longer', async () => {
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  const dies = async (end: Connection<number>, words: Int32Array, times: number): Promise<void> => {
    if (Atomics.add(words, 0, 1) < times) process.exit();
    await end.sendAsync(Atomics.load(words, 0));
  };
  const calls: ((...args: [Connection<number>, Int32Array, number]) => PromiseLike<unknown>)[] = [
    (...args) => pool.applyAsync(dies, args, { retries: 2 }),
    (...args) => pool.starmapAsync(dies, [args], { retries: 2 }),
  ];
  for (const call of calls)
    for (const times of [2, 3]) {
      const [here, there] = Pipe<number>();
      const done = failure(async () => call(there, new Int32Array(new SharedArrayBuffer(4)), times));
      there.close();
      const told = failure(() => here.recvAsync({ timeout: LONG }).then((calls) => assert.is(calls, 3)));
      assert.is(await told, times === 2 ? 'nothing' : 'ERR_END_OF_FILE', String(call));
      assert.is(await done, times === 2 ? 'nothing' : 'ERR_WORKER_DIED');
    }

  // A task that was given up is not retried.
  const words = new Int32Array(new SharedArrayBuffer(4));
  const ended = await endOf(async (end) => {
    const waits = (_end: unknown, words: Int32Array): void => void Atomics.wait(words, 0, 0);
    const result = pool.applyAsync(waits, [end, words], { retries: 9 });
    result.cancel();
    assert.is(await failure(() => result), 'ERR_CANCELLED');
  });
  assert.is(ended, 'ERR_END_OF_FILE');
});

/** @returns an end over which `sent` was sent to an agent that ended without receiving it */
async function sentToEnded(sent: unknown): Promise<Connection<unknown>> {
  const [one, other] = Pipe<unknown>();
  const thread = new Thread({ target: (...args: unknown[]) => void args, args: [other] });
  one.send(sent);
  thread.start();
  other.close();
  await thread.joinAsync();
  while (!one.poll());
  return one;
}

test('an end in an item that nobody will take is closed', async () => {
  const ways: ((end: Connection<number>) => unknown)[] = [
    (end) => {
      const queue = new Queue<unknown>();
      queue.put(1);
      queue.put([{ end }]);
      queue.shutdown(true);
    },
    // A put that waited for room is refused.
    async (end) => {
      const queue = new Queue<unknown>(1);
      queue.put(end);
      const put = queue.putAsync([end]);
      queue.shutdown(true);
      assert.is(await failure(() => put), 'ERR_SHUT_DOWN');
    },
    (end) => {
      const queue = new JoinableQueue<unknown>();
      queue.put(end);
      queue.shutdown(true);
      queue.join();
    },
    // Nobody receives the end over which it was sent either.
    (end) => {
      const [receiver, sender] = Pipe(false);
      const queue = new Queue<unknown>();
      sender.send([end]);
      queue.put(receiver);
      receiver.close();
      queue.shutdown(true);
    },
    (end) => {
      const [one, other] = Pipe<unknown>();
      one.send(end);
      other.close();
    },
    // The receiver has ended, and the sender finds that out.
    async (end) => {
      const one = await sentToEnded(end);
      assert.is(await failure(() => one.send(1)), 'ERR_BROKEN_PIPE');
    },
    async (end) => {
      const one = await sentToEnded(end);
      one.close();
    },
    // A task has returned it, and the caller does not read the result.
    (end) => {
      const pool = new Pool(1);
      const words = new Int32Array(new SharedArrayBuffer(4));
      pool.applyAsync((end: unknown) => end, [end]);
      pool.applyAsync(
        (words: Int32Array) => {
          Atomics.store(words, 0, 1);
          Atomics.notify(words, 0);
        },
        [words],
      );
      assert.is(Atomics.wait(words, 0, 0, LONG) === 'timed-out', false);
      pool.terminate();
    },
  ];
  for (const way of ways) assert.is(await endOf(way), 'ERR_END_OF_FILE', String(way));
});

test('an end that its receiver has sent on stays on its way, although the task that brought it is over', async () => {
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  const sendsOn = (end: Connection<number>, queue: Queue<Connection<number>>): void => {
    queue.put(end);
    end.close();
  };
  for (const options of [{}, { retries: 1 }]) {
    const [here, there] = Pipe<number>();
    const queue = new Queue<Connection<number>>();
    const over = pool.applyAsync(sendsOn, [there, queue], options);
    there.close();
    await over;
    assert.is(here.poll(), false);
    const arrived = queue.get(LONG);
    here.send(1);
    assert.is(arrived.recv(), 1);
    arrived.close();
    assert.is(await failure(() => here.recv(LONG)), 'ERR_END_OF_FILE');
  }
});

test('a task that waits at an end is woken when the other end will never arrive', async () => {
  const words = new Int32Array(new SharedArrayBuffer(4));
  const busy = (words: Int32Array): void => void Atomics.wait(words, 0, 0);
  const nothing = (...args: unknown[]): void => void args;
  const made = (): Pool => {
    const pool = new Pool(1);
    pool.applyAsync(busy, [words]);
    return pool;
  };
  const ways: ((end: Connection<number>) => () => unknown)[] = [
    (end) => {
      const process = new Process({ target: nothing, args: [end] });
      process.start();
      return () => process.kill();
    },
    (end) => {
      const pool = made();
      pool.applyAsync(nothing, [end]);
      return () => pool.terminate();
    },
    (end) => {
      const pool = made();
      pool.applyAsync(nothing, [end], { retries: 1 });
      return () => pool.terminate();
    },
    // The task is put off, behind tasks for which there is no room.
    (end) => {
      const pool = made();
      pool.mapAsync(nothing, Array.from({ length: 2000 }), { chunkSize: 1 });
      pool.applyAsync(nothing, [end]);
      return () => pool.terminate();
    },
  ];
  for (const way of ways) {
    const [here, there] = Pipe<number>();
    const finish = way(there);
    there.close();
    const told = failure(() => here.recvAsync({ signal: AbortSignal.timeout(LONG) }));
    finish();
    assert.is(await told, 'ERR_END_OF_FILE', String(way));
  }
});

test('waitAsync returns the ready ones of several, in order, or none when the time is up', async () => {
  const [a, b] = Pipe<number>();
  const [c, d] = Pipe<number>();
  const queue = new Queue<number>();
  const all = [a, queue, c];
  assert.equal(await waitAsync(all, { timeout: 5 }), []);
  assert.equal(await waitAsync([]), []);
  const waits = waitAsync(all);
  queue.put(1);
  assert.equal(
    (await waits).map((each) => all.indexOf(each)),
    [1],
  );
  d.close();
  b.send(1);
  assert.equal(
    (await waitAsync(all)).map((each) => all.indexOf(each)),
    [0, 1, 2],
  );
  assert.equal([queue.get(), a.recv(), await failure(() => c.recv())], [1, 1, 'ERR_END_OF_FILE']);
  const aborter = new AbortController();
  const aborted = failure(() => waitAsync([a, queue], { signal: aborter.signal }));
  aborter.abort(new RangeError('enough'));
  assert.is(await aborted, 'RangeError');
  assert.is(await failure(() => waitAsync([{} as never])), 'TypeError');
  assert.throws(() => wait(new Set([queue]) as never), 'wait() takes an array of what to wait for');
});

test('waitAsync goes on waiting when another has taken what was there', async () => {
  const queue = new Queue<number>();
  const READY = Object.getOwnPropertySymbols(SimpleQueue.prototype).find(({ description }) => description === 'ready');
  let looks = 0;
  // It reports that it is ready, but when it is looked at it no longer is; the third time it still is.
  const lookAsync = async (): Promise<boolean> => {
    await turn();
    looks++;
    return true;
  };
  const thing = { [READY as symbol]: { look: () => looks === 3, lookAsync } } as never;
  assert.equal([await waitAsync([queue, thing]), looks], [[thing], 3]);
  looks = 4;
  assert.equal(await waitAsync([queue, thing], { timeout: 5 }), []);
  const aborter = new AbortController();
  const aborted = failure(() => waitAsync([queue, thing], { signal: aborter.signal }));
  await until(() => looks > 100);
  aborter.abort(new RangeError('enough'));
  assert.is(await aborted, 'RangeError');
});

test('wait blocks until one of several is ready, by an item or by a death', async () => {
  const queue = new Queue<string>();
  const [a, b] = Pipe<number>();
  const [c, d] = Pipe<number>();
  const answering = await worker(b, true);
  const dying = await worker(d, false);
  await dying.members[0].next('agent');
  b.close();
  d.close();
  assert.equal([wait([]), wait([queue, a, c], 0), wait([queue, a], 5), wait([queue], 5)].flat(), []);
  a.send(1);
  assert.equal(wait([queue, c, a], 10_000), [a]);
  assert.is(a.recv(), 2);
  await answering.done();
  // Nobody tells this agent, because its event loop does not turn.
  void dying.members[0].terminate();
  assert.equal(wait([queue, c], 10_000), [c]);
  assert.is(await failure(() => c.recv()), 'ERR_END_OF_FILE');
  queue.put('x');
  assert.equal(wait([queue], 1000), [queue]);
  queue.close();
  assert.is(await failure(() => wait([queue, c])), 'ERR_CLOSED');
  assert.is(await failure(() => wait([1 as never])), 'TypeError');
  assert.is(await failure(() => wait([c], -1)), 'RangeError');
});

test('an agent that waits for several ends sleeps on one word, and is woken for any of them', async () => {
  const ends = Array.from({ length: 5 }, () => Pipe<number>());
  const readers = ends.map(([reader]) => reader);
  const { wait: sleep } = Atomics;
  let sleeps = 0;
  Atomics.wait = ((...of: Parameters<typeof sleep>) => {
    sleeps++;
    return sleep(...of);
  }) as typeof sleep;
  try {
    assert.equal(wait(readers, 150), []);
  } finally {
    Atomics.wait = sleep;
  }
  // It wakes up now and then to look for dead agents, but not once for each of the five.
  assert.ok(sleeps <= 20, `${sleeps} sleeps in 150 ms`);
  const answering = await worker(ends[3][1], true);
  await answering.members[0].next('agent');
  readers[3].send(1);
  assert.equal(wait(readers, 10_000), [readers[3]]);
  assert.is(readers[3].recv(), 2);
  await answering.done();
});

test.run();
