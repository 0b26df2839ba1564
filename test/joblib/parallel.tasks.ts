// What the tests of Parallel have workers do.
import { existsSync, writeFileSync } from 'node:fs';
import { delayed, effectiveNJobs, Parallel, task } from 'atomics-sync-free/joblib';
import { sleep } from '#dist/core/wait/block.js';

export const square = delayed(task(import.meta.url, 'square', (x: number) => x * x));

export const squareSoon = delayed(
  task(import.meta.url, 'squareSoon', async (x: number) => {
    await new Promise((resolve) => setImmediate(resolve));
    return x * x;
  }),
);

/** Waits until there is a file, and returns what was asked for. */
export const afterFile = delayed(
  task(import.meta.url, 'afterFile', (path: string, value: string) => {
    while (!existsSync(path)) sleep(1);
    return value;
  }),
);

/** Leaves a file. */
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

/** @returns how many jobs it has here, and a sum that is computed so */
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
