// A program that asks the spawner for something after all that it waits for has ended, but before it has heard so.
import { isMain, Pool, Process, task } from 'atomics-sync-free/multiprocessing';

export const size = task(import.meta.url, 'size', ({ byteLength }: { byteLength: number }) => byteLength);

if (isMain) {
  const pool = new Pool(1);
  const process = new Process({ target: size, args: [new Int32Array(1)] });
  process.start();
  process.join();
  // The spawner keeps the memory until the task is done.
  console.log(pool.apply(size, [new SharedArrayBuffer(8)]));
}
