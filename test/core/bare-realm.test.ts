/**
 * Realms that have what the language has and nothing of a host: audio worklets, and the sandboxes of test runners. The parts of
 * the package that need no worker work there; the others say so.
 */
import { type Context, createContext, runInContext } from 'node:vm';
import { Lock, type Shared, share } from 'atomics-sync-free';
import { build } from 'esbuild';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';

const test = suite('realms without the globals of a host');

/** Evaluates an expression in a new realm that has this part of the package as M, and what is given. */
async function there<T>(part: string, expression: string, given: Record<string, unknown> = {}): Promise<T> {
  const context: Context = createContext({ ...given });
  const { outputFiles } = await build({
    entryPoints: [new URL(`../../../dist/${part}/index.js`, import.meta.url).pathname],
    bundle: true,
    format: 'iife',
    globalName: 'M',
    platform: 'browser',
    conditions: ['browser'],
    define: { 'import.meta.url': '"https://host/file.js"' },
    write: false,
    logLevel: 'error',
  });
  // Such a realm keeps no process alive.
  const timer = setInterval(() => {}, 60_000);
  try {
    runInContext(outputFiles[0].text, context);
    return (await runInContext(`(async () => (${expression}))()`, context)) as T;
  } finally {
    clearInterval(timer);
  }
}

const codeOf = 'async (call) => { try { await call(); } catch (error) { return error.code; } }';

test('primitives are made, acquired, waited for and shared', async () => {
  const lock = new Lock({ name: 'ours' });
  const got = await there<unknown[]>(
    '.',
    `(async () => {
      const lock = M.attach(handle);
      const own = new M.Lock();
      const busy = own.acquire() && (await own.acquireAsync({ timeout: 20 }));
      const waits = own.acquireAsync({ timeout: 60_000 });
      own.release();
      const barrier = new M.Barrier(2);
      const condition = new M.Condition(new M.Lock());
      const notified = condition.runAsync((hold) => condition.waitAsync({ timeout: 60_000 }));
      await condition.runAsync(() => condition.notify());
      return [
        lock.tryAcquire(), busy, await waits, own.locked, await notified,
        await Promise.all([barrier.waitAsync(), barrier.waitAsync()]),
        await new M.Semaphore(1).acquireAsync({ timeout: 10 }), await new M.Event().waitAsync({ timeout: 10 }),
        new M.Event().wait(5),
      ];
    })()`,
    { handle: share(lock) as Shared<Lock> },
  );
  assert.equal(
    [...got].map((each) => (Array.isArray(each) ? [...each] : each)),
    [true, false, true, true, true, [0, 1], true, false, false],
  );
});

test('arenas of such realms have identities of their own', async () => {
  const ids = await Promise.all([0, 1].map(() => there<string>('.', 'new M.Arena().id')));
  assert.is.not(ids[0], ids[1]);
  for (const id of ids) assert.match(id, /^(?!0+$)[0-9a-f]{32}$/);
});

test('queues, pipes and values serve their own realm; what needs a worker says that there is none', async () => {
  const got = await there<unknown[]>(
    'multiprocessing',
    `(async () => {
      const code = ${codeOf};
      const queue = new M.Queue();
      const long = 'æ'.repeat(1000) + '\u{1f600}', ascii = 'a'.repeat(5000);
      for (const item of [{ a: [1, long] }, ascii]) queue.put(item);
      const value = new M.Value('i', 3);
      const [one, other] = M.Pipe();
      one.send(new Map([[1, new Uint8Array(3)]]));
      const items = [queue.get(), await queue.getAsync()];
      return [
        items[0].a[1] === long, items[1] === ascii, value.value, other.recv().get(1).length,
        await code(() => queue.getAsync({ timeout: 5 })), await code(() => M.waitAsync([queue])), M.cpuCount() > 0,
        await code(() => new M.Process({ target: function f() {} }).start()),
        await code(() => new M.Pool(1)), await code(() => new M.Manager()),
      ];
    })()`,
  );
  assert.equal([...got], [true, true, 3, 3, 'ERR_EMPTY', 'ERR_UNSUPPORTED', true, ...Array(3).fill('ERR_NO_SPAWNER')]);
});

test('threads and parallel loops say that there is no worker', async () => {
  const threads = `(async () => {
    const code = ${codeOf};
    return [
      M.currentThread().name, M.activeCount(),
      await code(() => new M.Thread({ target: function f() {} }).start()), M.activeCount(),
      await code(() => new M.Timer(10, function f() {}).start()),
    ];
  })()`;
  assert.equal(
    [...(await there<unknown[]>('threading', threads))],
    ['MainThread', 1, 'ERR_NO_SPAWNER', 1, 'ERR_NO_SPAWNER'],
  );
  const loops = `(async () => {
    const code = ${codeOf};
    const calls = () => [1, 2, 3].map((n) => M.delayed(function f(n) { return n * n; })(n));
    return [
      String(new M.Parallel({ nJobs: 1 }).run(calls())), String(await new M.Parallel({ nJobs: 1 }).runAsync(calls())),
      await code(() => new M.Parallel({ nJobs: 2 }).runAsync(calls())), M.hash([1, 2.5]).length,
      await code(() => M.hash('a')), await code(() => new M.Memory('folder').cache(function f() {})()),
    ];
  })()`;
  assert.equal(
    [...(await there<unknown[]>('joblib', loops))],
    ['1,4,9', '1,4,9', 'ERR_NO_SPAWNER', 64, 'ERR_UNSUPPORTED', 'ERR_NO_FILES'],
  );
});

test('the other parts load', async () => {
  for (const part of ['gil', 'trace', 'check', 'stress', 'gil/outcomes'])
    assert.ok((await there<number>(part, 'Object.keys(M).length')) > 0, part);
});

test.run();
