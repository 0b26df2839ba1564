// What the threads of the tests of memory do.
import { task } from 'atomics-sync-free/threading';
import { collectGarbage } from '../support/garbage.js';

export const nothing = task(import.meta.url, 'nothing', () => {});

/** Collects what the worker's earlier threads have left, for long enough that others get workers of their own meanwhile. */
export const collected = task(import.meta.url, 'collected', () => {
  for (let i = 0; i < 5; i++) collectGarbage();
});
