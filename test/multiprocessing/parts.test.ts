// What belongs to a process: its threads, what it waits for, and what ends with it. As CPython 3.11 does it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Event, Pipe, Pool, Process, Queue, setStartMethod } from 'atomics-sync-free/multiprocessing';
import { currentThread, stackSize, Thread } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { client } from '#dist/tasks/client.js';
import { suite } from '../support/suite.js';
import { until } from '../support/workers.js';
import { LONG, started } from './children.js';
import {
  forceStartMethod,
  leave,
  leaveAndExit,
  leaveAndStay,
  sendSettings,
  setLater,
  settingsHere,
  tell,
} from './parts.tasks.js';

const test = suite('parts of a process');

/** How long what is waited for takes, in ms. */
const SOON = 400;

/** Whether nothing else runs. */
const isAlone = (): boolean => client().roll.list().length === 1;

test('each process has a main thread and a list of threads of its own, and names after its own', () => {
  const event = new Event();
  const other = new Thread({ target: setLater, args: [event, 0], name: 'other' });
  const queue = new Queue<unknown>();
  const process = started(new Process({ target: tell, args: [queue, 1], name: 'P', daemon: true }));
  other.start();
  process.join(LONG);
  assert.is(process.exitcode, 1); // a daemon starts no processes
  const main = { thread: 'MainThread', main: 'MainThread', isMain: true, all: ['MainThread'], count: 1, daemon: false };
  const its = { ...main, thread: 'its', isMain: false, all: ['MainThread', 'its'], count: 2 };
  for (const expected of [main, its]) assert.equal(queue.getNowait(), { ...expected, process: 'P' });

  const parent = started(new Process({ target: tell, args: [queue, 1] }));
  parent.join(LONG);
  for (const { name } of [parent, { name: `${parent.name}:1` }])
    for (const expected of [main, its]) assert.equal(queue.getNowait(), { ...expected, process: name });
  assert.is(currentThread().name, 'MainThread');
  other.join(LONG);
});

for (const kind of ['thread', 'thread of a thread', 'timer', 'process'] as const)
  test(`a process ends after what it has started: a ${kind}`, () => {
    const event = new Event();
    const process = started(new Process({ target: leave, args: [kind, event, SOON] }));
    process.join(LONG);
    assert.equal([event.isSet, process.exitcode], [true, 0]);
  });

for (const kind of ['daemon', 'daemon process'] as const)
  test(`a process ends what it has started as a daemon: a ${kind}`, async () => {
    const event = new Event();
    const process = started(new Process({ target: leave, args: [kind, event, LONG] }));
    process.join(LONG);
    assert.is(process.exitcode, 0);
    await until(isAlone);
    assert.is(event.isSet, false);
  });

for (const kind of ['thread', 'thread of a thread', 'timer', 'daemon process'] as const)
  test(`what a process has started ends with it, however it ends: a ${kind}`, async () => {
    const [event, ready] = [new Event(), new Event()];
    const ended = started(new Process({ target: leaveAndStay, args: [kind, event, LONG, ready] }));
    assert.ok(ready.wait(LONG));
    ended.terminate();
    const exited = started(new Process({ target: leaveAndExit, args: [kind, event, LONG] }));
    for (const process of [ended, exited]) process.join(LONG);
    assert.equal([ended.exitcode, exited.exitcode], [-15, 3]);
    await until(isAlone);
    assert.is(event.isSet, false);
  });

test('a process goes on without the one that has started it', () => {
  const [event, ready] = [new Event(), new Event()];
  const process = started(new Process({ target: leaveAndStay, args: ['process', event, SOON, ready] }));
  assert.ok(ready.wait(LONG));
  process.terminate();
  assert.ok(event.wait(LONG));
});

test('one that is terminated while it waits for its threads was terminated', async () => {
  const event = new Event();
  const process = started(new Process({ target: leave, args: ['thread', event, LONG] }));
  process.join(SOON);
  process.terminate();
  process.join(LONG);
  assert.is(process.exitcode, -15);
  await until(isAlone);
});

test('a daemon that a thread has started goes on when the thread ends', () => {
  const event = new Event();
  const thread = new Thread({ target: leave, args: ['daemon process', event, SOON] });
  thread.start();
  thread.join(LONG);
  assert.ok(event.wait(LONG));
});

test('workers of a pool that is closed end after the threads of their tasks; those of one that is terminated do not', async () => {
  const [late, never] = [new Event(), new Event()];
  const pools = [new Pool(1), new Pool(1)] as const;
  pools[0].apply(leave, ['thread', late, SOON]);
  pools[1].apply(leave, ['thread', never, LONG]);
  pools[1].terminate();
  pools[0].close();
  for (const pool of pools) pool.join();
  assert.is(late.isSet, true);
  await until(isAlone);
  assert.is(never.isSet, false);
});

test('threads and processes inherit the start method, and threads the size of stacks', () => {
  const settings = (): unknown => {
    const thread = new Thread({ target: settingsHere });
    thread.start();
    thread.join(LONG);
    return thread.result;
  };
  assert.equal(settings(), ['worker', 0]);
  setStartMethod('process', { force: true });
  // On the worker that waits for the next thread.
  assert.equal(settings(), ['process', 0]);
  stackSize(2 ** 20);
  assert.equal(settings(), ['process', 2 ** 20]);
  for (const context of ['worker', 'process'] as const) {
    const [mine, its] = Pipe();
    const process = started(new Process({ target: sendSettings, args: [its], context }));
    its.close();
    const inherited = ['process', 0];
    assert.equal(mine.recv(LONG), [inherited, inherited]);
    process.join(LONG);
    const pool = new Pool(1, { context });
    assert.equal(pool.apply(settingsHere), inherited);
    pool.terminate();
  }
  stackSize(0);
  const thread = new Thread({ target: forceStartMethod });
  thread.start();
  thread.join(LONG);
  assert.equal(settings(), ['process', 0]);
  setStartMethod('worker', { force: true });
});

test('a pool of child processes that a process leaves open ends with it, and reports nothing', () => {
  const program = fileURLToPath(new URL('./parts.program.js', import.meta.url));
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: 'utf8', timeout: LONG });
  assert.equal([stdout, stderr], ['0\n0\n', '']);
});

test.run();
