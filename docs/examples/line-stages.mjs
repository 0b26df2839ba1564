// A file's lines stream through three stages, one worker each: one reads, one parses, one adds up. Queues with a bound keep a fast
// stage from running ahead, so a file of any size takes little memory; lines go in bundles, which costs less than one by one.
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { isMain, Process, Queue, task } from 'atomics-sync-free/multiprocessing';

const LINES = 20_000;
const BUNDLE = 500;

export const read = task(import.meta.url, 'read', async (path, lines) => {
  let bundle = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    if (bundle.push(line) < BUNDLE) continue;
    await lines.putAsync(bundle);
    bundle = [];
  }
  if (bundle.length > 0) await lines.putAsync(bundle);
  lines.shutdown();
});

export const parse = task(import.meta.url, 'parse', (lines, orders) => {
  for (const bundle of lines) {
    orders.put(
      bundle.map((line) => {
        const [item, amount] = line.split(',');
        return { item, amount: Number(amount) };
      }),
    );
  }
  orders.shutdown();
});

export const addUp = task(import.meta.url, 'addUp', (orders, totals) => {
  const sums = new Map();
  for (const bundle of orders) for (const { item, amount } of bundle) sums.set(item, (sums.get(item) ?? 0) + amount);
  totals.put(sums);
});

if (isMain) {
  const directory = await mkdtemp(join(tmpdir(), 'stages-'));
  const path = join(directory, 'orders.csv');
  const text = Array.from({ length: LINES }, (_, i) => `${['tea', 'bread'][i % 2]},${i % 10}`);
  await writeFile(path, text.join('\n'));

  const [lines, orders, totals] = [new Queue(8), new Queue(8), new Queue()];
  const stages = [
    [read, path, lines],
    [parse, lines, orders],
    [addUp, orders, totals],
  ].map(([target, ...args]) => new Process({ target, args }));
  for (const stage of stages) stage.start();
  const sums = await totals.getAsync();
  console.log(`tea ${sums.get('tea')}, bread ${sums.get('bread')}`); // tea 40000, bread 50000
  for (const stage of stages) await stage.joinAsync();
  await rm(directory, { recursive: true });
}
