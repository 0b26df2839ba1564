import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import {
  Arena,
  attach,
  JoinableQueue,
  Lock,
  Pool,
  Process,
  Queue,
  type Shared,
  SimpleQueue,
  share,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import type { Ring } from '#dist/multiprocessing/ring/ring.js';
import { COUNT, GET_SIDE, KNOWN, PUT_SIDE } from '#dist/multiprocessing/ring/sides.js';
import { collectGarbage, heapInUse, untilCollected } from '../support/garbage.js';
import { atTestEnd, suite } from '../support/suite.js';
import { Crew } from '../support/workers.js';
import type { Papers, Role, Things } from './memory.worker.js';

const test = suite('memory that the receiver does not know');

const WORKER = new URL('./memory.worker.js', import.meta.url);

const crewOf = (queue: Queue<Things>, role: Role): Promise<Crew> =>
  Crew.start(WORKER, { workerData: share<Papers>({ role, queue }) });

const things = (): Things => ({
  lock: new Lock({ arena: new Arena() }),
  bytes: new SharedArrayBuffer(8),
  reply: new SimpleQueue<string>({ arena: new Arena() }),
});

test('what another agent has made is received at once, even after that agent has ended', async () => {
  const queue = new Queue<Things>();
  const crew = await crewOf(queue, 'put');
  const got = queue.get(5000);
  assert.is(got.lock.locked, true);
  assert.is(got.bytes.byteLength, 8);
  assert.is(got.reply.empty(), true);
  await crew.done();

  const dead = await crewOf(queue, 'put');
  await dead.done();
  await dead.end();
  assert.instance(queue.get(5000).lock, Lock);
});

/** Runs an agent that uses the queue, and waits for its end. */
async function left(queue: Queue<unknown>, what: Papers['what']): Promise<void> {
  const crew = await Crew.start(WORKER, { workerData: share({ role: 'leave', queue, what }) });
  await crew.done();
  await crew.end();
}

/** Collects whatever this agent does not keep. */
async function forget(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 1));
  collectGarbage();
}

test('an item given back by an agent that has ended brings what it names, even after its producer has ended', async () => {
  const queue = new JoinableQueue<unknown>(0, { ack: true });
  await left(queue, 'bytes');
  await left(queue, 'nothing');
  // A put makes the lender let go of what is over.
  queue.put(new SharedArrayBuffer(8));
  await forget();
  for (let i = 0; i < 2; i++) {
    assert.is((queue.get(5000) as SharedArrayBuffer).byteLength, 8);
    queue.taskDone();
  }
});

test('what several items name is there for the last of them, although their producer has ended', async () => {
  const queue = new Queue<unknown>();
  await left(queue, 'the same bytes twice');
  for (let i = 0; i < 2; i++) {
    assert.is((queue.get(5000) as SharedArrayBuffer).byteLength, 8);
    await forget();
  }
});

test('a queue in an item brings what its own items name, although its producer has ended', async () => {
  const queue = new Queue<unknown>();
  await left(queue, 'a queue with bytes in a queue');
  await forget();
  const inner = (queue.get(5000) as Queue<Queue<SharedArrayBuffer>>).get(5000);
  await forget();
  assert.is(inner.get(5000).byteLength, 8);
});

test('what many items name is kept until the last of them is taken, and no longer', async () => {
  const queue = new Queue<SharedArrayBuffer>();
  const use = (): WeakRef<SharedArrayBuffer> => {
    const bytes = new SharedArrayBuffer(8);
    for (let i = 0; i < 100; i++) queue.put(bytes);
    for (let i = 0; i < 100; i++) assert.is(queue.get(), bytes);
    return new WeakRef(bytes);
  };
  const taken = use();
  await untilCollected(() => taken.deref() === undefined, 'the memory is collected');
});

for (const role of ['answer', 'answer async'] as const) {
  test(`an agent that arrives after the item (${role}) gets what it names from an agent that blocks`, async () => {
    const queue = new Queue<Things>();
    const item = things();
    const shared = share(queue);
    queue.put(item);
    const crew = await Crew.start(WORKER, { workerData: { ...share({ role }), queue: shared } });
    assert.is(item.reply.get(10_000), 'done');
    assert.is(new Int32Array(item.bytes)[0], 1);
    assert.is(item.lock.locked, false);
    await crew.done();
  });
}

