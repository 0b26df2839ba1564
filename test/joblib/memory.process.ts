// A process of which two want the same result at once, each by its main thread and by a worker; or one that dies over it.
import { appendFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { Memory } from 'atomics-sync-free/joblib';
import { sleep } from '#dist/core/wait/block.js';

let dies = false;

/** @param log gets a line for each computation */
export const slowSquare = (location: string, log: string) =>
  new Memory(location).cache(
    function square(x: number) {
      if (dies) process.kill(process.pid, 'SIGKILL');
      appendFileSync(log, 'computed\n');
      sleep(300);
      return x * x;
    },
    { module: import.meta.url },
  );

if (argv[1] === fileURLToPath(import.meta.url)) {
  const [location, log, what] = isMainThread ? argv.slice(2) : workerData;
  dies = what === 'die';
  if (isMainThread && !dies) {
    const worker = new Worker(new URL(import.meta.url), { workerData: [location, log, what], stdout: true });
    let text = '';
    worker.stdout.on('data', (part) => {
      text += part;
    });
    worker.on('exit', () => process.stdout.write(`,${text}`));
  }
  process.stdout.write(String(slowSquare(location, log)(7)));
  if (isMainThread) process.disconnect();
}
