// The guarantees of locks, semaphores, events and dicts across machines, on real servers.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { type Cluster, type ConnectOptions, connect } from 'atomics-sync-free/distributed';
import { Redis } from 'ioredis';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import { checkSecret, RedisServer } from './redis-server.js';
import { Way } from './way.js';

const test = suite('many machines');

/** In ms; a command may take half of it, on a machine where others are at work. */
const LEASE = 1500;
let server: RedisServer;

test.before(async () => {
  server = await RedisServer.start();
});
test.after(() => server.close());

async function open(options: ConnectOptions = {}, url = server.url): Promise<Cluster> {
  const cluster = await connect(url, { lease: LEASE, ...options });
  atTestEnd(() => cluster.closeAsync());
  return cluster;
}

async function ask(on = server): Promise<Redis> {
  const redis = new Redis(on.url);
  redis.on('error', () => {});
  atTestEnd(() => redis.disconnect());
  await redis.ping();
  return redis;
}

const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'nothing was thrown',
    (error) => {
      checkSecret(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`);
      return error.code;
    },
  );

async function until(condition: () => unknown, what: string): Promise<void> {
  for (let left = 3000; left > 0; left--) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error(`it has not come to this: ${what}`);
}

/** Another process, and its messages. */
function other(what: string, url = server.url): { child: ChildProcess; told: () => Promise<Record<string, unknown>> } {
  const child = fork(fileURLToPath(new URL('holder.process.js', import.meta.url)), [url, String(LEASE), what]);
  atTestEnd(() => {
    child.kill('SIGKILL');
  });
  const messages: Record<string, unknown>[] = [];
  child.on('message', (message) => messages.push(message as Record<string, unknown>));
  return {
    child,
    async told() {
      await until(() => messages.length > 0 || child.exitCode !== null, `a message of a process that is to ${what}`);
      const [first] = messages.splice(0, 1);
      assert.ok(first, 'the process has ended without a message');
      return first;
    },
  };
}

test('a lock passes to its waiters in order of arrival, with increasing fences', async () => {
  const [one, two] = [await open(), await open()];
  const first = await one.Lock('order').holdAsync();
  const came: string[] = [];
  const waits = ['a', 'b', 'c', 'd'].map(async (name, at) => {
    await until(async () => (await (await ask()).zcard('asf:{lock:order}:queue')) === at, `${at} wait`);
    const held = await (at % 2 === 0 ? one : two).Lock('order').holdAsync();
    came.push(name);
    await held.releaseAsync();
    return held.fence;
  });
  await until(async () => (await (await ask()).zcard('asf:{lock:order}:queue')) === 4, 'all wait');
  await first.releaseAsync();
  const fences = [first.fence, ...(await Promise.all(waits))];
  assert.equal(came, ['a', 'b', 'c', 'd']);
  assert.equal(
    fences,
    [...new Set(fences)].sort((a, b) => a - b),
  );
});

test('a cluster and its objects show what they are, and no secret', async () => {
  const cluster = await open();
  const shown = [cluster, cluster.Lock('a'), cluster.Semaphore('b', 2), cluster.Event('c'), cluster.dict('d')].map(
    (object) => inspect(object),
  );
  assert.equal(shown, [`Cluster (127.0.0.1:${server.port})`, 'Lock "a"', 'Semaphore "b"', 'Event "c"', 'dict "d"']);
  assert.is(String(cluster), shown[0]);
});

test('four processes exclude each other, and each gets its turns', async () => {
  const others = Array.from({ length: 4 }, () => other('sections'));
  for (const { told } of others) await told();
  for (const { child } of others) child.send('go');
  const sections = (await Promise.all(others.map(({ told }) => told()))).map((each) => each.sections as number[]);
  const all = sections.flat();
  assert.is(new Set(all).size, all.length);
  for (const own of sections) {
    assert.ok(own.length > 0);
    assert.equal(
      own,
      [...own].sort((a, b) => a - b),
    );
  }
});

test('a lease lasts while the event loop is busy', async () => {
  const [one, two] = [await open(), await open()];
  const held = await one.Lock('busy').holdAsync();
  for (const end = performance.now() + 3 * LEASE; performance.now() < end; );
  assert.ok(held.remaining > 0);
  assert.is(await codeOf(two.Lock('busy').holdAsync({ timeout: 0 })), 'ERR_TIMEOUT');
  await held.releaseAsync();
});

test('a holder that dies is succeeded after one lease, and the next holder learns of it', async () => {
  const { child, told } = other('hold');
  const { fence } = (await told()) as { fence: number };
  const cluster = await open();
  const waiting = cluster.Lock('shared').holdAsync();
  const began = performance.now();
  child.kill('SIGKILL');
  const held = await waiting;
  assert.ok(performance.now() - began < 2 * LEASE, `it took ${performance.now() - began} ms`);
  assert.ok(held.abandoned && held.fence > fence);
  await held.releaseAsync();
  assert.not((await cluster.Lock('shared').holdAsync()).abandoned);
});

test('a holder that was frozen learns that it has lost the lock, and its fence is refused', async () => {
  const { child, told } = other('hold');
  const { fence } = (await told()) as { fence: number };
  const cluster = await open();
  const waiting = cluster.Lock('shared').holdAsync();
  child.kill('SIGSTOP');
  const held = await waiting;
  await cluster.dict('guarded').setAsync('by', 'the next one', { fence: held.fence });
  child.send('write');
  child.kill('SIGCONT');
  const messages = [await told(), await told()];
  assert.ok(messages.some(({ aborted }) => aborted === 'ERR_LEASE_LOST'));
  assert.ok(messages.some(({ written }) => written === 'ERR_STALE_FENCE'));
  assert.is(await cluster.dict('guarded').getAsync('by'), 'the next one');
  assert.ok(fence < held.fence);
  await held.releaseAsync();
});

test('a waiter gets the lock even if the message is lost', async () => {
  const [one, two] = [await open(), await open()];
  const held = await one.Lock('lost').holdAsync();
  const waiting = two.Lock('lost').holdAsync();
  const redis = await ask();
  await until(async () => (await redis.zcard('asf:{lock:lost}:queue')) === 1, 'one waits');
  // Nobody hears the message, because listeners are connected again only afterwards.
  await redis.client('KILL', 'TYPE', 'pubsub');
  await held.releaseAsync();
  await (await waiting).releaseAsync();
});

test('waiting ends by timeout and by signal, and leaves nothing behind', async () => {
  const [one, two] = [await open(), await open()];
  const held = await one.Lock('given up').holdAsync();
  assert.is(await codeOf(two.Lock('given up').holdAsync({ timeout: 30 })), 'ERR_TIMEOUT');
  const reason = { code: 'mine' };
  const abort = new AbortController();
  const aborted = codeOf(two.Lock('given up').holdAsync({ signal: abort.signal }));
  abort.abort(reason);
  assert.is(await aborted, 'mine');
  const redis = await ask();
  await until(async () => (await redis.exists('asf:{lock:given up}:queue')) === 0, 'nobody waits');
  await held.releaseAsync();
  assert.is(await one.Lock('given up').lockedAsync(), false);
});

test('a semaphore has as many permits as its users agree on', async () => {
  const [one, two] = [await open(), await open()];
  const held = [await one.Semaphore('s', 2).holdAsync(), await two.Semaphore('s', 2).holdAsync()];
  assert.is(await one.Semaphore('s', 2).valueAsync(), 0);
  assert.is(await codeOf(one.Semaphore('s', 2).holdAsync({ timeout: 0 })), 'ERR_TIMEOUT');
  assert.is(await codeOf(one.Semaphore('s', 3).holdAsync()), 'ERR_OTHER_PERMITS');
  for (const each of held) await each.releaseAsync();
  await (await one.Semaphore('s', 3).holdAsync()).releaseAsync();
});

test('an event releases all waiters, even those that miss that it was set', async () => {
  const [one, two] = [await open(), await open()];
  const waits = [one.Event('e').waitAsync(), two.Event('e').waitAsync(), two.Event('e').waitAsync({ timeout: 10_000 })];
  const redis = await ask();
  await until(async () => Number((await redis.pubsub('NUMSUB', 'asf:{event:e}:set'))[1]) === 2, 'two listen');
  await one.Event('e').setAsync();
  await one.Event('e').clearAsync();
  assert.equal(await Promise.all(waits), [true, true, true]);
  assert.is(await two.Event('e').isSetAsync(), false);
  assert.is(await two.Event('e').waitAsync({ timeout: 20 }), false);
});

test('a dict holds what structured clone carries', async () => {
  const dict = (await open()).dict<unknown>('d');
  const value = { at: new Date(5), map: new Map([['a', new Uint8Array([1, 2])]]) };
  await dict.setAsync('k', value);
  assert.equal(await dict.getAsync('k'), value);
  assert.equal(await dict.entriesAsync(), [['k', value]]);
  assert.is(await codeOf(dict.setAsync('k', () => {})), 'ERR_NOT_CLONEABLE');
  assert.throws(() => Object.assign(dict, { k: value }), TypeError);
  assert.is(await dict.deleteAsync('k'), true);
  assert.equal([await dict.hasAsync('k'), await dict.sizeAsync(), await dict.keysAsync()], [false, 0, []]);
});

test('names and keys that a server could not tell from others are refused', async () => {
  const cluster = await open();
  const dict = cluster.dict<unknown>('halves');
  for (const text of ['\ud800', 'a\udc00', '\udc00\ud800']) {
    for (const make of [
      () => cluster.Lock(text),
      () => cluster.Semaphore(text, 1),
      () => cluster.Event(text),
      () => cluster.dict(text),
    ])
      assert.throws(make, /^name contains an unpaired surrogate/);
    for (const call of [
      () => dict.setAsync(text, 1),
      () => dict.getAsync(text),
      () => dict.hasAsync(text),
      () => dict.deleteAsync(text),
    ])
      assert.match(
        String(await (call() as Promise<unknown>).catch((error: Error) => error.message)),
        /^key contains an unpaired surrogate/,
      );
  }
  assert.is(await dict.sizeAsync(), 0);
  // Values are bytes, and complete surrogate pairs are ordinary characters.
  await dict.setAsync('\u{1f512}', '\udc00');
  assert.equal(await dict.entriesAsync(), [['\u{1f512}', '\udc00']]);
});

test('only keys of the namespace are used', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  const cluster = await open({ namespace: 'mine' }, own.url);
  await cluster.Lock('a').runAsync(() => {});
  await cluster.Semaphore('a', 2).holdAsync();
  await cluster.Event('a').setAsync();
  await cluster.dict('a').setAsync('k', 1, { fence: 1 });
  const keys = await (await ask(own)).keys('*');
  assert.ok(keys.length > 4);
  assert.equal(
    keys.filter((key) => !key.startsWith('mine:')),
    [],
  );
});

test('a server that restarts without its data grants with higher fences, and the holder learns that it lost the lock', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  const cluster = await open({}, own.url);
  const held = await cluster.Lock('l').holdAsync();
  const aborted = once(held.signal, 'abort');
  await own.kill();
  await own.begin();
  await aborted;
  assert.is(held.signal.reason.code, 'ERR_LEASE_LOST');
  assert.is(await codeOf(held.releaseAsync()), 'ERR_LEASE_LOST');
  const next = await cluster.Lock('l').holdAsync();
  assert.ok(next.fence > held.fence);
});

test('a server that restarts with its data still knows who has the lock', async () => {
  const own = await RedisServer.start({ durable: true });
  atTestEnd(() => own.close());
  const cluster = await open({ lease: 10_000 }, own.url);
  const held = await cluster.Lock('l').holdAsync();
  await own.kill();
  await own.begin();
  assert.is(await codeOf(cluster.Lock('l').holdAsync({ timeout: 0 })), 'ERR_TIMEOUT');
  await held.releaseAsync();
  assert.ok((await cluster.Lock('l').holdAsync()).fence > held.fence);
});

test('fences increase across a failover, and a lock that a replica must know is known there', async () => {
  const [first, second] = [await RedisServer.start(), await RedisServer.start()];
  atTestEnd(async () => {
    await first.close();
    await second.close();
  });
  const admin = await ask(second);
  await admin.call('REPLICAOF', '127.0.0.1', String(first.port));
  // The replica knows before the server does, which counts it from its first acknowledgement on.
  const source = await ask(first);
  await until(async () => (await source.call('WAIT', '1', '100')) === 1, 'the server counts its replica');
  const cluster = await open({ replicas: 1, lease: 2 * LEASE }, first.url);
  const held = await cluster.Lock('l').holdAsync();
  assert.is(await codeOf(open({}, second.url).then((replica) => replica.Lock('l').holdAsync())), 'ERR_READ_ONLY');
  await first.kill();
  await admin.call('REPLICAOF', 'NO', 'ONE');
  const after = await open({}, second.url);
  const next = await after.Lock('l').holdAsync();
  assert.ok(next.abandoned && next.fence > held.fence);
  // A server that knows of no grant, but whose clock is later.
  const blank = await open({}, server.url);
  assert.ok((await blank.Lock('never granted here').holdAsync()).fence > next.fence);
});

test('too few replicas are reported, and the lock is free again', async () => {
  const cluster = await open({ replicas: 1 });
  assert.is(await codeOf(cluster.Lock('alone').holdAsync()), 'ERR_NOT_REPLICATED');
  await until(async () => !(await cluster.Lock('alone').lockedAsync()), 'the lock is free');
});

test('a full server is reported, and a lock that is held is renewed and released', async () => {
  const own = await RedisServer.start({ args: ['--maxmemory-policy', 'noeviction'] });
  atTestEnd(() => own.close());
  const cluster = await open({}, own.url);
  const held = await cluster.Lock('l').holdAsync();
  await (await ask(own)).config('SET', 'maxmemory', '1');
  assert.is(await codeOf(cluster.Lock('other').holdAsync()), 'ERR_SERVER_FULL');
  const { remaining } = held;
  await new Promise((resolve) => setTimeout(resolve, 2 * LEASE));
  assert.ok(remaining > 0 && held.remaining > 0);
  await held.releaseAsync();
});

test('a server that does not answer is reported within two leases', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  const cluster = await open({}, own.url);
  process.kill(own.pid, 'SIGSTOP');
  const began = performance.now();
  assert.is(await codeOf(cluster.Lock('l').holdAsync()), 'ERR_SERVER_TIMEOUT');
  assert.ok(performance.now() - began < 2 * LEASE);
  process.kill(own.pid, 'SIGCONT');
  await until(async () => !(await cluster.Lock('l').lockedAsync()), 'the server answers, and nobody has the lock');
});

test('a wait with a timeout ends in time, however long the server takes to answer', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  const cluster = await open({ lease: 60_000 }, own.url);
  process.kill(own.pid, 'SIGSTOP');
  atTestEnd(() => void process.kill(own.pid, 'SIGCONT'));
  const began = performance.now();
  const waits = [
    codeOf(cluster.Lock('l').holdAsync({ timeout: 300 })),
    codeOf(cluster.Semaphore('s', 2).runAsync(() => 1, { timeout: 300 })),
    cluster.Event('e').waitAsync({ timeout: 300 }),
  ];
  assert.equal(await Promise.all(waits), ['ERR_TIMEOUT', 'ERR_TIMEOUT', false]);
  const took = performance.now() - began;
  assert.ok(took >= 299 && took < 10_000, `${took} ms`);
  process.kill(own.pid, 'SIGCONT');
  // What was granted meanwhile is given back.
  await until(async () => !(await cluster.Lock('l').lockedAsync()), 'nobody has the lock');
  await (await cluster.Lock('l').holdAsync({ timeout: 10_000 })).releaseAsync();
});

const lockCanBeHad = (cluster: Cluster): Promise<unknown> =>
  until(
    () =>
      cluster
        .Lock('l')
        .holdAsync()
        .catch(() => undefined),
    'the lock can be had',
  );

test('a server that is away is reported, and found again', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  const cluster = await open({}, own.url);
  await own.kill();
  assert.is(await codeOf(cluster.Lock('l').holdAsync()), 'ERR_UNREACHABLE');
  assert.is(await codeOf(connect(own.url, { lease: LEASE })), 'ERR_UNREACHABLE');
  await own.begin();
  await lockCanBeHad(cluster);
});

test('what was given up while the server was unreachable is not done once it is reachable', async () => {
  const way = await Way.open(server.port);
  atTestEnd(() => way.close());
  const [cut, other] = [await open({}, server.url.replace(String(server.port), String(way.port))), await open()];
  await cut.dict('late').setAsync('k', 'before');
  await cut.Event('late').setAsync();
  await way.cut();
  const refused = [
    cut.dict('late').setAsync('k', 'given up'),
    cut.Event('late').clearAsync(),
    cut.Event('never').waitAsync(),
  ];
  assert.equal(await Promise.all(refused.map(codeOf)), Array(3).fill('ERR_UNREACHABLE'));
  await other.dict('late').setAsync('k', 'since');
  await way.mend();
  await lockCanBeHad(cut);
  assert.is(await cut.dict('late').getAsync('k'), 'since');
  assert.is(await cut.Event('late').isSetAsync(), true);
});

test('a wait is aborted at once, whatever the server does', async () => {
  const way = await Way.open(server.port);
  atTestEnd(() => way.close());
  const cluster = await open({ lease: 60_000 }, server.url.replace(String(server.port), String(way.port)));
  await way.cut();
  const abort = new AbortController();
  const waits = [
    codeOf(cluster.Event('away').waitAsync({ signal: abort.signal })),
    codeOf(cluster.Lock('away').holdAsync({ signal: abort.signal })),
  ];
  const began = performance.now();
  abort.abort({ code: 'mine' });
  assert.equal(await Promise.all(waits), ['mine', 'mine']);
  assert.ok(performance.now() - began < 10_000);
});

test('a server that accepts connections but says nothing is reported, and left for one that answers', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  const cluster = await open({}, own.url);
  await own.kill();
  const mute = createServer().listen(own.port, '127.0.0.1');
  await once(mute, 'listening');
  assert.is(await codeOf(connect(own.url, { lease: LEASE })), 'ERR_UNREACHABLE');
  assert.is(await codeOf(cluster.Lock('l').holdAsync()), 'ERR_UNREACHABLE');
  // The connections that it has accepted stay open.
  mute.close();
  await own.begin();
  await lockCanBeHad(cluster);
});

test('no error contains a password', async () => {
  // Nor does any error of the other tests, which codeOf checks.
  const redis = await ask();
  await redis.call(
    'ACL',
    'SETUSER',
    'reader',
    'on',
    '>s3cret',
    '~*',
    '&*',
    '+@read',
    '+@connection',
    '+info',
    '+subscribe',
  );
  const reader = await open({}, `redis://reader:s3cret@127.0.0.1:${server.port}`);
  for (const refused of [
    reader.Lock('l').holdAsync(),
    reader.Event('e').setAsync(),
    reader.dict('d').setAsync('k', 1),
  ]) {
    const error = await refused.then(
      () => undefined,
      (thrown) => thrown,
    );
    assert.is(error?.code, 'ERR_SERVER_REFUSED');
    assert.not.match(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`, 's3cret');
  }
  for (const [wrong, code] of [
    [`redis://:s3cret@127.0.0.1:${server.port}`, 'ERR_SERVER_REFUSED'],
    [`redis://127.0.0.1:${server.port}`, 'ERR_SERVER_REFUSED'],
    ['redis://user:s3cret@127.0.0.1:1', 'ERR_UNREACHABLE'],
    ['http://user:s3cret@127.0.0.1', undefined],
    ['s3cret', undefined],
  ] as const) {
    const error = await connect(wrong, { lease: LEASE }).then(
      () => undefined,
      (thrown) => thrown,
    );
    assert.is(error?.code, code);
    assert.not.match(`${inspect(error, { depth: 9 })} ${JSON.stringify(error)}`, 's3cret');
  }
});

