/**
 * An async iterable as the input of `imap`, or of a Parallel, which ask for items without waiting: an item that has
 * arrived is there, and the next one has to be asked for again.
 */
import { asyncContext } from '#host';

type Came<Item> = { readonly result: IteratorResult<Item> } | { readonly error: unknown };

/** Whether an input has to be waited for in the event loop. */
export const isAsync = <Item>(items: Iterable<Item> | AsyncIterable<Item>): items is AsyncIterable<Item> =>
  typeof (items as Partial<AsyncIterable<Item>> | undefined)?.[Symbol.asyncIterator] === 'function' &&
  !(Symbol.iterator in items);

export class AsyncInput<Item = unknown> implements Iterator<Item, unknown, undefined> {
  readonly #items: AsyncIterator<Item>;
  /** Whatever makes room for an item, the input takes its steps in the context that it was given in. */
  readonly #within = asyncContext();
  readonly #onCame: () => void;
  #came: Came<Item> | undefined;
  #asked = false;

  /** @param onCame called when `hasNext` has become true */
  constructor(items: AsyncIterable<Item>, onCame: () => void) {
    this.#items = items[Symbol.asyncIterator]();
    this.#onCame = onCame;
  }

  /** Whether `next` has an answer; if not, it is asked for now. */
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
    Promise.resolve(this.#within(() => this.#items.next())).then(
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
    // It may take until the item that was asked for arrives, so nobody waits; and nobody would ask for its error.
    Promise.resolve(this.#within(() => this.#items.return?.())).catch(() => {});
    return { done: true, value: undefined };
  }
}
