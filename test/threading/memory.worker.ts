// What the threads of the tests of memory do.
import { task } from 'atomics-sync-free/threading';

export const nothing = task(import.meta.url, 'nothing', () => {});

/** Collects what the worker's earlier threads have left. A worker that can do so is not kept, so it is loaded only here. */
export const collected = task(import.meta.url, 'collected', async () => {
  const { collectGarbage } = await import('../support/garbage.js');
  for (let i = 0; i < 5; i++) collectGarbage();
});
