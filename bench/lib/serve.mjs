// The contender's side of contender.mjs.
import { createInterface } from 'node:readline';

/**
 * Answers questions until the runner goes away.
 *
 * @param {(...numbers: number[]) => unknown} answer what is asked; its result is sent as JSON
 */
export function serve(answer) {
  let queue = Promise.resolve();
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => {
    queue = queue.then(async () => {
      const value = await answer(...line.split(' ').map(Number));
      process.stdout.write(`${JSON.stringify(value)}\n`);
    });
  });
  lines.on('close', () => queue.then(() => process.exit()));
  process.stdout.write('ready\n');
}

/** The elapsed time, in ms. */
const byClock = () => performance.now();

/** The processor time of all threads of the process, in ms. */
export function byProcessor() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What a loop returned: exported, so that the compiler must compute it. */
export let kept;

/** How long a loop runs before it is measured, in ms, so that the compiler is done with it. */
const WARM_UP = 150;

/**
 * Makes an answer from a loop: how long a turn takes when all turns together take about as long as asked for.
 *
 * @param {(turns: number) => unknown} loop may be async
 * @param {number} [first] how many turns are tried first
 * @param {() => number} [time] the clock to measure with, in ms
 * @returns {(ms: number) => Promise<number>} ns per turn
 */
export function timed(loop, first = 64, time = byClock) {
  let turns = first;
  let ran = 0;
  const run = async () => {
    const start = time();
    kept = await loop(turns);
    const took = time() - start;
    ran += took;
    return took;
  };
  return async (ms) => {
    while (ran < WARM_UP) {
      const took = await run();
      if (took < ms / 2) turns *= 2;
      else if (took > ms && turns > first) turns /= 2;
    }
    for (;;) {
      const took = await run();
      if (took >= ms / 2) return (took / turns) * 1e6;
      turns *= 2;
    }
  };
}
