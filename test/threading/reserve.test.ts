// Workers that run one thread after the other: what threads notice of that, and when workers are not reused.
import { EndOfFileError, Pipe } from 'atomics-sync-free/multiprocessing';
import { Arena, Lock, OwnerDiedError, reserveSize, Thread, WorkerDiedError } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { collectGarbage } from '../support/garbage.js';
import { suite } from '../support/suite.js';
import { joined, resultOf, started, thrownBy } from '../support/threads.js';
import { until } from '../support/workers.js';
import {
  adds,
  counts,
  exits,
  gives,
  goesOn,
  LEFTOVERS,
  leaves,
  makesLock,
  makesMemory,
  makesMemoryAndLeaves,
  remembers,
  throws,
  tidies,
  waits,
  whoAmI,
} from './reserve.worker.js';

const test = suite('the reserve of workers');

const words = (): Int32Array<SharedArrayBuffer> => new Int32Array(new SharedArrayBuffer(8));
/** The results of two consecutive threads on one worker; it tries several, because a worker slow to inspect is passed over. */
function twice<Result extends { readonly worker: number }>(run: (turn: number) => Result): [Result, Result] {
  let one = run(0);
  for (let turn = 1; turn < 50; turn++) {
    const two = run(turn);
    if (one.worker === two.worker) return [one, two];
    one = two;
  }
  throw new Error('no worker was used again');
}

/** One worker at a time, so that its identity shows whether it was reused. */
const before = reserveSize(1);

test('a worker is reused, and each thread on it has its own identity', () => {
  const [one, two] = twice((turn) => {
    const [name, daemon] = [`of turn ${turn}`, turn % 2 === 1];
    const thread = joined(started(whoAmI, [], { name, daemon }));
    const { result } = thread;
    assert.equal(result, { worker: result.worker, ident: thread.ident, name, daemon, isOne: true, count: 1 });
    return result;
  });
  assert.ok(one.ident < two.ident);
});

test('a thread that is fresh, or has settings of its own, has a worker to itself', () => {
  const usual = twice(() => resultOf(whoAmI))[0].worker;
  const own = [{ fresh: true }, { env: {} }, { resourceLimits: { stackSizeMb: 4 } }].map(
    (settings) => joined(started(whoAmI, [], settings)).result.worker,
  );
  assert.is(new Set([usual, ...own]).size, 4);
  assert.instance(
    thrownBy(() => new Thread({ target: whoAmI, fresh: 1 as never })),
    TypeError,
  );
});

test('values go to a worker and come back unchanged, whatever their size and whosever memory they are in', () => {
  const large = 'x'.repeat(10_000);
  const larger = new Uint8Array(100_000).fill(7);
  for (const value of [undefined, 1, large, larger, { large, larger }]) assert.equal(resultOf(gives, value), value);
  const lock = new Lock();
  const sum = words();
  const results = [1, 2, 3].map(() => resultOf(adds, lock, sum));
  assert.is(sum[0], 3);
  assert.is(results[2].sum.buffer, sum.buffer);
  // Memory made by a reused worker.
  const [, { made }] = twice(() => {
    const memory = resultOf(makesMemory);
    return { worker: memory[1], made: memory };
  });
  assert.instance(made.buffer, SharedArrayBuffer);
});

test('each thread on a worker has the memory that it was given, whatever the previous one had', () => {
  const [a, b] = [words(), words()];
  const given = [[a], [a], [b], [], [b], [a, b], [a, b], [b, a], [a], []];
  for (const sums of given) {
    const { result } = joined(started(counts, sums));
    assert.equal(
      result.sums.map(({ buffer }) => [a, b].findIndex((one) => one.buffer === buffer)),
      sums.map((sum) => [a, b].indexOf(sum)),
    );
  }
  assert.equal([a[0], b[0]], [6, 5]);
});

test('a thread can return memory that its worker was given for an earlier one', () => {
  const [a, b] = [words(), words()];
  // Which of the two a worker remembers is that of its first thread, which need not be the first of this test.
  a[0] = b[0] = 1;
  twice(() => {
    resultOf(remembers, a, b);
    const results = [[a, b], [a], [], [a, b], []].map((sums) => joined(started(remembers, sums)).result);
    const [{ worker }] = results;
    // A worker that takes long to inspect is passed over.
    const ofOne = results.filter((result) => result.worker === worker);
    assert.equal(
      ofOne.map(({ last }) => last?.[0]),
      ofOne.map(() => 1),
    );
    return { worker: ofOne.length === results.length ? worker : Number.NaN };
  });
});

test('a thread that is given the same memory as the previous one takes no message', () => {
  const lock = new Lock();
  const sum = words();
  const { postMessage } = MessagePort.prototype;
  let sent = 0;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...message: Parameters<typeof postMessage>) {
    sent++;
    postMessage.apply(this, message);
  } as typeof postMessage;
  try {
    twice(() => {
      sent = 0;
      return resultOf(adds, lock, sum);
    });
  } finally {
    MessagePort.prototype.postMessage = postMessage;
  }
  assert.is(sent, 0);
});

