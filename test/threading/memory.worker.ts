// The targets of the threads in the tests of memory.
import { task } from 'atomics-sync-free/threading';

export const nothing = task(import.meta.url, 'nothing', () => {});

/** Collects what the worker's earlier threads have left; Node must run with --expose-gc. */
export const collected = task(import.meta.url, 'collected', () => globalThis.gc?.());
