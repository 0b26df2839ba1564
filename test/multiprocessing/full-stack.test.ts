// What happens to a queue when the stack overflows in the middle of a call, as in endless recursion: the call throws, as
// everything does there, and the queue goes on working.
import {
  Empty,
  JoinableQueue,
  Pipe,
  Queue,
  QueueShutDown,
  SimpleQueue,
  share,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';
import type { Order, Taken } from './queue.worker.js';

const test = suite('a full stack');

/** How many times the stack is filled, each from another depth, so that calls overflow in many places. */
const STACKS = 50;

/** Calls a function at increasing depth until the stack is full. */
function fill(use: () => void, shift: number): void {
  const deeper = (pad: number): number => {
    const frame = [pad, pad + 1, pad + 2];
    use();
    return deeper(pad) + frame[1];
  };
  const shifted = (left: number): number => (left > 0 ? shifted(left - 1) + left : deeper(left));
  assert.throws(
    () => shifted(shift),
    (error: unknown) => error instanceof RangeError,
  );
}

/** Takes whatever is there. */
function empty(queue: { get(timeout: number): unknown }): void {
  assert.throws(
    () => {
      for (;;) queue.get(0);
    },
    (error: unknown) => error instanceof Empty,
  );
}

interface Kind {
  readonly make: () => { readonly put: (item: number) => void; readonly get: (timeout: number) => unknown };
}

const kinds: Readonly<Record<string, Kind>> = {
  'a Queue': { make: () => new Queue<number>() },
  'a Queue with a bound': { make: () => new Queue<number>(4) },
  'a SimpleQueue': { make: () => new SimpleQueue<number>() },
  'a JoinableQueue': { make: () => new JoinableQueue<number>() },
  'a Pipe': {
    make: () => {
      const [one, other] = Pipe<number>();
      const get = (timeout: number): unknown => {
        if (!one.poll(timeout)) throw new Empty('a Pipe is empty');
        return one.recv();
      };
      return { put: (item) => other.send(item), get };
    },
  },
};

for (const [name, { make }] of Object.entries(kinds))
  test(`${name} goes on after a put or a get that overflowed the stack`, () => {
    for (let stack = 0; stack < STACKS; stack++) {
      const queue = make();
      fill(() => {
        queue.put(1);
        queue.get(0);
      }, stack);
      empty(queue);
      queue.put(2);
      assert.is(queue.get(0), 2);
    }
  });

test('another agent gets all that was put, and does not sleep on', async () => {
  const queue = new Queue<[number, number]>();
  const workerData: Order[] = [{ role: 'consume', items: 0, queue: share(queue) }];
  const crew = await Crew.start<Taken>(new URL('./queue.worker.js', import.meta.url), { count: 1, workerData });
  const put: number[] = [];
  for (let stack = 0, item = 0; stack < STACKS; stack++) {
    fill(() => {
      queue.put([0, item]);
      put.push(item++);
    }, stack);
    // An item whose put threw may come twice, or not.
    await Promise.resolve();
  }
  queue.shutdown();
  const [taken] = await crew.done();
  const items = new Set(taken.map(([, item]) => item));
  assert.equal(
    put.filter((item) => !items.has(item)),
    [],
  );
  assert.throws(
    () => queue.put([0, 0]),
    (error: unknown) => error instanceof QueueShutDown,
  );
});

test.run();
