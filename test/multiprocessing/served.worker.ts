// A user's worker file for pools and processes: it serves functions, and is started by `new Worker`.
import { currentProcess, parentProcess, type Queue, serve } from 'atomics-sync-free/multiprocessing';

let factor = 1;
export const begin = (by: number): void => {
  factor = by;
};
export const times = (x: number): number => x * factor;
export const exit = (code: number): never => process.exit(code);
export const unserved = (): void => {};
export const tell = (queue: Queue<unknown>): void => {
  queue.put([currentProcess().name, parentProcess()?.name]);
  process.exitCode = 5;
};
export const fail = (): void => {
  throw new RangeError('as it is served');
};

serve({ begin, times, exit, tell, fail });
