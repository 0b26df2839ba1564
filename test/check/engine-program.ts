/** Random programs of Atomics operations, run alike by the simulation and by real workers: see engine.test.ts. */

export const KINDS = [
  ...(['load', 'store', 'exchange', 'compareExchange', 'add', 'sub', 'and', 'or', 'xor'] as const),
  ...(['wait', 'timedWait', 'noWait', 'notify', 'waitAsync'] as const),
] as const;

/** One operation: index of its kind, word, two operands. */
export type Instruction = readonly [kind: number, word: number, a: number, b: number];

/** Short, because a time-out is waited for. */
export const TIMEOUT = 2;

const STRINGS = ['ok', 'not-equal', 'timed-out'];

/** Results as integers, to pass them through shared memory: strings have codes that no operation gives. */
export function encoded(result: unknown): number {
  return typeof result === 'number' ? result : 1_000_000 + STRINGS.indexOf(String(result));
}

/**
 * Executes an instruction on the global Atomics, whichever that is.
 *
 * @param onAsync - Receives the promise of a waitAsync that waits; returns the number of the wait, which is the result.
 */
export function execute(
  words: Int32Array,
  [kind, word, a, b]: Instruction,
  onAsync: (promise: Promise<string>) => number,
): unknown {
  const name = KINDS[kind];
  switch (name) {
    case 'load':
      return Atomics.load(words, word);
    case 'compareExchange':
      return Atomics.compareExchange(words, word, a, b);
    case 'wait':
      return Atomics.wait(words, word, a);
    case 'timedWait':
      return Atomics.wait(words, word, a, TIMEOUT);
    case 'noWait':
      return Atomics.wait(words, word, a, 0);
    case 'notify':
      return Atomics.notify(words, word, b === 0 ? undefined : b);
    case 'waitAsync': {
      const waiting = Atomics.waitAsync(words, word, a);
      return waiting.async ? onAsync(waiting.value) : waiting.value;
    }
    default:
      return Atomics[name](words, word, a);
  }
}
