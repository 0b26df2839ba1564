// Optional bounds: Infinity is no bound, wherever a number would be one.
import { delayed, Parallel } from 'atomics-sync-free/joblib';
import { JoinableQueue, Manager, Pool, Queue } from 'atomics-sync-free/multiprocessing';
import * as assert from 'uvu/assert';
import { atTestEnd, suite } from '../support/suite.js';
import { add, twice } from '../tasks/targets.worker.js';

const test = suite('bounds');

test('Infinity is no bound of a queue, a pool, its imap, a Parallel', () => {
  assert.equal([new Queue(Infinity).maxSize, new JoinableQueue(Infinity).maxSize], [0, 0]);
  const pool = new Pool(1, { maxTasksPerChild: Infinity });
  atTestEnd(() => pool.terminate());
  assert.equal([...pool.imap(twice, [1, 2, 3], { bufferSize: Infinity })], [2, 4, 6]);
  const parallel = new Parallel({ nJobs: 2, maxBuffered: Infinity, preDispatch: Infinity, returnAs: 'generator' });
  assert.equal([...parallel.run([delayed(add)(1, 2), delayed(add)(3, 4)])], [13, 17]);
});

test('what is refused all the same is refused with a finite range', () => {
  const pool = new Pool(1);
  const manager = new Manager();
  atTestEnd(() => pool.terminate());
  atTestEnd(() => manager.shutdown());
  for (const wrong of [
    () => pool.imap(twice, [1], { bufferSize: 0 }),
    () => pool.imap(twice, [1], { bufferSize: -Infinity }),
    () => manager.Pool(Infinity),
    () => new Queue(-Infinity),
    () => new Parallel({ maxBuffered: 0 }),
  ])
    assert.throws(wrong, /must be a whole number from -?\d+ to \d+, not /);
});

test.run();
