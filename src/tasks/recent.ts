/** What was asked for lately, by keys of which there is no end, such as the texts of functions. */
export class Recent<Key, Value> {
  readonly #most: number;
  #young = new Map<Key, Value>();
  /** What was asked for before those, and has not been since. */
  #old = new Map<Key, Value>();

  /** @param most so many of the last are kept, and twice as many at the most */
  constructor(most: number) {
    this.#most = most;
  }

  /** @returns the value, which is one of the last from now on; undefined where it was never set, or is forgotten */
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

/** So many functions are remembered by their texts: a program that makes functions of text may come to any number of them. */
export const MOST_FUNCTIONS = 500;
