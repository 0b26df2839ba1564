// The worker of jobs.mjs, and its tasks: jobs.worker.mjs KIND URL. It ends with its parent.
import { fileURLToPath } from 'node:url';
import { isMainThread } from 'node:worker_threads';

/** How many jobs run at the same time, and how many are in flight. */
export const CONCURRENCY = 2;
export const AT_A_TIME = 100;

export const square = (x) => x * x;

if (isMainThread && process.argv[1] === fileURLToPath(import.meta.url)) {
  const [, , kind, url] = process.argv;
  process.on('disconnect', () => process.exit());
  if (kind === 'BullMQ') {
    const { Worker } = await import('bullmq');
    const worker = new Worker(kind, async ({ data }) => square(data.x), {
      connection: { url },
      concurrency: CONCURRENCY,
    });
    await worker.waitUntilReady();
  } else {
    const { QueueWorker } = await import('../../dist/bullmq/worker.js');
    await QueueWorker.start(url, {
      tasks: [fileURLToPath(import.meta.url)],
      concurrency: CONCURRENCY,
      namespace: kind,
      onTrouble: console.error,
    });
  }
  process.send('ready');
}
