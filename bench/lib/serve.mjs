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

/** What a loop returned, which the compiler must therefore work out. */
export let kept;

/**
 * Makes an answer out of a loop: how long a turn of it takes when all turns together take about as long as asked for.
 *
 * @param {(turns: number) => unknown} loop which may be async
 * @param {number} [first] how many turns are tried first
 * @returns {(ms: number) => Promise<number>} ns a turn
 */
export function timed(loop, first = 64) {
  let turns = first;
  const run = async () => {
    const start = performance.now();
    kept = await loop(turns);
    return performance.now() - start;
  };
  return async (ms) => {
    let took = await run();
    // Doubling warms up the compiler, too.
    while (took < ms / 2) {
      turns *= 2;
      took = await run();
    }
    return (took / turns) * 1e6;
  };
}
