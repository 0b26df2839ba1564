import { ASYNC, BLOCKED, TASK_WAITER, THREAD_WAITER } from './owner.js';

/**
 * Wakes waiters, for whom a word's BLOCKED and ASYNC bits are evidence: changes the gate, for those that are about to
 * sleep, then notifies. Tasks are all woken, because one whose event loop is busy would sit on a wake for others.
 *
 * @param gate the gate of threads; that of tasks is the next word
 * @param evidence a word with the bits
 * @param threads how many threads to wake
 * @returns how many sleepers were woken
 */
export function wake(words: Int32Array, gate: number, evidence: number, threads: number): number {
  let woken = 0;
  if ((evidence & BLOCKED) !== 0) {
    Atomics.add(words, gate + THREAD_WAITER, 1);
    woken += Atomics.notify(words, gate + THREAD_WAITER, threads);
  }
  if ((evidence & ASYNC) !== 0) {
    Atomics.add(words, gate + TASK_WAITER, 1);
    woken += Atomics.notify(words, gate + TASK_WAITER);
  }
  return woken;
}

/** @returns how the evidence of waiters reads to people */
export function describeWaiters(word: number): string {
  const kinds = [(word & BLOCKED) !== 0 && 'threads', (word & ASYNC) !== 0 && 'tasks'].filter(Boolean);
  return `waiters: ${kinds.length === 0 ? 'none' : kinds.join(' and ')}`;
}
