// A program that ends a child which has just ended by itself; it has a process group of its own.
import { once } from 'node:events';
import { isMain, Process, task } from 'atomics-sync-free/multiprocessing';

export const nothing = task(import.meta.url, 'nothing', () => {});

const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

if (isMain) {
  let came = 0;
  process.on('SIGTERM', () => came++);
  let ended = 0;
  for (let round = 0; round < 10; round++) {
    const child = new Process({ target: nothing, context: 'process' });
    child.start();
    while (isThere(child.pid as number));
    // Its keeper has still to say so.
    while (child.isAlive()) child.terminate();
    child.join();
    if (child.exitcode === 0) ended++;
  }
  // Comes behind what was sent before.
  const heard = once(process, 'SIGWINCH');
  process.kill(process.pid, 'SIGWINCH');
  await heard;
  console.log(JSON.stringify({ came, ended }));
  process.exit();
}