test('a closed cluster refuses calls, and its waiters are told', async () => {
  const [one, two] = [await open(), await open()];
  await one.Lock('closed').holdAsync();
  const waiting = codeOf(two.Lock('closed').holdAsync());
  const redis = await ask();
  await until(async () => (await redis.zcard('asf:{lock:closed}:queue')) === 1, 'one waits');
  await two.closeAsync();
  assert.is(await waiting, 'ERR_CLOSED');
  assert.is(await codeOf(two.Lock('closed').holdAsync()), 'ERR_CLOSED');
});

test('a cluster closed while a lock is being granted keeps nobody else from it', async () => {
  const [one, two] = [await open({ lease: 60_000 }), await open()];
  const holding = codeOf(one.Lock('closing').holdAsync());
  const closing = one.closeAsync();
  assert.is(await holding, 'ERR_CLOSED');
  await closing;
  await (await two.Lock('closing').holdAsync({ timeout: 20_000 })).releaseAsync();
});

/** A cluster whose server takes long to answer: longer than it takes to stop a keeper. */
async function openFar(lease = 60_000): Promise<Cluster> {
  const way = await Way.open(server.port, 300);
  atTestEnd(() => way.close());
  return open({ lease }, server.url.replace(String(server.port), String(way.port)));
}

test('closing a cluster completes what is under way, even if the server must be told the scripts again', async () => {
  const [redis, near] = [await ask(), await open()];
  for (const known of [true, false]) {
    const far = await openFar();
    const held = await far.Lock('far').holdAsync();
    if (!known) await redis.script('FLUSH');
    const asking = codeOf(far.Lock('asked for').holdAsync());
    const done = Promise.all([
      held.releaseAsync(),
      far.dict('far').setAsync('known', known),
      far.Event('far').setAsync(),
    ]);
    await far.closeAsync();
    assert.is(await asking, 'ERR_CLOSED');
    await done;
    assert.is(await near.dict('far').getAsync('known'), known);
    assert.is(await near.Event('far').isSetAsync(), true);
    await near.Event('far').clearAsync();
    for (const name of ['far', 'asked for'])
      await (await near.Lock(name).holdAsync({ timeout: 20_000 })).releaseAsync();
  }
});

