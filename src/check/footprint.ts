/** What an operation, or everything a thread may still do, touches: a set of resources read, and a set of resources written. */

/** Resources per number: fewer than 31, so that it is a small integer for every engine. */
const BITS = 30;

/** Whatever the checks look at: steps that change it are kept in order. */
export const VISIBLE = 0;
/** Who may still be killed, and who has been. */
export const DEATHS = 1;
/** The value of a word. */
export const contentsOf = (word: number): number => 2 + 2 * word;
/** The waiters on a word. */
export const queueOf = (word: number): number => 3 + 2 * word;

export class Footprint {
  readonly #reads: number[] = [];
  readonly #writes: number[] = [];

  /** @returns whether it was not in the set yet */
  read(resource: number): boolean {
    return include(this.#reads, resource);
  }

  /** @returns whether it was not in the set yet */
  write(resource: number): boolean {
    return include(this.#writes, resource);
  }

  /**
   * Adds all of another footprint.
   *
   * @returns whether anything was not in the sets yet
   */
  add(other: Footprint): boolean {
    const reads = unite(this.#reads, other.#reads);
    return unite(this.#writes, other.#writes) || reads;
  }

  reads(resource: number): boolean {
    return has(this.#reads, resource);
  }

  writes(resource: number): boolean {
    return has(this.#writes, resource);
  }

  /** Whether the order of the two may matter: one writes what the other reads or writes. */
  conflictsWith(other: Footprint): boolean {
    return meet(this.#writes, other.#writes) || meet(this.#writes, other.#reads) || meet(this.#reads, other.#writes);
  }
}

function has(set: readonly number[], resource: number): boolean {
  return (((set[Math.trunc(resource / BITS)] ?? 0) >> (resource % BITS)) & 1) === 1;
}

function include(set: number[], resource: number): boolean {
  const at = Math.trunc(resource / BITS);
  while (set.length <= at) set.push(0);
  const before = set[at];
  set[at] |= 1 << (resource % BITS);
  return set[at] !== before;
}

function unite(set: number[], other: readonly number[]): boolean {
  while (set.length < other.length) set.push(0);
  let news = false;
  for (let at = 0; at < other.length; at++) {
    const both = set[at] | other[at];
    if (both !== set[at]) news = true;
    set[at] = both;
  }
  return news;
}

function meet(one: readonly number[], other: readonly number[]): boolean {
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) if ((one[at] & other[at]) !== 0) return true;
  return false;
}
