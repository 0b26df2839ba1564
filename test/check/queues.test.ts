import * as assert from 'uvu/assert';
import { BLOCKED, DEAD, Queues } from '#dist/check/queues.js';
import { suite } from '../support/suite.js';

const test = suite('queues');
const waiter = (thread: number, word = 7, task = BLOCKED) => ({ word, thread, task });

function queueOf(queues: Queues, ...waiters: ReturnType<typeof waiter>[]) {
  return waiters.reduce((queue, each) => queues.enqueue(queue, each), queues.empty);
}

test('notify takes the first sleepers of its word, first come first', () => {
  const queues = new Queues();
  const queue = queueOf(queues, waiter(2), waiter(5, 3), waiter(0), waiter(1), waiter(4, 9));
  const { woken, queue: rest } = queues.notify(queue, 7, 2);
  assert.equal(woken, [waiter(2), waiter(0)]);
  assert.equal(rest.waiters, [waiter(5, 3), waiter(1), waiter(4, 9)]);
  assert.is(queues.notify(rest, 7, Infinity).woken.length, 1);
  assert.is(queues.notify(rest, 8, Infinity).queue, rest);
  assert.is(queues.notify(rest, 7, 0).queue, rest);
});

test('equal queues are one object, whatever the order over different words', () => {
  const queues = new Queues();
  assert.is(queueOf(queues, waiter(0, 3), waiter(1, 4)), queueOf(queues, waiter(1, 4), waiter(0, 3)));
  assert.is.not(queueOf(queues, waiter(0), waiter(1)), queueOf(queues, waiter(1), waiter(0)));
});

test('an async wait that is over is ready until its thread takes it', () => {
  const queues = new Queues();
  const queue = queueOf(queues, waiter(1, 7, 2), waiter(1, 7, 1));
  const timedOut = queues.timeOut(queue, 1, 2);
  const { queue: both } = queues.notify(timedOut, 7, 1);
  assert.equal(both.ready, [
    { thread: 1, task: 1, result: 'ok' },
    { thread: 1, task: 2, result: 'timed-out' },
  ]);
  assert.is(queues.take(queues.take(both, 1, 2), 1, 1), queues.empty);
});

test('a blocked wait that times out just leaves', () => {
  const queues = new Queues();
  assert.is(queues.timeOut(queueOf(queues, waiter(1)), 1, BLOCKED), queues.empty);
});

test('a dead thread leaves the queue, or stays and takes a notify', () => {
  const queues = new Queues();
  const queue = queueOf(queues, waiter(0), waiter(1), waiter(0, 7, 1));
  assert.equal(queues.kill(queue, 0, 0b00).waiters, [waiter(1)]);
  const kept = queues.kill(queue, 0, 0b01);
  assert.equal(kept.waiters, [waiter(DEAD), waiter(1)]);
  assert.equal(queues.notify(kept, 7, 1).woken, [waiter(DEAD)]);
  assert.equal(queues.kill(queue, 0, 0b10).waiters, [waiter(1), waiter(DEAD)]);
});

test.run();
