import { spawnSync } from 'node:child_process';
import {
  Arena,
  activeChildren,
  type Connection,
  currentProcess,
  fromModule,
  getContext,
  Lock,
  Pipe,
  Process,
  parentProcess,
  Queue,
  Value,
  type Waitable,
  wait,
  waitAsync,
} from 'atomics-sync-free/multiprocessing';
import { enumerate, Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { client } from '#dist/tasks/client.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { settleAtLast, waitForNothing } from './child.tasks.js';
import { exit, failToBegin, leaveRejected, putInAWhile, spin, startChildAndWait, tellWho } from './pool.tasks.js';
import { Idle, Self } from './upper.js';

const test = suite('processes');

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;

function started<Started extends { start(): void }>(process: Started): Started {
  process.start();
  return process;
}

function errorOf(call: () => unknown): Error & { code?: string } {
  try {
    call();
  } catch (error) {
    return error as Error;
  }
  throw new Error('nothing was thrown');
}

test('its function is called with its arguments, and those that processes share are shared', () => {
  const [queue, lock, value, [here, there]] = [new Queue<unknown>(), new Lock(), new Value('i', 1), Pipe<string>()];
  const target = (queue: Queue<unknown>, given: { lock: Lock; value: Value; there: Connection<string> }): void => {
    given.value.value = 7;
    given.there.send('sent');
    given.there.close();
    queue.put([given.lock.locked, { copied: true }]);
  };
  lock.acquire();
  const process = started(new Process({ target, args: [queue, { lock, value, there }] }));
  there.close();
  assert.equal([queue.get(LONG), here.recv(), value.value], [[true, { copied: true }], 'sent', 7]);
  process.join(LONG);
  assert.equal([process.exitcode, process.isAlive(), activeChildren()], [0, false, []]);
});

test('a process knows itself and the process that started it; nobody started the first', () => {
  // The process lives until this item is taken, because only then can it put its own.
  const queue = new Queue<unknown>(1);
  queue.put('full');
  const process = new Process({ target: tellWho, args: [queue], name: 'one' });
  assert.equal(
    [process.pid, process.exitcode, process.isAlive(), process.daemon],
    [undefined, undefined, false, false],
  );
  assert.equal(currentProcess(), { name: 'MainProcess', pid: enumerate()[0].ident, daemon: false });
  assert.is(parentProcess(), undefined);
  process.daemon = true;
  process.name = 'two';
  process.start();
  assert.equal([process.ident === process.pid, typeof process.pid, process.name], [true, 'number', 'two']);
  assert.is(activeChildren()[0], process);
  assert.is(queue.get(), 'full');
  const here = { name: 'two', pid: process.pid, daemon: true };
  assert.equal(queue.get(LONG), { here, parent: currentProcess(), isMainThread: false });
  process.join(LONG);
});

test('the exit code says how a process ended', async () => {
  const processes = [
    ...[3, 256, -1].map((code) => started(new Process({ target: exit, args: [code] }))),
    started(new Process({ target: failToBegin })),
    started(new Process({ target: leaveRejected })),
    started(new Process({ target: spin })),
    started(new Process({ target: spin })),
  ];
  processes[5].terminate();
  processes[6].kill();
  processes[6].terminate();
  for (const process of processes) await process.joinAsync({ timeout: LONG });
  assert.equal(
    processes.map(({ exitcode }) => exitcode),
    [3, 0, 255, 1, 1, -15, -9],
  );
  processes[0].terminate();
  assert.is(processes[0].exitcode, 3);
});

test('a sentinel is ready when the process ends, and can be waited for with others', async () => {
  const queue = new Queue<number>();
  const process = started(new Process({ target: spin, daemon: true }));
  const { sentinel } = process;
  assert.equal(await waitAsync([queue, sentinel], { timeout: 5 }), []);
  process.terminate();
  const ready = await waitAsync<Queue<number> | typeof sentinel>([queue, sentinel], { timeout: LONG });
  assert.equal([ready.length, ready.indexOf(process.sentinel)], [1, 0]);
});

test('what cannot be sent is named by its place in the arguments', () => {
  for (const context of ['worker', 'process'] as const) {
    const target = (_: unknown, __: unknown): void => {};
    const process = new Process({ target, args: [1, { call: () => 1 }], context });
    assert.throws(() => process.start(), /^args\[1\]\.call is a function/);
  }
});

test('a process or a thread is started once, also when its own arguments start it', () => {
  const target = (value: object): number => Object.keys(value).length;
  for (const context of ['worker', 'process', 'thread'] as const) {
    const codes: (string | undefined)[] = [];
    const arg = {
      get own(): number {
        // Once, because each start reads it.
        if (codes.length === 0) for (const call of again) codes.push(errorOf(call).code);
        return 1;
      },
    };
    const args: [object] = [arg];
    const one = context === 'thread' ? new Thread({ target, args }) : new Process({ target, args, context });
    const again = [() => one.start(), () => (one instanceof Process ? one.close() : one.join())];
    one.start();
    one.join(LONG);
    const isThread = one instanceof Thread;
    const expected = isThread ? ['ERR_THREAD_STARTED', 'ERR_NOT_STARTED'] : ['ERR_PROCESS_STARTED', 'ERR_RUNNING'];
    assert.equal([codes, isThread ? one.result : one.exitcode], [expected, isThread ? 1 : 0], context);
  }
  // A start that failed was none.
  const fails = { own: true };
  const arg = {
    get own(): boolean {
      if (fails.own) throw new TypeError('not yet');
      return true;
    },
  };
  for (const one of [new Thread({ target, args: [arg] }), new Process({ target, args: [arg] })]) {
    fails.own = true;
    assert.is(errorOf(() => one.start()).message, 'not yet');
    fails.own = false;
    one.start();
    one.join(LONG);
    assert.is(one.isAlive(), false);
  }
});

test('run() of a subclass of Process that has no run of its own says so', async () => {
  const process = new Idle();
  const error = await Promise.resolve(process.run()).catch((thrown: Error) => thrown);
  assert.is((error as Error).message, 'Idle is its own target, and has no run() of its own');
});

test('a process refuses to run a subclass of Thread, and a thread one of Process', async () => {
  const classes = fromModule<typeof import('./upper.js')>(new URL('./upper.js', import.meta.url));
  const thread = started(new Thread({ target: classes.Idle as never }));
  await thread.joinAsync();
  assert.match(
    errorOf(() => thread.result).message,
    /^Idle extends Process, and no Thread can run it: create an object/,
  );
  const program = `
    import { Process, fromModule } from ${JSON.stringify(import.meta.resolve('atomics-sync-free/multiprocessing'))};
    const process = new Process({ target: fromModule(${JSON.stringify(new URL('./upper.js', import.meta.url).href)}).Echo });
    process.start();
    await process.joinAsync();
    console.log(process.exitcode);
  `;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    encoding: 'utf8',
    timeout: LONG,
  });
  assert.is(stdout, '1\n');
  assert.match(stderr, /^TypeError: Echo extends Thread, and no Process can run it: create an object/m);
});