test('waits that have only just begun are told that their cluster was closed', async () => {
  const near = await open();
  const held = await near.Lock('just begun').holdAsync();
  const far = await openFar();
  const waits = [codeOf(far.Lock('just begun').holdAsync()), codeOf(far.Event('just begun').waitAsync())];
  await far.closeAsync();
  assert.equal(await Promise.all(waits), ['ERR_CLOSED', 'ERR_CLOSED']);
  await held.releaseAsync();
});

test('what waits for a server that is away is told that its cluster was closed', async () => {
  const way = await Way.open(server.port);
  atTestEnd(() => way.close());
  const cluster = await open({ lease: 60_000 }, server.url.replace(String(server.port), String(way.port)));
  await way.cut();
  const waits = [
    codeOf(cluster.Lock('away').holdAsync()),
    codeOf(cluster.Event('away').waitAsync()),
    codeOf(cluster.Event('away').setAsync()),
    codeOf(cluster.dict('away').getAsync('k')),
  ];
  await cluster.closeAsync();
  assert.equal(await Promise.all(waits), Array(4).fill('ERR_CLOSED'));
});

test('a cluster that is closed while its server is away leaves no timer behind', async () => {
  const left = new Set<unknown>();
  const { setInterval: start, clearInterval: end } = globalThis;
  atTestEnd(() => void Object.assign(globalThis, { setInterval: start, clearInterval: end }));
  Object.assign(globalThis, {
    setInterval: (...args: Parameters<typeof start>) => {
      const timer = start(...args);
      left.add(timer);
      return timer;
    },
    clearInterval: (timer: NodeJS.Timeout) => {
      left.delete(timer);
      end(timer);
    },
  });
  const way = await Way.open(server.port);
  atTestEnd(() => way.close());
  const cluster = await open({ lease: 60_000 }, server.url.replace(String(server.port), String(way.port)));
  assert.ok(left.size > 0);
  await way.cut();
  assert.is(await codeOf(cluster.Event('away').waitAsync({ timeout: 1 })), 'nothing was thrown');
  await cluster.closeAsync();
  assert.is(left.size, 0);
});

