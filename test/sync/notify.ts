// A look at the moment in which somebody is woken.

/**
 * Does something, with every `Atomics.notify` of this thread going through the test.
 *
 * @param call - what to do
 * @param through - is given the notify; wakes by calling it, and returns what it returned
 */
export function aroundNotify(call: () => void, through: (notify: () => number) => number): void {
  const { notify } = Atomics;
  const wrapped = (words: Int32Array, index: number, count?: number) => through(() => notify(words, index, count));
  Atomics.notify = wrapped as typeof notify;
  try {
    call();
  } finally {
    Atomics.notify = notify;
  }
}
