// What the threads of the tests of memory do.
import { task } from 'atomics-sync-free/threading';

export const nothing = task(import.meta.url, 'nothing', () => {});

/** Collects what the worker's earlier threads have left; Node is to be run with --expose-gc. */
export const collected = task(import.meta.url, 'collected', () => globalThis.gc?.());
