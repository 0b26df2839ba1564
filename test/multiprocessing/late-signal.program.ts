// A program that terminates children that have just ended by themselves; it has its own process group.
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
    // The child's keeper has yet to report its end.
    while (child.isAlive()) child.terminate();
    child.join();
    if (child.exitcode === 0) ended++;
  }
  // This signal arrives after those that were sent before.
  const heard = once(process, 'SIGWINCH');
  process.kill(process.pid, 'SIGWINCH');
  await heard;
  console.log(JSON.stringify({ came, ended }));
  process.exit();
}
