// A work queue with results: jobs that fail are reported as failed, one whose worker dies is done by another, and each has one result.
import { isMain, JoinableQueue, Process, Queue, task, Value } from 'atomics-sync-free/multiprocessing';

const WORKERS = 3;
const JOBS = 30;
const FAILS = 13;
const DIES = 7;

export const serve = task(import.meta.url, 'serve', (jobs, results, crashes) => {
  for (const { id, n } of jobs) {
    // A crash, the first time: the job is not done, so it goes back.
    if (id === DIES && crashes.withLock((crashes) => crashes.value++) === 0) process.exit(1);
    try {
      if (id === FAILS) throw new RangeError(`there is no job ${id}`);
      results.put({ id, value: n * n });
    } catch (error) {
      results.put({ id, error });
    }
    jobs.taskDone();
  }
});

if (isMain) {
  const [jobs, results, crashes] = [new JoinableQueue(0, { ack: true }), new Queue(), new Value('int32')];
  const workers = Array.from({ length: WORKERS }, () => new Process({ target: serve, args: [jobs, results, crashes] }));
  for (const worker of workers) worker.start();
  for (let id = 0; id < JOBS; id++) jobs.put({ id, n: id });
  await jobs.joinAsync();
  jobs.shutdown();
  results.shutdown();
  const [values, errors] = [[], []];
  for await (const { id, value, error } of results) error ? errors.push(`${id}: ${error.message}`) : values.push(value);
  const sum = values.reduce((sum, value) => sum + value, 0);
  for (const worker of workers) await worker.joinAsync();
  const crashed = workers.filter(({ exitcode }) => exitcode !== 0).length;
  console.log(`${values.length} done, sum ${sum}; ${errors}; crashed: ${crashed}`); // 29 done, sum 8386; 13: there is no job 13; crashed: 1
}
