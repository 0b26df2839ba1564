// Counts the Atomics calls of running code: a cost that does not depend on the machine. The package calls `Atomics.x` on the
// global, so functions put there see every call.

/**
 * Counts from now on: use it only in a process in which nothing is timed.
 *
 * @returns {(run: () => void) => Record<string, number>} runs something, and returns how often it called each function
 */
export function countCalls() {
  let counts = {};
  for (const name of Object.getOwnPropertyNames(Atomics)) {
    const original = Atomics[name];
    if (typeof original !== 'function') continue;
    Atomics[name] = (...args) => {
      counts[name] = (counts[name] ?? 0) + 1;
      return original(...args);
    };
  }
  return (run) => {
    counts = {};
    run();
    return counts;
  };
}
