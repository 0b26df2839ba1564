/** How waiters are woken, and how they are described to human readers. */
import type { Member } from '../memory/member.js';
import { ASYNC, BLOCKED, BLOCKED_WAITER, TASK_WAITER } from '../memory/owner.js';

/**
 * Wakes blocked agents.
 *
 * @param gate the gate on which they sleep
 * @param agents how many
 * @returns how many were woken
 */
export function wakeBlocked(words: Int32Array, gate: number, agents: number): number {
  Atomics.add(words, gate, 1);
  return Atomics.notify(words, gate, agents);
}

/**
 * Wakes the waiters that a word's BLOCKED and ASYNC bits are evidence of: changes the gate, for those that are about to
 * sleep, then notifies. Tasks are all woken, because one whose event loop is busy would sit on a wake meant for others.
 *
 * @param gate the gate of blocked agents; that of tasks is the next word
 * @param evidence a word with the bits
 * @param agents how many blocked agents to wake
 * @returns how many sleepers were woken
 */
export function wake(
  { words, queues }: Pick<Member, 'words' | 'queues'>,
  gate: number,
  evidence: number,
  agents: number,
): number {
  let woken = (evidence & BLOCKED) === 0 ? 0 : wakeBlocked(words, gate + BLOCKED_WAITER, agents);
  if ((evidence & ASYNC) !== 0) {
    Atomics.add(words, gate + TASK_WAITER, 1);
    woken += Atomics.notify(words, gate + TASK_WAITER);
    queues.get(gate + TASK_WAITER)?.poll();
  }
  return woken;
}

/** @returns the waiters shown by the evidence, for human readers */
export function describeWaiters(word: number): string {
  return `waiters: ${['none', 'agents', 'tasks', 'agents and tasks'][word & (BLOCKED | ASYNC)]}`;
}
