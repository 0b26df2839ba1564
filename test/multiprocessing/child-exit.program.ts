// A program that ends while child processes are there; see child.test.ts.
import { isMain, Process, setStartMethod, task } from 'atomics-sync-free/multiprocessing';
import { endBy, spinFor } from './child.tasks.js';

export const slow = task(import.meta.url, 'slow', async (daemon: number) => {
  await new Promise((resolve) => setTimeout(resolve, 300));
  console.log('the child is over');
  console.log(daemon);
});

if (isMain) {
  setStartMethod('process');
  const daemon = new Process({ target: spinFor, args: [60_000], daemon: true });
  daemon.start();
  new Process({ target: endBy, args: ['throw'], name: 'failing' }).start();
  new Process({ target: slow, args: [daemon.pid as number] }).start();
  console.log('main is over');
}
