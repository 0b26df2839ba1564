/**
 * The work of `map` and `starmap`: a task for each chunk of the items. Without a size that was asked for, chunks are as
 * large as what is left allows, if each worker is to have two more, up to a bound: large ones first, so that there are few, and
 * small ones last, so that all workers end at about the same time.
 */
import type { AsyncResult } from './async-result.js';
import type { Draft, Feed } from './feed.js';
import { type Callee, MAP, type ResultForm, STARMAP, VALUE } from './messages.js';

/** How far a call of `map` or `starmap` is. */
export interface MapProgress {
  /** How many items are done, whatever came of them. */
  readonly done: number;
  /** How many there are. */
  readonly total: number;
}

const CHUNKS_LEFT_PER_WORKER = 2;
/**
 * The most items of a chunk whose size was not asked for. An array of more than some thousand items goes into fresh pages of
 * memory each time, in the owner and in the worker, which takes twice as long as all else that is done with an item.
 */
const MOST_IN_CHUNK = 2048;

export class MapFeed<Result> implements Feed {
  readonly #result: AsyncResult<Result[]>;
  readonly #callee: Callee;
  readonly #items: readonly unknown[];
  readonly #workers: number;
  readonly #chunkSize: number | undefined;
  readonly #spread: boolean;
  readonly #onProgress: ((progress: MapProgress) => void) | undefined;
  readonly #values: Result[];
  #next = 0;
  #left: number;
  #failure: { readonly error: unknown } | undefined;

  /** @param spread whether an item is the array of a call's arguments */
  constructor(
    result: AsyncResult<Result[]>,
    callee: Callee,
    items: readonly unknown[],
    workers: number,
    chunkSize: number | undefined,
    spread: boolean,
    readonly retries: number,
    onProgress: ((progress: MapProgress) => void) | undefined,
  ) {
    this.#result = result;
    this.#callee = callee;
    this.#items = items;
    this.#workers = workers;
    this.#chunkSize = chunkSize;
    this.#spread = spread;
    this.#onProgress = onProgress;
    this.#left = items.length;
    this.#values = new Array<Result>(items.length);
    if (items.length === 0) result.resolve([]);
  }

  get exhausted(): boolean {
    return this.#next >= this.#items.length;
  }

  next(): Draft | undefined {
    if (this.exhausted) return undefined;
    const from = this.#next;
    const left = this.#items.length - from;
    const share = Math.ceil(left / (CHUNKS_LEFT_PER_WORKER * this.#workers));
    const count = Math.min(left, this.#chunkSize ?? Math.min(share, MOST_IN_CHUNK));
    this.#next += count;
    const args = this.#items.slice(from, from + count);
    return { form: this.#spread ? STARMAP : MAP, callee: this.#callee, args, from, count };
  }

  /** The first error to come is the call's, once all of its tasks are done. */
  take({ from, count }: Draft, form: ResultForm, value: unknown): void {
    if (form === VALUE) {
      const values = value as Result[];
      for (let i = 0; i < count; i++) this.#values[from + i] = values[i];
    } else {
      this.#failure ??= { error: value };
    }
    this.#left -= count;
    this.#tell();
    if (this.#left > 0) return;
    if (this.#failure === undefined) this.#result.resolve(this.#values);
    else this.#result.reject(this.#failure.error);
  }

  #tell(): void {
    const total = this.#items.length;
    try {
      this.#onProgress?.({ done: total - this.#left, total });
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  abort(error: unknown): void {
    this.#result.reject(error);
  }

  unbind(): void {}
}
