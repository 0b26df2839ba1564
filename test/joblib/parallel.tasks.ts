// What workers do in the tests of Parallel.
import { existsSync, writeFileSync } from 'node:fs';
import { delayed, effectiveNJobs, Memory, Parallel, task } from 'atomics-sync-free/joblib';
import { sleep } from '#dist/core/wait/sleep.js';

export const square = delayed(task(import.meta.url, 'square', (x: number) => x * x));

export const squareSoon = delayed(
  task(import.meta.url, 'squareSoon', async (x: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    return x * x;
  }),
);

/** Waits until a file exists, and returns `value`. */
export const afterFile = delayed(
  task(import.meta.url, 'afterFile', (path: string, value: string) => {
    while (!existsSync(path)) sleep(1);
    return value;
  }),
);

export const sum = delayed(task(import.meta.url, 'sum', (...all: number[]) => all.reduce((x, y) => x + y, 0)));

/** Creates a file. */
export const leaves = delayed(task(import.meta.url, 'leaves', (path: string) => writeFileSync(path, '')));

export const failsAt = delayed(
  task(import.meta.url, 'failsAt', (x: number, at: number, _note: unknown) => {
    if (x === at) throw Object.assign(new RangeError(`no ${x}`), { code: 'E_CHEESE' });
    return x;
  }),
);

export const diesAt = delayed(
  task(import.meta.url, 'diesAt', (x: number, at: number) => {
    if (x === at) process.exit(7);
    return x;
  }),
);

/** @returns how many jobs a Parallel within it has, and the results of an async and of a blocking one */
export const nested = delayed(
  task(import.meta.url, 'nested', async (n: number) => {
    const squares = await new Parallel({ nJobs: 4 }).runAsync([1, 2, 3].map((x) => square(x * n)));
    const blocking = new Parallel({ nJobs: 4 }).run([n].map((x) => square(x)));
    return { jobs: effectiveNJobs(4), squares, blocking };
  }),
);

export const nestedFailure = delayed(
  task(import.meta.url, 'nestedFailure', (x: number) => new Parallel().run([failsAt(x, x, 'deep')])),
);

/** Puts a mark in the first place of a typed array. @returns whether the array came in shared memory, its class and content */
export const looksAt = delayed(
  task(import.meta.url, 'looksAt', (array: Float64Array | { readonly deep: readonly Float64Array[] }, mark: number) => {
    const seen = 'deep' in array ? array.deep[0] : array;
    const { length, buffer } = seen;
    const before = seen[0];
    seen[0] = mark;
    return {
      isShared: Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]',
      name: seen.constructor.name,
      length,
      last: seen[length - 1],
      before,
    };
  }),
);

/** Stores the time of its death, in ms since the epoch. */
export const diesTelling = delayed(
  task(import.meta.url, 'diesTelling', (diedAt: Float64Array) => {
    diedAt[0] = Date.now();
    process.exit(7);
  }),
);

/** Writes the pid of its process to a file, and goes on for ever. */
export const staysAlive = delayed(
  task(import.meta.url, 'staysAlive', (path: string) => {
    writeFileSync(path, String(process.pid));
    for (;;) sleep(1000);
  }),
);

/** Nests `depth` levels of Parallel. @returns the number of calls at the bottom */
export const recursive = delayed(
  task(import.meta.url, 'recursive', (depth: number): number =>
    depth === 0
      ? 1
      : new Parallel({ nJobs: 2 }).run([recursive(depth - 1), recursive(depth - 1)]).reduce((a, b) => a + b),
  ),
);

/** Runs a Parallel in a thread that is not a worker of another one. */
export const inBackground = task(import.meta.url, 'inBackground', (n: number) =>
  new Parallel({ nJobs: 2 }).run(Array.from({ length: n }, (_, x) => square(x))),
);

/** Computes until a file exists, and keeps the result. */
export const keptOrNever = delayed(
  task(import.meta.url, 'keptOrNever', (location: string) =>
    new Memory(location).cache(
      function kept(path: string) {
        writeFileSync(`${path}/begun`, '');
        while (!existsSync(`${path}/gate`)) sleep(1);
        return 'kept';
      },
      { module: import.meta.url },
    )(location),
  ),
);

/** Keeps a thousand results. */
export const keepMany = delayed(
  task(import.meta.url, 'keepMany', (location: string, start: number) => {
    const kept = new Memory(location).cache(
      function many(x: number) {
        return -x;
      },
      { module: import.meta.url },
    );
    for (let i = 0; i < 1000; i++) if (kept(2 * i + start) !== -(2 * i + start)) throw new Error(`${i} is wrong`);
    return kept(0);
  }),
);
