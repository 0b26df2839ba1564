// Lines go through three stages: main reads them, one worker cuts them into words, two count these, and main adds up.
// A queue with a bound keeps a fast stage from running ahead of a slow one.
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { attach, Queue, share } from 'atomics-sync-free/multiprocessing';

const LINES = 2000;
const COUNTERS = 2;

if (isMainThread) {
  const [lines, words, counts] = [new Queue(50), new Queue(50), new Queue()];
  for (const stage of ['cut', ...new Array(COUNTERS).fill('count')]) {
    new Worker(new URL(import.meta.url), { workerData: share({ stage, lines, words, counts }) });
  }
  for (let i = 0; i < LINES; i++) lines.put(i % 2 === 0 ? 'the cat and the dog' : 'and the bird');
  lines.shutdown();

  const total = new Map();
  for (let i = 0; i < COUNTERS; i++) {
    for (const [word, count] of counts.get()) total.set(word, (total.get(word) ?? 0) + count);
  }
  console.log(`the ${total.get('the')}, and ${total.get('and')}, bird ${total.get('bird')}`); // the 3000, and 2000, bird 1000
} else {
  const { stage, lines, words, counts } = attach(workerData);
  if (stage === 'cut') {
    for (const line of lines) words.put(line.split(' '));
    words.shutdown();
  } else {
    const found = new Map();
    for (const some of words) for (const word of some) found.set(word, (found.get(word) ?? 0) + 1);
    counts.put(found);
  }
}
