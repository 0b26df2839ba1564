/**
 * An async iterable as the input of `imap`, or of a Parallel, which asks for items without waiting: what has come is there, and for the next one
 * it has to ask again.
 */
type Came<Item> = { readonly result: IteratorResult<Item> } | { readonly error: unknown };

/** Whether an input is one that has to be waited for in the event loop. */
export const isAsync = <Item>(items: Iterable<Item> | AsyncIterable<Item>): items is AsyncIterable<Item> =>
  typeof (items as Partial<AsyncIterable<Item>> | undefined)?.[Symbol.asyncIterator] === 'function' &&
  !(Symbol.iterator in items);

export class AsyncInput<Item = unknown> implements Iterator<Item, unknown, undefined> {
  readonly #items: AsyncIterator<Item>;
  readonly #onCame: () => void;
  #came: Came<Item> | undefined;
  #asked = false;

  /** @param onCame called when `hasNext` has become true */
  constructor(items: AsyncIterable<Item>, onCame: () => void) {
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
    const came = (what: Came<Item>): void => {
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
  next(): IteratorResult<Item> {
    const came = this.#came;
    this.#came = undefined;
    if (came === undefined) return { done: true, value: undefined };
    if ('error' in came) throw came.error;
    return came.result;
  }

  return(): IteratorResult<Item> {
    // It may take until an item comes that was asked for, so nobody waits; and an error would be one that nobody asks for.
    Promise.resolve(this.#items.return?.()).catch(() => {});
    return { done: true, value: undefined };
  }
}