test('wait takes things from several memories: queues of two arenas, and a sentinel', () => {
  const [here, there] = [new Queue<number>(0, { arena: new Arena() }), new Queue<number>(0, { arena: new Arena() })];
  assert.equal(wait([here, there], 40), []);
  const process = started(new Process({ target: putInAWhile, args: [there, 60] }));
  const all: Waitable[] = [here, process.sentinel, there];
  assert.equal(
    wait(all, LONG).map((each) => all.indexOf(each)),
    [2],
  );
  assert.is(there.get(), 1);
  assert.equal(
    wait(all, LONG).map((each) => all.indexOf(each)),
    [1],
  );
});

test('bad calls are refused, and change nothing', async () => {
  assert.is(errorOf(() => new Process({} as never)).name, 'TypeError');
  assert.is(errorOf(() => new Process({ target: exit, args: 3 as never })).name, 'TypeError');
  assert.is(errorOf(() => new Process({ target: exit, args: [1], name: 3 as never })).name, 'TypeError');
  assert.is(errorOf(() => new Process({ target: exit, args: [1], daemon: 1 as never })).name, 'TypeError');
  const process = new Process({ target: spin, daemon: true });
  for (const call of [() => process.join(), () => process.terminate(), () => process.kill(), () => process.sentinel])
    assert.is(errorOf(call).code, 'ERR_NOT_STARTED');
  process.start();
  const codes = [() => process.start(), () => (process.daemon = false), () => process.close()].map(
    (call) => errorOf(call).code,
  );
  assert.equal(codes, ['ERR_PROCESS_STARTED', 'ERR_PROCESS_STARTED', 'ERR_RUNNING']);
  assert.is(errorOf(() => process.join(-1)).name, 'RangeError');
  process.join(1);
  assert.equal([process.isAlive(), process.exitcode], [true, undefined]);
  process.kill();
  process.join(LONG);
  process.close();
  process.close();
  for (const call of [() => process.isAlive(), () => process.pid, () => process.exitcode, () => process.start()])
    assert.is(errorOf(call).code, 'ERR_CLOSED');
  assert.is(String(process), `Process (${process.name}, closed)`);
});

