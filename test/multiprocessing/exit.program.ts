// A program that ends while it has a pool and processes; see process.test.ts.
import { isMain, Pool, Process, task } from 'atomics-sync-free/multiprocessing';
import { failToBegin, later, spin, square } from './pool.tasks.js';

export const slow = task(import.meta.url, 'slow', async () => {
  await new Promise((resolve) => setTimeout(resolve, 50));
  console.log('the process is over');
});

if (isMain) {
  const pool = new Pool(1);
  console.log(pool.apply(square, [3]));
  void pool.applyAsync(later, [1, 20]).then(() => console.log('awaited'));
  new Process({ target: spin, daemon: true }).start();
  new Process({ target: slow }).start();
  new Process({ target: failToBegin, name: 'failing' }).start();
  console.log('main is over');
}
