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

let quiet: Int32Array | undefined;

/** @returns a word of this agent's own that stays 0 and is never notified: a wait on it ends only by its timeout */
export const quietWord = (): Int32Array => {
  quiet ??= new Int32Array(new SharedArrayBuffer(4));
  return quiet;
};

/**
 * Sleeps for some time; nobody can cut it short.
 *
 * @param ms how long, in ms
 * @throws TypeError where an agent must not block
 */
export function sleep(ms: number): void {
  sleepAt(quietWord(), 0, 0, ms);
}

let blockingAllowed = true;
let learnt = false;

/** @returns whether this agent may block, as far as is known */
export const mayBlock = (): boolean => blockingAllowed;

/** Finds out whether this agent may block, by an attempt that takes no time. */
export function learnWhetherBlockingIsAllowed(): void {
  if (learnt) return;
  // Outside the `try`: running out of memory says nothing about blocking.
  const word = quietWord();
  learnt = true;
  try {
    sleepAt(word, 0, 0, 0);
  } catch {
    blockingAllowed = false;
  }
}
