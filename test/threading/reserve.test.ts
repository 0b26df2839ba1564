// Workers that run one thread after the other: what threads see of it, and when it is not done.
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
/** What two threads give that ran on one worker, one after the other: it is passed over where looking it over takes long. */
function twice<Result extends { readonly worker: number }>(run: (turn: number) => Result): [Result, Result] {
  let one = run(0);
  for (let turn = 1; turn < 50; turn++) {
    const two = run(turn);
    if (one.worker === two.worker) return [one, two];
    one = two;
  }
  throw new Error('no worker was used again');
}

/** One worker at a time, so that which one it is tells whether it was used again. */
const before = reserveSize(1);

test('a worker is used again, and each thread on it is one of its own', () => {
  const [one, two] = twice((turn) => {
    const [name, daemon] = [`of turn ${turn}`, turn % 2 === 1];
    const thread = joined(started(whoAmI, [], { name, daemon }));
    const { result } = thread;
    assert.equal(result, { worker: result.worker, ident: thread.ident, name, daemon, isOne: true, count: 1 });
    return result;
  });
  assert.ok(one.ident < two.ident);
});

test('a thread that is fresh, or has settings of its own, has a worker that no other has', () => {
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

test('what goes to a worker and comes back is what it is, however large, and whose memory it is', () => {
  const large = 'x'.repeat(10_000);
  const larger = new Uint8Array(100_000).fill(7);
  for (const value of [undefined, 1, large, larger, { large, larger }]) assert.equal(resultOf(gives, value), value);
  const lock = new Lock();
  const sum = words();
  const results = [1, 2, 3].map(() => resultOf(adds, lock, sum));
  assert.is(sum[0], 3);
  assert.is(results[2].sum.buffer, sum.buffer);
  // Memory of a worker that was used before.
  const [, { made }] = twice(() => {
    const memory = resultOf(makesMemory);
    return { worker: memory[1], made: memory };
  });
  assert.instance(made.buffer, SharedArrayBuffer);
});

test('threads on one worker have the memory that each was given, whichever the one before had', () => {
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

test('a thread gives back memory that its worker was given for another before', () => {
  const [a, b] = [words(), words()];
  b[0] = 1;
  twice(() => {
    resultOf(remembers, a, b);
    const results = [[a, b], [a], [], [a, b], []].map((sums) => joined(started(remembers, sums)).result);
    const [{ worker }] = results;
    // One that is looked over for long is passed over.
    const ofOne = results.filter((result) => result.worker === worker);
    assert.equal(
      ofOne.map(({ last }) => last?.[0]),
      ofOne.map(() => 1),
    );
    return { worker: ofOne.length === results.length ? worker : Number.NaN };
  });
});

test('a thread that is given the memory of the one before takes no message', () => {
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

test('threads that one turn of the event loop starts and joins leave nothing in it', () => {
  const run = (threads: number): number => {
    for (let i = 0; i < threads; i++) resultOf(gives, i);
    collectGarbage();
    return process.memoryUsage().heapUsed;
  };
  const before = run(1000);
  const each = (run(1000) - before) / 1000;
  assert.ok(each < 1000, `${each} bytes for each`);
});

test('what came of a thread is there when its worker has run others', () => {
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
  'a worker in which a thread has left something is not used again',
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

test('of the last thread on a worker all is told, and nobody goes on waiting for it', async () => {
  for (let turn = 0; turn < 50; turn++) {
    const { worker } = resultOf(whoAmI);
    const thread = started(makesMemoryAndLeaves, []);
    await thread.joinAsync({ timeout: 20_000 });
    if (thread.result[1] === worker) return;
  }
  throw new Error('no worker was used again');
});

test('a lock that a thread has made and holds is that of one who has ended, as soon as it has come', () => {
  for (let i = 0; i < 20; i++)
    assert.instance(
      thrownBy(() => resultOf(makesLock).acquire(0)),
      OwnerDiedError,
    );
});

test('a thread that has ended has no end of a pipe open', () => {
  const [here, there] = Pipe();
  const back = resultOf(gives, there) as typeof there;
  back.close();
  there.close();
  assert.instance(
    thrownBy(() => here.recv(10_000)),
    EndOfFileError,
  );
});

test('printing, changing the environment and awaiting leave nothing behind', () => {
  process.env.OF_THREADS = 'main';
  const lock = new Lock();
  const results = twice(() => resultOf(tidies, lock));
  for (const { environment } of results) assert.is(environment, 'main changed');
  assert.is(process.env.OF_THREADS, 'main');
});

test('a worker does not keep the few agent slots of an arena', () => {
  const arena = new Arena({ agents: 2 });
  const lock = new Lock({ arena });
  const sum = words();
  const workers = [1, 2, 3].map(() => resultOf(adds, lock, sum).worker);
  assert.is(new Set(workers).size, 3);
  assert.is(sum[0], 3);
});

test('a thread that dies on a worker that was used before ends its join, and abandons its lock', () => {
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

test('threads that run at the same time have a worker each, in the reserve or not', async () => {
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

test('threads that are started one after the other run on one worker, although there may be more', () => {
  /** How many workers run ten of them. */
  const workers = (): number => {
    // None is left of those before.
    reserveSize(0);
    resultOf(whoAmI);
    reserveSize(2);
    return new Set(Array.from({ length: 10 }, () => resultOf(whoAmI).worker)).size;
  };
  // One that takes long to be looked over is passed over.
  assert.ok([1, 2, 3, 4, 5].some(() => workers() === 1));
  assert.is(reserveSize(1), 2);
});

test('what a thread goes on with for ever ends soon, and nobody waits for it', async () => {
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