test('an aborted request does not come after its release, even if the server must be told its script again', async () => {
  const [redis, near, far] = [await ask(), await open(), await openFar()];
  const held = await near.Lock('another').holdAsync();
  await redis.script('FLUSH');
  // From now on the server knows the script that releases, but not the one that asks.
  await held.releaseAsync();
  const abort = new AbortController();
  const asking = codeOf(far.Lock('aborted').holdAsync({ signal: abort.signal }));
  abort.abort({ code: 'mine' });
  assert.is(await asking, 'mine');
  // By the second answer it has been told the script.
  await far.Event('aborted').isSetAsync();
  await far.Event('aborted').isSetAsync();
  await (await near.Lock('aborted').holdAsync({ timeout: 20_000 })).releaseAsync();
});

test('releasing a hold fails after its cluster was closed', async () => {
  const cluster = await open();
  const held = await cluster.Lock('held and closed').holdAsync();
  await cluster.closeAsync();
  assert.is(await codeOf(held.releaseAsync()), 'ERR_CLOSED');
});

test('a release is no loss if its answer is lost with the connection', async () => {
  const way = await Way.open(server.port, 300);
  atTestEnd(() => way.close());
  const [near, far] = [
    await open(),
    await open({ lease: 60_000 }, server.url.replace(String(server.port), String(way.port))),
  ];
  const held = await far.Lock('answered').holdAsync();
  const releasing = held.releaseAsync();
  await until(async () => !(await near.Lock('answered').lockedAsync()), 'the server has released it');
  await way.cut();
  await way.mend();
  await releasing;
});