test('as long as nobody provides the memory that it names, an item stays in the queue, and is received once it has come', async () => {
  const maker = await crewOf(new Queue<Things>(), 'put into its own');
  // The handle is passed on unread, because an agent that knows the queue would be told of the memory.
  const queue = await maker.members[0].next('own');
  for (const role of ['abort', 'get at once'] as const) {
    const crew = await Crew.start(WORKER, { workerData: { ...share({ role }), queue } });
    await crew.done();
  }
  maker.members[0].tell('end');
  await maker.done();
});

test('the same memory is the same object, whatever way it arrives', () => {
  const queue = new Queue<unknown>();
  const bytes = new SharedArrayBuffer(16);
  queue.put([bytes, bytes]);
  queue.put(bytes);
  const [one, other] = queue.get() as SharedArrayBuffer[];
  assert.is(one, bytes);
  assert.is(other, bytes);
  assert.is(queue.get(), bytes);
  const again = attach(structuredClone(share(queue)) as Shared<Queue<unknown>>);
  queue.put(again);
  queue.put(1);
  assert.is((queue.get() as Queue).qsize(), 1);
});

test('what another copy of the package has made can be put and taken by the agent that loaded both', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'two-copies-'));
  atTestEnd(() => rm(folder, { recursive: true }));
  const from = new URL('../', import.meta.resolve('atomics-sync-free'));
  for (const part of ['dist', 'package.json'])
    await cp(fileURLToPath(new URL(part, from)), join(folder, part), { recursive: true });
  const entry = pathToFileURL(join(folder, 'dist/multiprocessing/index.js')).href;
  const copy = (await import(entry)) as typeof import('atomics-sync-free/multiprocessing');
  const theirs = new copy.Queue<string>();
  const queue = new Queue<InstanceType<typeof copy.Queue<string>>>();
  queue.put(theirs);
  queue.get(0).put('for both');
  assert.is(theirs.get(0), 'for both');
});

test('what an item names is kept until the item is taken, and no longer', async () => {
  const queue = new Queue<SharedArrayBuffer>();
  queue.put(new SharedArrayBuffer(8));
  await new Promise((resolve) => setTimeout(resolve, 1));
  collectGarbage();
  const taken = new WeakRef(queue.get());
  await untilCollected(() => taken.deref() === undefined, 'the memory is collected');
});

test('a queue that is dropped is collected, with what its items name', async () => {
  const put = (): WeakRef<SharedArrayBuffer> => {
    const memory = new SharedArrayBuffer(8);
    new Queue<SharedArrayBuffer>().put(memory);
    return new WeakRef(memory);
  };
  const memory = put();
  await untilCollected(() => memory.deref() === undefined, 'the memory is collected');
});

test('the memory of a queue of large items is reused, and is freed with the queue', async () => {
  const use = (arena?: Arena): WeakRef<SharedArrayBuffer> => {
    const queue = new Queue<Uint8Array>(0, { arena });
    const bytes = new Uint8Array(2 ** 20);
    const memory = (queue as unknown as { readonly ring: Ring }).ring.memory;
    for (let i = 0; i < 40; i++) {
      queue.put(bytes);
      assert.is(queue.get().length, bytes.length);
    }
    assert.ok(memory.byteLength < 10 * bytes.length, `${memory.byteLength} bytes for one item at a time`);
    // The items left in it are freed, too.
    for (let i = 0; i < 10; i++) queue.put(bytes);
    return new WeakRef(memory);
  };
  const memories = [use(), use(new Arena({ byteLength: 4096, agents: 4 }))];
  await untilCollected(() => memories.every((memory) => memory.deref() === undefined), 'the memory is collected');
});

/** Smaller than memory that is accounted for by itself. */
const SMALL = 900_000;
const MANY = 700;

/** Asserts that repeated uses of memory leave less than half of it in this process. */
async function isGivenBack(figure: 'arrayBuffers' | 'rss', use: () => Promise<unknown>, times = MANY): Promise<void> {
  await heapInUse();
  const before = process.memoryUsage()[figure];
  for (let i = 0; i < times; i++) await use();
  // Collects what this agent has let go of.
  await heapInUse();
  const kept = process.memoryUsage()[figure] - before;
  assert.ok(kept < (times * SMALL) / 2, `${kept} of ${times * SMALL} bytes are kept`);
}

