// What threads can be given, even objects of classes from ./multiprocessing, a module that their function need not import.
import { Pipe, Queue, Value } from 'atomics-sync-free/multiprocessing';
import { fromModule, Lock, Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import type * as Functions from './arguments.functions.js';

const test = suite('arguments of threads');

async function resultOf<Result>(thread: Thread<Result>): Promise<Result> {
  thread.start();
  await thread.joinAsync({ timeout: 20_000 });
  return thread.result;
}

test('a queue, for a plain function or one whose module imports nothing, in a new or a reused worker', async () => {
  const queue = new Queue<number>();
  const { take } = fromModule<typeof Functions>(new URL('./arguments.functions.js', import.meta.url));
  for (const target of [(from: Queue<number>) => from.get(), take]) {
    for (const item of [1, 2, 3]) {
      queue.put(item);
      assert.is(await resultOf(new Thread({ target, args: [queue] })), item);
    }
  }
});

test('a Value in a worker that was first given only a Lock', async () => {
  const lock = new Lock();
  const value = new Value('int32', 5);
  const add = (to: Value<'int32'> | undefined, held: Lock): number | undefined => {
    if (to !== undefined) held.run(() => to.value++);
    return to?.value;
  };
  const seen: unknown[] = [];
  for (const given of [undefined, value, undefined, value])
    seen.push(await resultOf(new Thread({ target: add, args: [given, lock] })));
  assert.equal(seen, [undefined, 6, undefined, 7]);
});

test('an end of a pipe, which then belongs to the thread', async () => {
  const [here, there] = Pipe();
  const thread = new Thread({ target: (end) => end.send(end.recv()), args: [there] });
  thread.start();
  there.close();
  await here.sendAsync('hello');
  assert.is(await here.recvAsync({ timeout: 20_000 }), 'hello');
  await thread.joinAsync({ timeout: 20_000 });
  await here.recvAsync({ timeout: 20_000 }).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.name, 'EndOfFileError'),
  );
});

test.run();
