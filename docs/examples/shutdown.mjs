// Workers that finish what they have begun when they are told to stop; and one that does not listen.
import { setTimeout as sleep } from 'node:timers/promises';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { attach, Event, retire, share } from 'atomics-sync-free';

const GRACE = 1000;

if (isMainThread) {
  const stop = new Event();
  const jobs = new Int32Array(new SharedArrayBuffer(2 * 4)); // begun, and finished
  const start = async (stuck) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: share({ stop, jobs, stuck }) });
    const ended = new Promise((resolve) => worker.on('exit', () => resolve('ended')));
    const agentId = await new Promise((resolve) => worker.on('message', resolve));
    return { worker, ended, agentId };
  };
  const crew = await Promise.all([start(false), start(false), start(true)]);

  // In a program: process.once('SIGTERM', () => stop.set());
  setTimeout(() => stop.set(), 50);
  await stop.waitAsync();

  const outcomes = crew.map(async ({ worker, ended, agentId }) => {
    const outcome = await Promise.race([ended, sleep(GRACE, 'terminated', { ref: false })]);
    if (outcome === 'terminated') {
      await worker.terminate();
      retire(stop.arena, agentId); // it could not free its slot by itself
    }
    return outcome;
  });
  console.log((await Promise.all(outcomes)).join(', ')); // ended, ended, terminated
  console.log(`unfinished jobs: ${jobs[0] - jobs[1]}`); // unfinished jobs: 0
} else {
  const { stop, jobs, stuck } = attach(workerData);
  parentPort.postMessage(stop.arena.agentId);
  if (stuck) new Event().wait();
  // A pause of 2 ms between two jobs, which ends at once when it is time to stop.
  while (!stop.wait(2)) {
    Atomics.add(jobs, 0, 1);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1); // the work
    Atomics.add(jobs, 1, 1);
  }
}
