/**
 * An async iterable as the input of `imap`, which asks for items without waiting: what has come is there, and for the next one
 * it has to ask again.
 */
type Came = { readonly result: IteratorResult<unknown> } | { readonly error: unknown };

export class AsyncInput implements Iterator<unknown, unknown, undefined> {
  readonly #items: AsyncIterator<unknown>;
  readonly #onCame: () => void;
  #came: Came | undefined;
  #asked = false;

  /** @param onCame called when `hasNext` has become true */
  constructor(items: AsyncIterable<unknown>, onCame: () => void) {
    this.#items = items[Symbol.asyncIterator]();
    this.#onCame = onCame;
  }

  /** Whether `next` has an answer; if not, one is on its way from now on. */
  get hasNext(): boolean {
    if (this.#came === undefined && !this.#asked) this.#ask();
    return this.#came !== undefined;
  }

  #ask(): void {
    this.#asked = true;
    const came = (what: Came): void => {
      this.#asked = false;
      this.#came = what;
      this.#onCame();
    };
    Promise.resolve(this.#items.next()).then(
      (result) => came({ result }),
      (error: unknown) => came({ error }),
    );
  }

  /** @returns the next item; there must be one */
  next(): IteratorResult<unknown> {
    const came = this.#came;
    this.#came = undefined;
    if (came === undefined) return { done: true, value: undefined };
    if ('error' in came) throw came.error;
    return came.result;
  }

  return(): IteratorResult<unknown> {
    // It may take until an item comes that was asked for, so nobody waits; and an error would be one that nobody asks for.
    Promise.resolve(this.#items.return?.()).catch(() => {});
    return { done: true, value: undefined };
  }
}
