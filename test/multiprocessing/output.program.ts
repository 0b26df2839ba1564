// A program whose child process prints much more than a pipe holds.
import { isMain, Process, task } from 'atomics-sync-free/multiprocessing';

export const print = task(import.meta.url, 'print', () => {
  for (let i = 0; i < 2000; i++) console.log(String(i).padStart(999));
});

if (isMain) new Process({ target: print, context: 'process' }).start();
