// A process whose main thread and worker want the same result, which runs twice at once; or one that dies while computing.
import { appendFileSync, readdirSync, writeFileSync } from 'node:fs';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { isMainThread, threadId, Worker, workerData } from 'node:worker_threads';
import { Memory } from 'atomics-sync-free/joblib';
import { sleep } from '#dist/core/wait/sleep.js';

/** How many want the result; none gets it before all have asked. */
export const PARTIES = 4;

let dies = false;
let gate: string | undefined;

/** @param log a file to which each computation adds a line */
export const squareOf = (location: string, log: string) =>
  new Memory(location).cache(
    function square(x: number) {
      if (dies) process.kill(process.pid, 'SIGKILL');
      appendFileSync(log, 'computed\n');
      while (gate !== undefined && readdirSync(gate).length < PARTIES) sleep(1);
      return x * x;
    },
    { module: import.meta.url },
  );

if (argv[1] === fileURLToPath(import.meta.url)) {
  const args: readonly string[] = isMainThread ? argv.slice(2) : workerData;
  const [location, log] = args;
  gate = args[2];
  dies = gate === undefined;
  if (isMainThread && !dies) {
    const worker = new Worker(new URL(import.meta.url), { workerData: args, stdout: true });
    let text = '';
    worker.stdout.on('data', (part) => {
      text += part;
    });
    worker.on('exit', () => process.stdout.write(`,${text}`));
  }
  if (gate !== undefined) writeFileSync(`${gate}/${process.pid}-${threadId}`, '');
  process.stdout.write(String(squareOf(location, log)(7)));
  if (isMainThread) process.disconnect();
}
