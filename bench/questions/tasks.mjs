// Async tasks of one agent: what `await lock.acquireAsync()` and a release cost.
import { cells } from '../lib/format.mjs';
import { beside, interleave } from '../lib/interleave.mjs';
import { atMost } from '../lib/targets.mjs';

const ASYNC_MUTEX = 'async-mutex';

export default {
  name: 'tasks',
  title: 'Async tasks of one agent',

  async measure(lab) {
    const data = [];
    for (const count of lab.choose([1, 16], [1, 2, 16, 256])) {
      lab.say(`${count} tasks`);
      const contenders = [
        lab.js(ASYNC_MUTEX, 'tasks.mjs', 'async-mutex', count),
        lab.js('Lock', 'tasks.mjs', 'Lock', count),
        lab.js('Lock, without Atomics.waitAsync', 'tasks.mjs', 'fallback', count),
        lab.js('Semaphore', 'tasks.mjs', 'Semaphore', count),
        lab.js('RLock', 'tasks.mjs', 'RLock', count),
        lab.js('multithreading Mutex', 'tasks.mjs', 'multithreading', count),
        ...(Number.parseInt(lab.versions.node, 10) >= 24
          ? [lab.v8("V8's Atomics.Mutex", 'tasks.mjs', 'v8', count)]
          : []),
      ];
      const plan = { ...lab.plan(lab.choose(15, 30), 10_000), warmUp: lab.choose(1, 2) };
      const results = await interleave(contenders, plan);
      data.push({ count, results: beside(results, results[ASYNC_MUTEX]) });
    }
    return data;
  },

  tables(data) {
    return [
      {
        title: 'An acquisition and its release; with more tasks than one, the lock is held across an await',
        keys: 2,
        head: ['tasks', '', 'median', '÷ async-mutex (half of the rounds)'],
        rows: data.flatMap(({ count, results }) => results.map((result) => [String(count), ...cells(result)])),
      },
    ];
  },

  targets(data) {
    const lock = data.find(({ count }) => count === 1).results.find(({ name }) => name === 'Lock');
    return [atMost('uncontended acquireAsync ÷ async-mutex acquire', 1, lock.ratio?.median)];
  },
};
