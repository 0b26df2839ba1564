/**
 * A set in the order of arrival, whose first member is found in constant time. A new iterator of a Set passes over the
 * places of all members that were removed, so taking the first of n again and again would take n² steps.
 */
export class Arrivals<T> {
  readonly #members = new Set<T>();
  #walk = this.#members.values();
  /** The member at which the walk is: all before it have been removed, and it may have been, too. */
  #at: T | undefined;

  get size(): number {
    return this.#members.size;
  }

  /** The member that arrived first. */
  get first(): T | undefined {
    while (this.size > 0 && !this.#members.has(this.#at as T)) {
      const { done, value } = this.#walk.next();
      // An iterator that has come to the end stays there.
      if (done) this.#walk = this.#members.values();
      this.#at = value;
    }
    return this.size > 0 ? this.#at : undefined;
  }

  /** Adds a member after all others. */
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
