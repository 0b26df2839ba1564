// Process has the properties that CPython's test_multiprocessing tests, under the same names.
import {
  activeChildren,
  cpuCount,
  currentProcess,
  fromModule,
  getAllStartMethods,
  getContext,
  getStartMethod,
  osCpuCount,
  Process,
  parentProcess,
  Queue,
  setStartMethod,
  waitAsync,
} from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { exit, spin, startAnother, tellWho } from '../multiprocessing/pool.tasks.js';
import { failure, showAll } from './workers.js';

/** The longest that any of these tests waits, in ms. */
const LONG = 20_000;

showAll('Process', {
  current() {
    const { name, pid, daemon } = currentProcess();
    assert.equal([name, typeof pid, daemon], ['MainProcess', 'number', false]);
  },

  async argsArgument() {
    const queue = new Queue<unknown>();
    const target = (queue: Queue<unknown>, ...rest: unknown[]): void => queue.put(rest);
    const process = new Process({ target, args: [queue, 1, 'two'] });
    process.start();
    assert.equal(queue.get(LONG), [1, 'two']);
    process.join(LONG);
    assert.is((await failure(() => new Process({ target, args: 1 as never }))).name, 'TypeError');
  },

  daemonArgument() {
    assert.equal(
      [undefined, true, false].map((daemon) => new Process({ target: spin, daemon }).daemon),
      [currentProcess().daemon, true, false],
    );
  },

  async process() {
    // The process lives until this item is taken, because only then can it put its own.
    const queue = new Queue<unknown>(1);
    queue.put('full');
    const process = new Process({ target: tellWho, args: [queue], name: 'a', daemon: true });
    assert.equal([process.isAlive(), process.exitcode, activeChildren().length], [false, undefined, 0]);
    process.start();
    assert.equal([process.exitcode, activeChildren().length], [undefined, 1]);
    assert.is(queue.get(), 'full');
    const here = { name: 'a', pid: process.pid, daemon: true };
    assert.equal(queue.get(LONG), { here, parent: currentProcess(), isMainThread: false });
    process.join();
    assert.equal([process.exitcode, process.isAlive(), activeChildren().length], [0, false, 0]);
    process.close();
  },

  async terminate() {
    const process = new Process({ target: spin, daemon: true });
    process.start();
    process.join(0);
    assert.equal([process.isAlive(), process.exitcode], [true, undefined]);
    process.terminate();
    process.join(LONG);
    assert.equal([process.isAlive(), process.exitcode], [false, -15]);
  },

  async killProcess() {
    const process = new Process({ target: spin, daemon: true });
    process.start();
    process.kill();
    process.join(LONG);
    assert.is(process.exitcode, -9);
  },

  cpuCount() {
    assert.ok(cpuCount() >= 1 && osCpuCount() >= 1);
  },

  async sentinel() {
    const process = new Process({ target: exit, args: [2] });
    assert.is((await failure(() => process.sentinel)).code, 'ERR_NOT_STARTED');
    process.start();
    const { sentinel } = process;
    assert.equal(await waitAsync([sentinel], { timeout: LONG }), [sentinel]);
    process.join(LONG);
    assert.equal([await waitAsync([sentinel], { timeout: 0 }), process.exitcode], [[sentinel], 2]);
  },

  async close() {
    const process = new Process({ target: spin, daemon: true });
    process.start();
    assert.is((await failure(() => process.close())).code, 'ERR_RUNNING');
    process.kill();
    process.join(LONG);
    process.close();
    for (const call of [() => process.isAlive(), () => process.join(), () => process.terminate()])
      assert.is((await failure(call)).code, 'ERR_CLOSED');
    process.close();
  },

  async daemonicChildren() {
    const process = new Process({ target: startAnother, daemon: true });
    process.start();
    process.join(LONG);
    assert.is(process.exitcode, 1);
  },

  parentProcessOfMain() {
    assert.is(parentProcess(), undefined);
  },

  async badCalls() {
    const process = new Process({ target: exit, args: [0] });
    assert.is((await failure(() => process.join())).code, 'ERR_NOT_STARTED');
    process.start();
    assert.is((await failure(() => process.start())).code, 'ERR_PROCESS_STARTED');
    process.join(LONG);
    assert.is((await failure(() => process.start())).code, 'ERR_PROCESS_STARTED');
  },

  subclassing() {
    const { Upper } = fromModule<typeof import('../multiprocessing/upper.js')>(
      new URL('../multiprocessing/upper.js', import.meta.url),
    );
    const queue = new Queue<string>();
    const process = new Process({ target: Upper, args: [queue, 'hello'] });
    process.start();
    assert.is(queue.get(LONG), 'HELLO');
    process.join(LONG);
    class Unseen extends Process {
      override run(): void {}
    }
    assert.throws(() => new Unseen({ target: spin }), /Unseen has a run\(\) of its own/);
  },

  context() {
    for (const method of getAllStartMethods()) {
      const { startMethod, Process: ProcessOfContext } = getContext(method);
      const process = new ProcessOfContext({ target: spin });
      assert.equal([startMethod, process instanceof Process], [method, true]);
    }
    assert.throws(() => getContext('fork' as never), TypeError);
  },

  async setGet() {
    assert.is(getStartMethod(), 'worker');
    setStartMethod('process');
    assert.equal([getStartMethod(), getContext().startMethod], ['process', 'process']);
    assert.is((await failure(() => setStartMethod('worker'))).code, 'ERR_START_METHOD');
    setStartMethod('worker', { force: true });
    assert.is(getStartMethod(), 'worker');
  },

  getAll() {
    assert.equal(getAllStartMethods(), ['worker', 'process']);
  },
});
