/**
 * Members in the order in which they came, the first of which is found in constant time. A new iterator of a Set passes all
 * places whose members were taken out before it: to take the first of n again and again takes n² steps.
 */
export class Arrivals<T> {
  readonly #members = new Set<T>();
  #walk = this.#members.values();
  /** Where the walk stands. It may have been taken out since; what is before it was. */
  #at: T | undefined;

  get size(): number {
    return this.#members.size;
  }

  /** The first to have come of those that are there. */
  get first(): T | undefined {
    while (this.size > 0 && !this.#members.has(this.#at as T)) {
      const { done, value } = this.#walk.next();
      // An iterator that has come to the end stays there.
      if (done) this.#walk = this.#members.values();
      this.#at = value;
    }
    return this.size > 0 ? this.#at : undefined;
  }

  /** Takes it in, behind all others. */
  add(member: T): void {
    this.#members.add(member);
  }

  delete(member: T): void {
    this.#members.delete(member);
  }

  clear(): void {
    this.#members.clear();
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#members.values();
  }
}
