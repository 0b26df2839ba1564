// A function for threads whose module imports nothing from the package.
import type { Queue } from 'atomics-sync-free/multiprocessing';

export const take = (from: Queue<number>): number => from.get();
