// An agent whose arena nobody else has seen: puts things that live there, or gets things that it has never seen.
import {
  Arena,
  attach,
  Lock,
  Queue,
  type Shared,
  type Array as SharedArray,
  SimpleQueue,
  share,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { collectGarbage } from '../support/garbage.js';
import { member } from '../support/member.js';

export interface Things {
  readonly lock: Lock;
  readonly bytes: SharedArrayBuffer;
  readonly reply: SimpleQueue<string>;
}

export type Role = 'put' | 'put into its own' | 'answer' | 'answer async' | 'abort' | 'get at once' | 'leave';

export interface Papers {
  readonly role: Role;
  readonly queue: Queue<Things>;
  readonly board?: SharedArray<'int32'>;
  /** What the role `leave` puts, by its name, or takes. */
  readonly what?: 'bytes' | 'the same bytes twice' | 'a queue with bytes in a queue' | 'nothing';
}

/** Puts things that nobody else has, because the agent then ends. */
function leave(queue: Queue<unknown>, what: Papers['what']): void {
  const bytes = new SharedArrayBuffer(8);
  if (what === 'nothing') {
    queue.get();
  } else if (what === 'a queue with bytes in a queue') {
    const [outer, inner] = [new Queue<unknown>(), new Queue<unknown>()];
    inner.put(bytes);
    outer.put(inner);
    queue.put(outer);
  } else {
    for (let times = what === 'bytes' ? 1 : 2; times > 0; times--) queue.put(bytes);
  }
}

member<Shared<Papers>>(async ({ data, tell, next }) => {
  const { role, queue, what } = attach(data);
  if (role === 'leave') {
    leave(queue, what);
    return;
  }
  if (role === 'put') {
    const lock = new Lock();
    lock.acquire();
    queue.put({ lock, bytes: new SharedArrayBuffer(8), reply: new SimpleQueue() });
    return;
  }
  if (role === 'put into its own') {
    const own = new Queue<Lock>();
    own.put(new Lock({ arena: new Arena() }));
    // By now nothing else uses the arena.
    await new Promise((resolve) => setTimeout(resolve));
    collectGarbage();
    tell('own', share(own));
    await next('end');
    // This keeps the queue in use until here, and with it what its item names.
    assert.is(own.qsize(), 0);
    return;
  }
  if (role === 'abort') {
    const aborter = new AbortController();
    const aborted = queue.getAsync({ signal: aborter.signal }).catch((error: unknown) => error);
    aborter.abort('enough');
    assert.is(await aborted, 'enough');
    assert.is(queue.qsize(), 1);
    return;
  }
  if (role === 'get at once') {
    // It does not wait for an answer.
    assert.throws(
      () => queue.get(0),
      ({ code }: { code: string }) => code === 'ERR_UNKNOWN_MEMORY',
    );
    assert.is(queue.qsize(), 1);
    const lock: unknown = await queue.getAsync();
    assert.is(queue.qsize(), 0);
    assert.instance(lock, Lock);
    assert.is(String(lock), 'Lock#0 (unlocked, waiters: none)');
    assert.ok((lock as Lock).acquire(0) && (lock as Lock).locked);
    return;
  }
  const { lock, bytes, reply } = role === 'answer async' ? await queue.getAsync() : queue.get();
  lock.run(() => Atomics.add(new Int32Array(bytes), 0, 1));
  reply.put('done');
});
