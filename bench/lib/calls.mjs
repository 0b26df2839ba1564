// Counts the Atomics calls of what runs: a cost that no machine disturbs. The package calls `Atomics.x` on the global,
// so functions put there see every call.

/**
 * Counts from here on, so only in a process in which nothing is timed.
 *
 * @returns {(run: () => void) => Record<string, number>} runs something, and tells how often it called each function
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
