/** Mutants that no scenario can catch, because they do the same, each with the reason why. */
const STALE =
  'evidence that is left standing is stale, and makes releases notify in vain; none that is needed is missing';

export const equivalent: Readonly<Record<string, string>> = {
  'sync/rlock.js freeForTask: drop | TASK: this.#me | TASK':
    'it takes the slow path of a release, which finds nobody to wake, where it need not',
  'sync/semaphore.js release: drop & ~(BLOCKED | ASYNC): (word + (n << PERMITS_SHIFT)) & ~(BLOCKED | ASYNC)': STALE,
  'sync/semaphore.js release: drop | ASYNC: BLOCKED | ASYNC': STALE,
  'sync/semaphore.js #afterRelease: wake 1 by: wake(this.#words, this.cell + GATE, word, n)':
    'a thread that was woken wakes the next one while it leaves permits behind: all are woken, one after the other',
  'sync/semaphore.js #afterRelease: wake 1 by: wake(this.#words, this.cell + GATE, Atomics.and(this.#words, this.#word, ~RESERVED), n)':
    'a thread that was woken wakes the next one while it leaves permits behind: all are woken, one after the other',
  'sync/event.js set: drop | BLOCKED: ASYNC | BLOCKED': STALE,
  'sync/event.js set: drop & ~(ASYNC | BLOCKED): (word + GENERATION) & WORD_MASK & ~(ASYNC | BLOCKED)': STALE,
};
