// Workers log to one queue, and a separate process writes the lines: no worker waits for the disk, and no line is cut by another.

import { appendFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isMain, Process, Queue, task } from 'atomics-sync-free/multiprocessing';

const WORKERS = 3;
const LINES = 200;
const ERROR = 3;

/** Takes everything that is there at once, so that many lines are one write. */
export const write = task(import.meta.url, 'write', (records, path) => {
  for (const first of records) {
    const batch = [first];
    while (!records.empty()) batch.push(records.get());
    appendFileSync(path, batch.map(({ level, worker, text }) => `${level} ${worker}: ${text}\n`).join(''));
  }
});

export const work = task(import.meta.url, 'work', (records, worker) => {
  for (let i = 0; i < LINES; i++) {
    const level = i % 50 === 0 ? ERROR : 1;
    records.put({ level, worker, text: `step ${i}` });
  }
});

if (isMain) {
  const directory = await mkdtemp(join(tmpdir(), 'log-'));
  const path = join(directory, 'all.log');
  const records = new Queue(1000);
  const writer = new Process({ target: write, args: [records, path] });
  const workers = Array.from({ length: WORKERS }, (_, i) => new Process({ target: work, args: [records, i] }));
  for (const process of [writer, ...workers]) process.start();
  for (const process of workers) await process.joinAsync();
  records.shutdown(); // the writer ends when it has written what is left
  await writer.joinAsync();
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
  const errors = lines.filter((line) => line.startsWith(`${ERROR} `));
  console.log(`${lines.length} lines, ${errors.length} errors`); // 600 lines, 12 errors
  await rm(directory, { recursive: true });
}