test('a daemon ends with the process that started it', async () => {
  const queue = new Queue<number>();
  const parent = started(new Process({ target: startChildAndWait, args: [queue] }));
  const child = queue.get(LONG);
  assert.ok(
    client()
      .roll.list()
      .some(({ ident }) => ident === child),
  );
  parent.terminate();
  parent.join(LONG);
  await until(() =>
    client()
      .roll.list()
      .every(({ ident }) => ident !== child),
  );
});

test('an object of a class of processes is, in its worker, that process', () => {
  const queue = new Queue<unknown>();
  for (const settings of [{}, { name: 'given', daemon: true }]) {
    const self = new Self(queue, settings);
    self.start();
    const { name, pid, daemon } = self;
    self.join();
    const codes = ['ERR_PROCESS_STARTED', 'ERR_SELF_JOIN', 'ERR_SELF_JOIN', 'ERR_RUNNING', 'ERR_RUNNING'];
    const told = queue.getNowait() as { next: string; text: string };
    assert.equal(told, { here: { name, pid, daemon }, alive: true, codes, next: told.next, text: told.text });
    assert.match(told.next, /^Idle-\d+:1$/);
    assert.match(told.text, new RegExp(`Self \\(${name}, pid=${pid}, started${daemon ? ' daemon' : ''}\\)`));
    assert.is(self.exitcode, 0);
  }
});

test('a process is named after its class and number, also if its name is empty', () => {
  const target = exit;
  const args: [number] = [0];
  assert.match(new Idle().name, /^Idle-\d+$/);
  for (const { name } of [
    new Process({ target, args, name: '' }),
    new (getContext('worker').Process)({ target, args }),
    new (class extends Process {})({ target, args }),
  ])
    assert.match(name, /^Process-\d+$/);
});

const PROGRAM = new URL('./exit.program.js', import.meta.url).pathname;

test('the program ends in spite of a pool, waits for processes but not for daemons, and prints their errors', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM], { encoding: 'utf8', timeout: LONG });
  assert.equal(
    [status, stdout.trim().split('\n').sort()],
    [0, ['9', 'awaited', 'main is over', 'the process is over']],
  );
  assert.match(stderr, /^Process failing:\nRangeError: no database/m);
});

test('a process whose function awaits what nothing is left to settle has not succeeded, and says so', async () => {
  let printed = '';
  const stdio = (text: string) => {
    printed += text;
  };
  const waiting = started(new Process({ target: waitForNothing, name: 'waiting', stdio }));
  await waiting.joinAsync({ timeout: LONG });
  assert.is(waiting.exitcode, 13);
  await until(() => printed !== '');
  assert.is(printed, 'Process waiting: nothing was left that could settle the promise of its function\n');
  const settled = started(new Process({ target: settleAtLast, stdio }));
  await settled.joinAsync({ timeout: LONG });
  assert.is(settled.exitcode, 0);
});

test.run();