test('memory given to tasks is freed, although their workers have little else to collect', async () => {
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  const byteLength = (given: SharedArrayBuffer): number => given.byteLength;
  await isGivenBack('arrayBuffers', () => pool.applyAsync(byteLength, [new SharedArrayBuffer(SMALL)]));
});

test('memory that tasks return is freed', async () => {
  const pool = new Pool(1);
  atTestEnd(() => pool.terminate());
  // An agent accounts only for what it has made, and only memory that was written is resident. The worker collects
  // late, so it takes more to see that it does.
  const written = (bytes: number): SharedArrayBuffer => new Uint8Array(new SharedArrayBuffer(bytes)).fill(1).buffer;
  await isGivenBack('rss', () => pool.applyAsync(written, [SMALL]), 2 * MANY);
});

const getters = {
  awaits: async (items: Queue<SharedArrayBuffer>, replies: Queue<number>): Promise<void> => {
    for await (const memory of items) replies.put(memory.byteLength);
  },
  blocks: (items: Queue<SharedArrayBuffer>, replies: Queue<number>): void => {
    for (const memory of items) replies.put(memory.byteLength);
  },
};

for (const [waits, target] of Object.entries(getters))
  test(`memory named by items is freed, although their consumer ${waits} and has little else to collect`, async () => {
    const [items, replies] = [new Queue<SharedArrayBuffer>(), new Queue<number>()];
    const getter = new Process({ target, args: [items, replies] });
    getter.start();
    atTestEnd(() => getter.terminate());
    await isGivenBack('arrayBuffers', () => {
      items.put(new SharedArrayBuffer(SMALL));
      return replies.getAsync({ timeout: 5000 });
    });
    items.shutdown();
    await getter.joinAsync({ timeout: 5000 });
  });

test('memory in arguments is kept for the worker, even if a getter among them gives a task to another pool', async () => {
  const pools = [new Pool(1), new Pool(1)];
  atTestEnd(() => {
    for (const pool of pools) pool.terminate();
  });
  const first = ({ words }: { words: Int32Array }): number => words[0];
  const nothing = (): void => {};
  // The workers have started, and have nothing left to load.
  await Promise.all(pools.map((pool) => pool.applyAsync(nothing)));
  for (const options of [{}, { retries: 1 }]) {
    const words = new Int32Array(new SharedArrayBuffer(4)).fill(7);
    const args = {
      words,
      get other() {
        return void pools[1].applyAsync(nothing, [], options);
      },
    };
    assert.is(await pools[0].applyAsync(first, [args], options), 7);
  }
});

test('memory in an item is lent, even if a getter of the item puts another into another queue', () => {
  const [outer, inner] = [new Queue<{ a: SharedArrayBuffer; b: SharedArrayBuffer }>(), new Queue<SharedArrayBuffer>()];
  const [a, b, c] = [8, 16, 24].map((size) => new SharedArrayBuffer(size));
  outer.put({
    a,
    get b() {
      inner.put(c);
      return b;
    },
  });
  assert.is(inner.get(), c);
  assert.equal(outer.get(), { a, b });
});

/** Advances the counts of a queue by half their range, as if that many items had been put and taken. */
function goHalfRound(queue: Queue<unknown>): void {
  const { words } = queue.arena.member;
  for (const side of [PUT_SIDE, GET_SIDE])
    for (const count of [COUNT, KNOWN]) Atomics.add(words, words[queue.cell + side] + count, 2 ** 31);
}

test('what was named half a range of counts ago is lent again', async () => {
  const channel = new BroadcastChannel('atomics-sync-free.memory.2');
  atTestEnd(() => channel.close());
  const lent: string[] = [];
  const told = new Promise<void>((resolve) => {
    channel.onmessage = ({ data }) => {
      lent.push(data.kind);
      if (data.kind === 'over') resolve();
    };
  });
  const queue = new Queue<unknown>();
  const bytes = new SharedArrayBuffer(8);
  for (let round = 0; round < 2; round++) {
    queue.put(bytes);
    assert.is(queue.get(), bytes);
    goHalfRound(queue);
  }
  const other = new BroadcastChannel('atomics-sync-free.memory.2');
  atTestEnd(() => other.close());
  other.postMessage({ kind: 'over' });
  await told;
  assert.equal(lent, ['lend', 'lend', 'over']);
});

test.run();
