// A minimal implementation of each primitive: the same Atomics calls and spin as ours, without owners, time-outs,
// starvation control, async waiters, death of agents, or checks. This is the floor for what threads do together;
// `BareLock` is the futex mutex of U. Drepper's "Futexes are tricky".
//
// Every word has a gate beside it: a releaser changes the gate, then notifies, as ours do. Nothing of the package is
// imported, so that the floor stays where it is when the package changes.

/** How many times every wait first looks at the word. */
const FEW = 40;
/** One wait in this many looks for longer, about as long as a wake-up takes, in ms. */
const LONG_ONE_IN = 17;
const LONG_MS = 0.05;
/** Looks between two readings of the clock. */
const LOOKS_PER_CLOCK = 16;

let waits = 0;

/**
 * Spins before a wait sleeps, as ours do: always a few times, and now and then for as long as a wake-up takes.
 *
 * @param {(words: Int32Array, word: number, test?: (value: number) => boolean) => boolean} attempt
 * @returns {boolean} whether an attempt succeeded
 */
function spin(attempt, words, word, test) {
  if (look(attempt, words, word, test, FEW)) return true;
  if (++waits % LONG_ONE_IN !== 0) return false;
  const end = performance.now() + LONG_MS;
  do {
    if (look(attempt, words, word, test, LOOKS_PER_CLOCK)) return true;
  } while (performance.now() < end);
  return false;
}

/** One attempt, and `more` further ones with a pause before each. */
function look(attempt, words, word, test, more) {
  if (attempt(words, word, test)) return true;
  for (let left = more; left > 0; left--) {
    pause();
    if (attempt(words, word, test)) return true;
  }
  return false;
}

const pause =
  typeof Atomics.pause === 'function'
    ? () => Atomics.pause()
    : () => {
        // Looking less often leaves the word's cache line to its holder.
        for (let i = 0; i < 8; i++);
      };

const FREE = 0;
const HELD = 2;
const WAITED_FOR = 1;

/** The number of words in a cell; cells are as far apart as ours, so that they share no cache line. */
export const CELL = 16;

class Bare {
  /** @param {Int32Array} words  @param {number} cell the index of its cell: the gate, then the word */
  constructor(words, cell) {
    this.words = words;
    this.gate = cell * CELL;
    this.word = this.gate + 1;
  }

  wake(count) {
    Atomics.add(this.words, this.gate, 1);
    Atomics.notify(this.words, this.gate, count);
  }
}

const takeLock = (words, word) =>
  Atomics.load(words, word) === FREE && Atomics.compareExchange(words, word, FREE, HELD) === FREE;

export class BareLock extends Bare {
  acquire() {
    if (Atomics.compareExchange(this.words, this.word, FREE, HELD) !== FREE) this.#wait();
  }

  #wait() {
    const { words, gate, word } = this;
    if (spin(takeLock, words, word)) return;
    let slept = 0;
    for (;;) {
      const ticket = Atomics.load(words, gate);
      const seen = Atomics.load(words, word);
      if (seen === FREE) {
        if (Atomics.compareExchange(words, word, FREE, HELD | slept) === FREE) return;
        continue;
      }
      if ((seen & WAITED_FOR) === 0 && Atomics.compareExchange(words, word, seen, seen | WAITED_FOR) !== seen) continue;
      Atomics.wait(words, gate, ticket);
      slept = WAITED_FOR;
    }
  }

  release() {
    if ((Atomics.exchange(this.words, this.word, FREE) & WAITED_FOR) !== 0) this.wake(1);
  }
}

const takePermit = (words, word) => {
  const seen = Atomics.load(words, word);
  return seen >= 2 && Atomics.compareExchange(words, word, seen, seen - 2) === seen;
};

/** `permits << 1 | WAITED_FOR` */
export class BareSemaphore extends Bare {
  acquire() {
    const seen = Atomics.load(this.words, this.word);
    if (seen < 2 || Atomics.compareExchange(this.words, this.word, seen, seen - 2) !== seen) this.#wait();
  }

