/** The one place where an agent blocks, and whether it may. */

/**
 * Sleeps on a gate.
 *
 * @param seen the expected value of the gate
 * @param ms the longest sleep, in ms
 * @throws TypeError where an agent must not block
 */
export const sleepAt = (words: Int32Array, gate: number, seen: number, ms: number): 'ok' | 'not-equal' | 'timed-out' =>
  Atomics.wait(words, gate, seen, ms);

/**
 * Sleeps for some time; nobody can cut it short.
 *
 * @param ms how long, in ms
 * @throws TypeError where an agent must not block
 */
export function sleep(ms: number): void {
  sleepAt(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

let blockingAllowed = true;
let learnt = false;

/** @returns whether this agent may block, as far as is known */
export const mayBlock = (): boolean => blockingAllowed;

/** Finds out whether this agent may block, by an attempt that takes no time. */
export function learnWhetherBlockingIsAllowed(): void {
  if (learnt) return;
  learnt = true;
  try {
    sleep(0);
  } catch {
    blockingAllowed = false;
  }
}
