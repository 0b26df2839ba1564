/**
 * What is on its way to another agent, as a word in shared memory says until it has come there. When what carries it is
 * refused, or its receiver dies before it has taken it, it is said to have come: nobody has it then.
 */

/** Such a word. */
export interface Way {
  readonly words: Int32Array;
  readonly at: number;
  /** The bit that says that it has come. */
  readonly arrived: number;
}

const NONE: readonly Way[] = [];
/** Since they were taken last. */
let begun: Way[] = [];

/** Notes one, while what carries it is written. */
export function beginWay(way: Way): void {
  begun.push(way);
}

/** @returns those that were noted since this was called last: of the value that has just been written, or refused */
export function takeWays(): readonly Way[] {
  if (begun.length === 0) return NONE;
  const taken = begun;
  begun = [];
  return taken;
}

/** Ends them, wherever they lead. */
export function endWays(ways: readonly Way[]): void {
  for (const { words, at, arrived } of ways) Atomics.or(words, at, arrived);
}
