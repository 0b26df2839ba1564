/** The work that is compared, as a thread or a pool task performs it: the same code for all contenders. */
import type { GIL } from '../gil/index.js';
import { Event, task } from '../multiprocessing/index.js';

/** What takes the time: computing, or waiting for an answer. */
export const KINDS = ['CPU-bound', 'I/O-bound'] as const;
export type Kind = (typeof KINDS)[number];

/** A number of equal tasks of one kind. */
export interface Work {
  readonly kind: Kind;
  readonly tasks: number;
  /** For CPU-bound work, how many numbers each task tests. For I/O-bound work, how long each task waits, in ms. */
  readonly size: number;
}

/** The first number that is tested. Numbers around it take about equally long to divide. */
export const FIRST_NUMBER = 1_000_000;

/** Never set: a wait for it takes its whole time-out, as a wait for an answer would. */
const answer = new Event();

/**
 * Does one of the tasks.
 *
 * @param index which, from 0
 * @param gil what the thread holds; undefined for threads without a GIL, and for pools
 * @returns how many primes it has found, or how many answers it has waited for
 */
export function perform({ kind, size }: Work, index: number, gil?: GIL): number {
  if (kind === 'CPU-bound') {
    return countPrimes(FIRST_NUMBER + index * size, size, gil === undefined ? () => {} : () => gil.checkpoint());
  }
  if (gil === undefined) answer.wait(size);
  else gil.allowThreads(() => answer.wait(size));
  return 1;
}

/** By trial division, as the Python program does it: see python.ts. */
function countPrimes(from: number, many: number, checkpoint: () => void): number {
  let found = 0;
  for (let n = from; n < from + many; n++) {
    checkpoint();
    let divisor = 2;
    while (divisor * divisor <= n && n % divisor !== 0) divisor++;
    if (divisor * divisor > n) found++;
  }
  return found;
}

const WARM_UP_MS = 20;
const WARM_UP_SIZE = 5;

/** Does some of each work, so that its code is compiled before it is measured. */
export function warmUp(works: readonly Work[], gil?: GIL): void {
  for (const work of works) {
    const end = performance.now() + WARM_UP_MS;
    do perform({ ...work, size: WARM_UP_SIZE }, 0, gil);
    while (performance.now() < end);
  }
}

/** A worker of a pool, before its first task. */
export const begin = task(import.meta.url, 'begin of compare', (works: readonly Work[]) => warmUp(works));

/** A task of a pool. */
export const one = task(import.meta.url, 'one of compare', (work: Work, index: number) => perform(work, index));