  #wait() {
    const { words, gate, word } = this;
    if (spin(takePermit, words, word)) return;
    let slept = 0;
    for (;;) {
      const ticket = Atomics.load(words, gate);
      const seen = Atomics.load(words, word);
      if (seen >= 2) {
        if (Atomics.compareExchange(words, word, seen, (seen - 2) | slept) === seen) return;
        continue;
      }
      if (seen !== WAITED_FOR && Atomics.compareExchange(words, word, seen, WAITED_FOR) !== seen) continue;
      Atomics.wait(words, gate, ticket);
      slept = WAITED_FOR;
    }
  }

  release() {
    for (;;) {
      const seen = Atomics.load(this.words, this.word);
      if (Atomics.compareExchange(this.words, this.word, seen, (seen & ~WAITED_FOR) + 2) !== seen) continue;
      if ((seen & WAITED_FOR) !== 0) this.wake(1);
      return;
    }
  }
}

const passes = (words, word, test) => test(Atomics.load(words, word));

/** Waits until a test of the word holds; any change of the word clears WAITED_FOR. */
function waitFor({ words, gate, word }, test) {
  if (spin(passes, words, word, test)) return;
  for (;;) {
    const ticket = Atomics.load(words, gate);
    const seen = Atomics.load(words, word);
    if (test(seen)) return;
    if ((seen & WAITED_FOR) === 0 && Atomics.compareExchange(words, word, seen, seen | WAITED_FOR) !== seen) continue;
    Atomics.wait(words, gate, ticket);
  }
}

const SET = 2;
const isSet = (seen) => (seen & SET) !== 0;

export class BareEvent extends Bare {
  wait() {
    if (!isSet(Atomics.load(this.words, this.word))) waitFor(this, isSet);
  }

  set() {
    for (;;) {
      const seen = Atomics.load(this.words, this.word);
      if (Atomics.compareExchange(this.words, this.word, seen, SET) !== seen) continue;
      if ((seen & WAITED_FOR) !== 0) this.wake(Number.POSITIVE_INFINITY);
      return;
    }
  }

  clear() {
    Atomics.and(this.words, this.word, ~SET);
  }
}

const isWoken = (seen) => seen !== 0;

/** For two threads: the queue holds the record of a waiter, the cell that it sleeps on; 0 means nobody. */
export class BareCondition {
  /**
   * @param {Int32Array} words
   * @param {number} queue the index of a word
   * @param {BareLock} lock
   * @param {number} record the calling thread's cell, not 0
   */
  constructor(words, queue, lock, record) {
    this.words = words;
    this.queue = queue;
    this.lock = lock;
    this.own = new Bare(words, record);
  }

  wait() {
    Atomics.store(this.words, this.own.word, 0);
    Atomics.store(this.words, this.queue, this.own.gate);
    this.lock.release();
    this.#sleep();
    this.lock.acquire();
  }

  #sleep() {
    const { words, gate, word } = this.own;
    if (spin(passes, words, word, isWoken)) return;
    for (;;) {
      const ticket = Atomics.load(words, gate);
      if (Atomics.load(words, word) !== 0) return;
      Atomics.wait(words, gate, ticket);
    }
  }

  notify() {
    const gate = Atomics.load(this.words, this.queue);
    if (gate === 0) return;
    Atomics.store(this.words, this.queue, 0);
    Atomics.store(this.words, gate + 1, 1);
    Atomics.add(this.words, gate, 1);
    Atomics.notify(this.words, gate, 1);
  }
}

const DRAINING = 2;
const PARTY = 4;
const isDraining = (seen) => (seen & DRAINING) !== 0;
const isFilling = (seen) => (seen & DRAINING) === 0;

/** For two: `parties that have arrived or not left << 2 | DRAINING | WAITED_FOR`. It is reusable, so parties have to drain. */
export class BareBarrier extends Bare {
  wait() {
    if (this.#arrive()) this.#change((seen) => (seen | DRAINING) & ~WAITED_FOR);
    else waitFor(this, isDraining);
    this.#change((seen) => (seen - PARTY < PARTY ? 0 : seen - PARTY));
  }

  /** @returns whether the caller is the last to arrive */
  #arrive() {
    for (;;) {
      const seen = Atomics.load(this.words, this.word);
      if (!isFilling(seen)) waitFor(this, isFilling);
      else if (Atomics.compareExchange(this.words, this.word, seen, seen + PARTY) === seen) return seen >= PARTY;
    }
  }

  #change(next) {
    for (;;) {
      const seen = Atomics.load(this.words, this.word);
      const then = next(seen);
      if (Atomics.compareExchange(this.words, this.word, seen, then) !== seen) continue;
      if ((seen & ~then & WAITED_FOR) !== 0) this.wake(Number.POSITIVE_INFINITY);
      return;
    }
  }
}
