// Workers take tasks from a queue and show how far they are on a board that all can read; main waits until all is done.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { attach, JoinableQueue, Array as SharedArray, share } from 'atomics-sync-free/multiprocessing';

const WORKERS = 3;
const TASKS = 60;

if (isMainThread) {
  const tasks = new JoinableQueue();
  const board = new SharedArray('int32', WORKERS);
  for (let i = 0; i < WORKERS; i++) {
    new Worker(new URL(import.meta.url), { workerData: { place: i, ...share({ tasks, board }) } });
  }
  for (let i = 0; i < TASKS; i++) tasks.put({ amount: i });
  while (!(await tasks.joinAsync({ timeout: 50 }))) {
    // Here a program would draw how far everybody is: [...board].
  }
  tasks.shutdown();
  console.log(`${[...board].reduce((sum, done) => sum + done)} tasks done, ${tasks.qsize()} left`); // 60 tasks done, 0 left
} else {
  const { tasks, board } = attach(workerData);
  for (const { amount } of tasks) {
    for (let step = 0; step < amount * 1000; step++); // the work
    board.set(workerData.place, board.get(workerData.place) + 1); // nobody else writes there
    tasks.taskDone();
  }
}
