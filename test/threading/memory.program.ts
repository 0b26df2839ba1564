// Starts a thousand threads, and prints how many bytes are resident after each hundred of them, and how many threads are active.
//
//   node --expose-gc --gc-global memory.program.js WORKERS    size of the reserve
//
// The worker that starts the others leaves garbage with each of them, which only it can collect. With --gc-global every
// collection is a full one, so that little of it accumulates.
import { activeCount, reserveSize } from 'atomics-sync-free/threading';
import * as assert from 'uvu/assert';
import { started } from '../support/threads.js';
import { collected, nothing } from './memory.worker.js';

const LIMIT = 30_000;

/** Starts `count` threads, a few at a time, and awaits their ends. */
async function startThreads(count: number): Promise<void> {
  for (let i = 0; i < count; i += 4) {
    const threads = Array.from({ length: 4 }, () => started(nothing, []));
    await Promise.all(threads.map((thread) => thread.joinAsync({ timeout: LIMIT })));
    assert.ok(threads.every((thread) => thread.result === undefined));
  }
}

/** The least of several measurements, after collecting garbage here and in the workers of the reserve. */
async function residentBytes(): Promise<number> {
  const threads = Array.from({ length: reserveSize() }, () => started(collected, []));
  await Promise.all(threads.map((thread) => thread.joinAsync({ timeout: LIMIT })));
  let least = Infinity;
  for (let i = 0; i < 20; i++) {
    globalThis.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
    least = Math.min(least, process.memoryUsage.rss());
  }
  return least;
}

reserveSize(Number(process.argv[2]));
const resident: number[] = [];
while (resident.length < 10) {
  await startThreads(100);
  resident.push(await residentBytes());
}
console.log(JSON.stringify({ resident, active: activeCount() }));
