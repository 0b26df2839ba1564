// A worker file of a user, for pools: it serves functions, and is started by `new Worker`.
import { serve } from 'atomics-sync-free/multiprocessing';

let factor = 1;
export const begin = (by: number): void => {
  factor = by;
};
export const times = (x: number): number => x * factor;
export const exit = (code: number): never => process.exit(code);
export const unserved = (): void => {};

serve({ begin, times, exit });
