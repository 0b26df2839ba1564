/** What `console.log` shows of the live objects of the entries: what each is and how far, and nothing of its internals. */
import { inspect } from 'node:util';
import { delayed, Memory, Parallel } from 'atomics-sync-free/joblib';
import { Manager, Pipe, Pool, Process, Queue, Value } from 'atomics-sync-free/multiprocessing';
import { fromModule, Thread, Timer } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { ownFolder } from './joblib/folder.js';
import { suite } from './support/suite.js';
import { add } from './tasks/targets.worker.js';

const test = suite('what is shown of live objects');

/** @returns what has been shown, where that is what its own text says */
function shown(object: object): string {
  assert.is(inspect(object), String(object));
  return inspect(object);
}

test('each shows what it is and how far it has come', () => {
  const pool = new Pool(1);
  const manager = new Manager();
  const memory = new Memory(ownFolder());
  const process = new Process({ target: add, args: [1, 2] });
  try {
    const result = pool.applyAsync(add, [1, 2]);
    assert.match(shown(result), /^AsyncResult \(add in Pool-\d+, pending\)$/);
    assert.ok(result.wait(20_000));
    assert.match(shown(result), /, successful\)$/);
    assert.match(shown(pool.imap(add as (x: number) => number, [])), /^PoolIterator \(add in Pool-\d+\)$/);
    assert.match(shown(pool), /^Pool \(Pool-\d+, running, 1 worker\)$/);
    process.start();
    assert.match(shown(process.sentinel), /^Sentinel of Process \(Process-\d+, pid=\d+, /);
    assert.match(shown(manager), /running\)$/);
    assert.is(shown(fromModule<typeof import('node:path')>('node:path').join), 'FunctionReference (join)');
    assert.is(shown(new Parallel({ nJobs: 2 })), 'Parallel(nJobs=2)');
    assert.match(shown(memory), /^Memory\("/);
    const half = memory.cache(function half(x: number) {
      return x / 2;
    });
    assert.is(shown(half.callAndShelve(3)), 'MemorizedResult of half(3)');
    for (const object of [new Queue(), new Value('i'), ...Pipe()]) shown(object);
  } finally {
    process.kill();
    pool.terminate();
    manager.shutdown();
    memory.clear();
  }
  assert.match(shown(manager), /ended\)$/, 'from shutdown() on');
});

test('a subclass is shown by its own name', () => {
  class Mailer extends Thread<number, [number, number]> {}
  class Reaper extends Process {}
  class Alarm extends Timer<number, [number, number]> {}
  assert.match(shown(new Thread({ target: add, args: [1, 2] })), /^Thread \(Thread-\d+ \(add\), initial\)$/);
  assert.match(shown(new Timer(5, add, [1, 2])), /^Timer \(/);
  assert.match(shown(new Process({ target: add, args: [1, 2] })), /^Process \(/);
  assert.match(shown(new Mailer({ target: add, args: [1, 2] })), /^Mailer \(/);
  assert.match(shown(new Reaper({ target: add, args: [1, 2] })), /^Reaper \(/);
  assert.match(shown(new Alarm(5, add, [1, 2])), /^Alarm \(/);
});

test('a task is shown by the name of its function', () => {
  assert.is(inspect(delayed(add)(1, 2)), '{ target: [Function: add], args: [ 1, 2 ] }');
});

test.run();
