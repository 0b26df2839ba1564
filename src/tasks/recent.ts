/** A cache of recently used values, for an unbounded set of keys, such as the texts of functions. */
export class Recent<Key, Value> {
  readonly #most: number;
  #young = new Map<Key, Value>();
  /** What was used before those, and has not been since. */
  #old = new Map<Key, Value>();

  /** @param most at least this many of the last are kept, and at most twice as many */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns the value, which now counts as recently used; undefined if it was never set or is forgotten */
  get(key: Key): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: Key, value: Value): void {
    if (this.#young.size >= this.#most) {
      this.#old = this.#young;
      this.#young = new Map();
    }
    this.#young.set(key, value);
  }
}

/**
 * How many functions are remembered by their texts: a program that makes functions from text may create any number of them.
 */
export const MOST_FUNCTIONS = 500;
