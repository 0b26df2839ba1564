// Processes of the start method 'process': how they are like those of 'worker', and how they differ.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import {
  activeChildren,
  currentProcess,
  Event,
  getAllStartMethods,
  getContext,
  getStartMethod,
  Pipe,
  Process,
  Queue,
  setStartMethod,
  wait,
  waitAsync,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { suite } from '../support/suite.js';
import { thrownBy } from '../support/threads.js';
import {
  answerAndWait,
  block,
  echo,
  endBy,
  Greeter,
  handleTerm,
  pidOf,
  spinFor,
  waitForNothing,
  waitForSignal,
  whoInThread,
} from './child.tasks.js';
import { context, isRunning, LONG, started, withPipe } from './children.js';

const test = suite('child processes');

/** Why a promise was rejected. */
const rejectionOf = (promise: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(promise).then(
    () => undefined,
    (error) => error,
  );

for (const method of ['worker', 'process'] as const) {
  test(`a thread is part of the process that started it (start method '${method}')`, () => {
    const [mine, its] = Pipe();
    const process = started(new Process({ target: whoInThread, args: [its], context: method, daemon: true }));
    its.close();
    const here = { name: process.name, pid: process.pid, daemon: true };
    assert.equal(mine.recv(LONG), { here, parent: currentProcess(), refused: 'ERR_DAEMON' });
    process.join(LONG);
  });
}

test('a child is a process of the operating system that knows itself and its parent, and join blocks for it', async () => {
  const given = { deep: [1n, new Map([['a', new Date(0)]])], bytes: new Float64Array([1.5]) };
  const [child, connection] = withPipe(echo, given);
  const { pid } = child;
  assert.ok(pid !== undefined && isRunning(pid) && child.isAlive());
  assert.equal(activeChildren(), [child]);
  const here = { name: child.name, pid, daemon: false };
  const who = { here, parent: currentProcess(), isMain: false, isMainThread: true, thread: 'MainThread' };
  assert.equal(connection.recv(LONG), [given, who, pid]);
  // Many items, one of them large, go there and come back in order.
  const items = [...Array.from({ length: 300 }, (_, i) => ({ i })), new Uint8Array(300_000).fill(7)];
  for (const item of items) connection.send(item);
  assert.equal(wait([connection, child.sentinel], LONG), [connection]);
  for (const item of items) assert.equal(connection.recv(LONG), item);
  connection.close();
  child.join(LONG);
  assert.equal([child.exitcode, child.isAlive(), isRunning(pid), activeChildren()], [0, false, false, []]);
});

test('the exit code is that of the process, or minus the signal that ended it', async () => {
  const exiting = started(new Process({ target: endBy, args: ['exit'], context }));
  const spinning = started(new Process({ target: spinFor, args: [LONG], context }));
  spinning.kill();
  const [handling, connection] = withPipe(handleTerm);
  assert.is(await connection.recvAsync({ timeout: LONG }), 'ready');
  handling.terminate();
  for (const child of [exiting, spinning, handling]) await child.joinAsync({ timeout: LONG });
  assert.equal([exiting.exitcode, spinning.exitcode, handling.exitcode], [3, -9, 5]);
});

test('once a child has ended, no signal is sent to it, nor to anybody else', async () => {
  const program = new URL('./late-signal.program.js', import.meta.url).pathname;
  const run = spawn(process.execPath, [program], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  run.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  await once(run, 'close');
  assert.equal(JSON.parse(said), { came: 0, ended: 10 });
});

test('a child refuses calls that block, and what cannot be sent is refused in arguments and at the pipe', async () => {
  const [child, connection] = withPipe(block);
  const [send, recv, poll, sendBytes, looked, refusal] = connection.recv(LONG) as string[];
  assert.match(send, /^ERR_BLOCKING_REFUSED: .*use sendAsync\(\)$/);
  assert.match(recv, /^ERR_BLOCKING_REFUSED: .*use recvAsync\(\)$/);
  assert.match(poll, /^ERR_BLOCKING_REFUSED: .*use pollAsync\(\)$/);
  assert.match(sendBytes, /^ERR_BLOCKING_REFUSED: .*use sendAsync\(\)$/);
  assert.is(looked, 'false');
  assert.match(refusal, /^item\.held\[0\] lives in shared memory, .*send a copy/);
  child.join(LONG);

  const words = new Int32Array(new SharedArrayBuffer(8));
  for (const [bad, path] of [
    [{ words }, 'args[1].words.buffer is a SharedArrayBuffer'],
    [[new Event()], 'args[1][0] lives in shared memory'],
    [new Map([['q', new Queue()]]), 'args[1].get("q") lives in shared memory'],
    [() => 1, 'args[1] is a function'],
  ] as const) {
    const error = thrownBy(() => withPipe(echo, bad)) as Error & { code?: string };
    assert.is(error.code, 'ERR_NOT_CLONEABLE');
    assert.is(error.message.slice(0, path.length), path);
    assert.match(error.message, typeof bad === 'function' ? /cannot be copied/ : /give it a connection of a Pipe/);
  }
  assert.equal(activeChildren(), []);

  // What was sent before arrives; then the child learns why there is no more, and throws that.
  const [echoing, to] = withPipe(echo, 1);
  to.recv(LONG);
  to.send({ words });
  assert.is((thrownBy(() => to.recv(LONG)) as { code?: string }).code, 'ERR_END_OF_FILE');
  echoing.join(LONG);
  assert.is(echoing.exitcode, 1);
});

test('what waits for a promise that nothing can settle ends, by either method, and its callers are told', async () => {
  const why =
    /ended with exit code 0, by process.exit, self.close or because nothing was left that could settle its promise(; it was busy with item 0, by \S+ in \S+)?$/;
  const soon = { signal: AbortSignal.timeout(LONG) };
  for (const method of getAllStartMethods()) {
    const { Pool, Process } = getContext(method);
    const pool = new Pool(1);
    const broken = new Pool(1, { initializer: waitForNothing });
    try {
      for (const wait of [
        () => pool.applyAsync(waitForNothing, [], soon),
        () => pool.mapAsync(waitForNothing, [1, 2], soon),
        () => broken.applyAsync(pidOf, [], soon),
      ])
        assert.match(((await rejectionOf((async () => wait())())) as Error).message, why, `${method} ${wait}`);
      assert.is(typeof (await pool.applyAsync(pidOf)), 'number');
    } finally {
      pool.terminate();
      broken.terminate();
    }

    // All that it has sent arrives, however much it is.
    const [mine, its] = Pipe<number>();
    const waiting = started(new Process({ target: answerAndWait, args: [its, 300] }));
    its.close();
    await mine.sendAsync(1);
    for (let i = 0; i < 300; i++) assert.is(await mine.recvAsync({ timeout: LONG }), i);
    assert.is(((await rejectionOf(mine.recvAsync(soon))) as { code?: string }).code, 'ERR_END_OF_FILE', method);
    await waiting.joinAsync({ timeout: LONG });
    assert.is(waiting.exitcode, 13, method);
  }
});

test('a task that waits only for its signal keeps running until it is given up, by either method', async () => {
  for (const method of getAllStartMethods()) {
    const pool = new (getContext(method).Pool)(1);
    try {
      const pid = await pool.applyAsync(pidOf);
      const error = await rejectionOf(pool.applyAsync(waitForSignal, [], { timeout: 200 }));
      assert.is((error as { code?: string }).code, 'ERR_TIMEOUT', method);
      assert.is(await pool.applyAsync(pidOf), pid);
    } finally {
      pool.terminate();
    }
  }
});

test('run() of a subclass of Process runs in the new process, by either method, and here if called directly', async () => {
  for (const method of getAllStartMethods()) {
    const [mine, its] = Pipe();
    const greeter = started(new Greeter(its, 'Bob', method));
    assert.equal(mine.recv(LONG), ['hello Bob', 'greeter']);
    greeter.join(LONG);
    assert.is(greeter.exitcode, 0);
    its.close();
  }
  const [mine, its] = Pipe();
  await new Greeter(its, 'Eve', context).run();
  assert.equal(mine.recv(), ['hello Eve', 'MainProcess']);
  assert.is(new Process({ target: (a: number, b: number) => a - b, args: [3, 1] }).run(), 2);
});

test('the start method is set once, a context has its own, and unknown ones are refused', async () => {
  assert.equal([getAllStartMethods(), getStartMethod()], [['worker', 'process'], 'worker']);
  for (const bad of ['fork', 1, null, {}]) {
    assert.instance(
      thrownBy(() => setStartMethod(bad as never)),
      TypeError,
    );
    assert.instance(
      thrownBy(() => getContext(bad as never)),
      TypeError,
    );
    if (bad === null || typeof bad !== 'object') {
      assert.match(thrownBy(() => setStartMethod('worker', bad as never)).message, /options must be an object/);
      assert.match(thrownBy(() => new (getContext().Pool)(1, bad as never)).message, /options must be an object/);
      assert.match(thrownBy(() => new (getContext().Process)(bad as never)).message, /options must be an object/);
    }
    assert.instance(
      thrownBy(() => new Process({ target: endBy, args: ['exit'], context: bad as never })),
      TypeError,
    );
  }
  // If these were not other processes, this one would be killed.
  const children = [new (getContext('process').Process)({ target: endBy, args: ['kill'] })];
  setStartMethod('process');
  assert.is((thrownBy(() => setStartMethod('worker')) as { code?: string }).code, 'ERR_START_METHOD');
  assert.equal([getStartMethod(), getContext().startMethod], ['process', 'process']);
  children.push(new Process({ target: endBy, args: ['kill'] }));
  setStartMethod('worker', { force: true });
  for (const child of children) child.start();
  assert.ok(
    (
      await waitAsync(
        children.map(({ sentinel }) => sentinel),
        { timeout: LONG },
      )
    ).length > 0,
  );
  for (const child of children) child.join(LONG);
  assert.equal(
    children.map(({ exitcode }) => exitcode),
    [-9, -9],
  );
});

test('what a child process prints arrives, however much it is', () => {
  const program = fileURLToPath(new URL('./output.program.js', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [program], {
    encoding: 'utf8',
    maxBuffer: 2 ** 24,
    timeout: LONG,
  });
  assert.equal([stderr, stdout.length], ['', 2_000_000]);
});

test.run();
