// A function of threads whose module imports nothing of the package.
import type { Queue } from 'atomics-sync-free/multiprocessing';

export const take = (from: Queue<number>): number => from.get();