test('an event that a server has lost was not set, and whoever waits learns when it is', async () => {
  const own = await RedisServer.start();
  atTestEnd(() => own.close());
  const [one, two] = [await open({ lease: 10_000 }, own.url), await open({}, own.url)];
  const event = one.Event('lost');
  const set = async (): Promise<void> => {
    await two.Event('lost').setAsync();
    await two.Event('lost').clearAsync();
  };
  await set();
  const [short, long] = [event.waitAsync({ timeout: 3000 }), event.waitAsync({ timeout: 60_000 })];
  const redis = await ask(own);
  const listen = async () => Number((await redis.pubsub('NUMSUB', 'asf:{event:lost}:set'))[1]) === 1;
  await until(listen, 'it is waited for');
  await event.isSetAsync();
  await own.kill();
  await own.begin();
  assert.is(await short, false);
  await until(listen, 'it is waited for again');
  await set();
  assert.is(await long, true);
});

test('nothing about a lock is kept for ever, whoever dies', async () => {
  const [one, two] = [await open(), await open()];
  const redis = await ask();
  const key = (what: string): string => `asf:{lock:forgotten}:${what}`;
  await one.Lock('forgotten').holdAsync();
  const waiting = codeOf(two.Lock('forgotten').holdAsync());
  const scores = async () =>
    Promise.all(['held', 'alive'].map(async (each) => (await redis.zrange(key(each), 0, 0, 'WITHSCORES'))[1]));
  await until(async () => (await scores())[1] !== undefined, 'one waits');
  for (let times = 0; times < 2; times++) {
    for (const each of ['meta', 'held', 'queue', 'alive']) assert.ok((await redis.pttl(key(each))) > LEASE, each);
    const before = await scores();
    await until(async () => (await scores()).every((each, at) => each !== before[at]), 'both are renewed');
  }
  await two.closeAsync();
  assert.is(await waiting, 'ERR_CLOSED');
});