test('threads that are started and joined in one turn of the event loop leave nothing behind', () => {
  const run = (threads: number): number => {
    for (let i = 0; i < threads; i++) resultOf(gives, i);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = run(1000);
  const each = (run(1000) - before) / 1000;
  assert.ok(each < 1000, `${each} bytes for each`);
});

test('the outcome of a thread is still there after its worker has run others', () => {
  const [kept, failed, memory] = [started(gives, ['kept']), started(throws, ['failed']), started(makesMemory, [])].map(
    joined<Thread<unknown, never[]>>,
  );
  for (let i = 0; i < 3; i++) resultOf(gives, i);
  assert.is(kept.result, 'kept');
  const error = thrownBy(() => failed.result);
  assert.instance(error, RangeError);
  assert.is(error.message, 'failed');
  assert.is((memory.result as Int32Array).length, 2);
});

test(
  'a worker in which a thread has left something behind is not reused',
  () => {
    const lock = new Lock({ onOwnerDeath: 'release' });
    const workers = LEFTOVERS.map((what) => {
      const worker = resultOf(leaves, what, lock);
      assert.ok(lock.acquire(20_000), what);
      lock.release();
      return worker;
    });
    workers.push(resultOf(whoAmI).worker);
    for (const [i, what] of LEFTOVERS.entries()) assert.is.not(workers[i], workers[i + 1], what);
  },
  { limit: 200_000 },
);

test('the last thread on a worker is reported in full, and nobody goes on waiting for it', async () => {
  for (let turn = 0; turn < 50; turn++) {
    const { worker } = resultOf(whoAmI);
    const thread = started(makesMemoryAndLeaves, []);
    await thread.joinAsync({ timeout: 20_000 });
    if (thread.result[1] === worker) return;
  }
  throw new Error('no worker was used again');
});

test('a lock that a thread has made, holds and returns is abandoned as soon as it arrives', () => {
  for (let i = 0; i < 20; i++)
    assert.instance(
      thrownBy(() => resultOf(makesLock).acquire(0)),
      OwnerDiedError,
    );
});

test('the ends of pipes that a thread had open are closed when it ends', () => {
  const [here, there] = Pipe();
  const back = resultOf(gives, there) as typeof there;
  back.close();
  there.close();
  assert.instance(
    thrownBy(() => here.recv(10_000)),
    EndOfFileError,
  );
});

test('printing, changing the environment, awaiting and locking leave nothing behind', () => {
  process.env.OF_THREADS = 'main';
  const lock = new Lock();
  const results = twice(() => resultOf(tidies, lock));
  for (const { environment } of results) assert.is(environment, 'main changed');
  assert.is(process.env.OF_THREADS, 'main');
});

test('a worker that would keep one of the few agent slots of an arena is not reused', () => {
  const arena = new Arena({ agents: 2 });
  const lock = new Lock({ arena });
  const sum = words();
  const workers = [1, 2, 3].map(() => resultOf(adds, lock, sum).worker);
  assert.is(new Set(workers).size, 3);
  assert.is(sum[0], 3);
});

test('when a thread dies on a reused worker, its join returns and its lock is abandoned', () => {
  const lock = new Lock();
  resultOf(gives, 1);
  const thread = joined(started(exits, [lock]));
  const error = thrownBy(() => thread.result);
  assert.instance(error, WorkerDiedError);
  assert.is(error.exitCode, 7);
  assert.instance(
    thrownBy(() => lock.acquire(20_000)),
    OwnerDiedError,
  );
  assert.is(resultOf(gives, 2), 2);
});

test('threads that run at the same time have a worker each, however small the reserve is', async () => {
  const gate = words();
  const threads = [1, 2, 3].map(() => started(waits, [gate]));
  await until(() => {
    Atomics.notify(gate, 0);
    return threads.every((thread) => !thread.isAlive());
  });
  assert.is(new Set(threads.map((thread) => thread.result)).size, 3);
});

test('without a reserve each thread has a worker of its own', () => {
  assert.is(reserveSize(0), 1);
  const workers = [1, 2].map(() => resultOf(whoAmI).worker);
  assert.is.not(workers[0], workers[1]);
  assert.is(reserveSize(2), 0);
  for (const bad of [-1, 1.5, Number.NaN, 5000, '2'])
    assert.ok(/TypeError|RangeError/.test(thrownBy(() => reserveSize(bad as number)).name));
  assert.is(reserveSize(1), 2);
});

test('consecutive threads run on one worker, even if the reserve may hold more', () => {
  /** How many workers run ten threads. */
  const workers = (): number => {
    // Removes the workers of earlier threads.
    reserveSize(0);
    resultOf(whoAmI);
    reserveSize(2);
    return new Set(Array.from({ length: 10 }, () => resultOf(whoAmI).worker)).size;
  };
  // A worker that takes long to inspect is passed over.
  assert.ok([1, 2, 3, 4, 5].some(() => workers() === 1));
  assert.is(reserveSize(1), 2);
});

test('endless work that a thread leaves behind ends soon, and nobody waits for it', async () => {
  const count = words();
  const worker = resultOf(goesOn, count);
  assert.is.not(resultOf(whoAmI).worker, worker);
  let last = -1;
  let looks = 0;
  await until(() => {
    const now = Atomics.load(count, 0);
    looks = now === last ? looks + 1 : 0;
    last = now;
    return looks === 100;
  });
});

test.after(() => {
  reserveSize(before);
});

test.run();
