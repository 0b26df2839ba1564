// Jobs run by another process through a queue: jobs.mjs KIND URL. The question is how many; the answer, in ns, how long each took.
// KIND is
//   BullMQ      BullMQ's own queue and events, with a function that does nothing in the worker's own thread
//   unbatched   Parallel over BullMQ, one call per job
//   batched     the same, with as many calls per job as it finds best
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { load } from '../lib/builds.mjs';
import { serve } from '../lib/serve.mjs';
import { AT_A_TIME, CONCURRENCY } from './jobs.worker.mjs';

const [, , kind, url] = process.argv;
const functions = new URL('./jobs.worker.mjs', import.meta.url);

const worker = fork(fileURLToPath(functions), [kind, url]);
await once(worker, 'message');

const kinds = {
  BullMQ: async () => {
    const { Queue, QueueEvents } = await import('bullmq');
    const queue = new Queue(kind, { connection: { url } });
    const events = new QueueEvents(kind, { connection: { url } });
    await events.waitUntilReady();
    const done = new Map();
    events.on('completed', ({ jobId, returnvalue }) => done.get(jobId)?.(returnvalue));
    const one = async (id, x) => {
      const result = new Promise((resolve) => done.set(id, resolve));
      await queue.add('square', { x }, { jobId: id, removeOnComplete: true });
      if (Number(await result) !== x * x) throw new Error(`${x} squared is not ${await result}`);
      done.delete(id);
    };
    let run = 0;
    return async (count) => {
      const round = ++run;
      let next = 0;
      const chain = async () => {
        for (let x = next++; x < count; x = next++) await one(`${round}-${x}`, x);
      };
      await Promise.all(Array.from({ length: AT_A_TIME }, chain));
    };
  },
  unbatched: () => parallel({ batchSize: 1, preDispatch: AT_A_TIME }),
  batched: () => parallel({}),
};

async function parallel(options) {
  const { delayed, fromModule, Parallel } = await load(undefined, '/joblib/bullmq');
  const { square } = fromModule(functions);
  const loop = new Parallel({ backend: 'bullmq', url, namespace: kind, nJobs: CONCURRENCY, ...options });
  return async (count) => {
    const results = await loop.runAsync(Array.from({ length: count }, (_, x) => delayed(square)(x)));
    if (!results.every((result, x) => result === x * x)) throw new Error('a result is wrong');
  };
}

const run = await kinds[kind]();
serve(async (count) => {
  const begun = performance.now();
  await run(count);
  return ((performance.now() - begun) / count) * 1e6;
});