test('whoever waits for replicas can give up at once, and holds up nobody else', async () => {
  const [one, two] = [await open({ replicas: 1, lease: 60_000 }), await open()];
  const abort = new AbortController();
  const holding = codeOf(one.Lock('copied').holdAsync({ signal: abort.signal }));
  const late = codeOf(one.Lock('copied late').holdAsync({ timeout: 200 }));
  for (const name of ['copied', 'copied late'])
    await until(() => two.Lock(name).lockedAsync(), 'it is granted, but not copied');
  const began = performance.now();
  assert.is(await one.dict('copied').getAsync('k'), undefined);
  assert.is(await late, 'ERR_TIMEOUT');
  abort.abort({ code: 'mine' });
  assert.is(await holding, 'mine');
  assert.ok(performance.now() - began < 10_000, 'replicas are waited for for 15 s');
});

test('a connection that has gone without anybody saying so is replaced', async () => {
  const way = await Way.open(server.port);
  atTestEnd(() => way.close());
  const [near, far] = [await open(), await open({}, server.url.replace(String(server.port), String(way.port)))];
  await (await far.Lock('l').holdAsync()).releaseAsync();
  way.silence();
  await lockCanBeHad(far);
  // So is that on which messages come: a wait begins with a subscription.
  await near.Event('silent').setAsync();
  await until(
    () =>
      far
        .Event('silent')
        .waitAsync({ timeout: LEASE })
        .catch(() => false),
    'a subscription is answered',
  );
});

test('a database that the server does not have is refused', async () => {
  assert.is(await codeOf(connect(`${server.url}/99`, { lease: LEASE })), 'ERR_SERVER_REFUSED');
  const [zero, one] = [await open(), await open({}, `${server.url}/1`)];
  await zero.dict('database').setAsync('k', 0);
  assert.is(await one.dict('database').getAsync('k'), undefined);
});

test('an error of the function takes precedence over a lost lock, and that over the result', async () => {
  const cluster = await open();
  const redis = await ask();
  const lose = () => redis.del('asf:{lock:run}:held', 'asf:{lock:run}:meta');
  assert.is(await cluster.Lock('run').runAsync(({ fence }) => fence > 0), true);
  assert.is(await codeOf(cluster.Lock('run').runAsync(lose)), 'ERR_LEASE_LOST');
  const thrown = { code: 'mine' };
  const fails = async () => {
    await lose();
    throw thrown;
  };
  assert.is(await codeOf(cluster.Lock('run').runAsync(fails)), 'mine');
});

test.run();
