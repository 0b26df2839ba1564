/**
 * The work of `map` and `starmap`: a task for each chunk of the items. Unless a size was asked for, chunks are as large
 * as what is left allows if each worker is to have two more, up to a bound: large ones first, so that there are few,
 * and small ones last, so that all workers end at about the same time.
 */
import type { AsyncResult } from './async-result.js';
import type { Draft, Feed } from './feed.js';
import { type Callee, MAP, type ResultForm, STARMAP, VALUE } from './messages.js';
import { inItem } from './which.js';

/** The progress of a call of `map` or `starmap`. */
export interface MapProgress {
  /** How many items are done, whatever their outcome. */
  readonly done: number;
  /** How many there are. */
  readonly total: number;
}

const CHUNKS_LEFT_PER_WORKER = 2;
/**
 * The most items of a chunk whose size was not asked for. An array of more than some thousand items takes fresh pages
 * of memory each time, in the owner and in the worker, which takes twice as long as everything else that is done with
 * an item.
 */
const MOST_IN_CHUNK = 2048;

export class MapFeed<Result> implements Feed {
  readonly #result: AsyncResult<Result[]>;
  readonly #callee: Callee;
  readonly #items: unknown[];
  readonly #workers: number;
  readonly #chunkSize: number | undefined;
  readonly #spread: boolean;
  readonly #onProgress: ((progress: MapProgress) => void) | undefined;
  /** The results so far, once there are any. */
  #values: unknown[] | undefined;
  #next = 0;
  #left: number;
  #failure: { readonly error: unknown; readonly isFromWorker: boolean } | undefined;

  /**
   * @param items which are the feed's from now on
   * @param spread whether an item is the array of a call's arguments
   */
  constructor(
    result: AsyncResult<Result[]>,
    callee: Callee,
    items: unknown[],
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

  /** The first error to arrive becomes the call's, once all of its tasks are done. */
  take({ from, count }: Draft, form: ResultForm, value: unknown, at?: number): void {
    if (form === VALUE) {
      const values = value as Result[];
      this.#values ??= this.#placeFor(values[0]);
      const all = this.#values;
      for (let i = 0; i < count; i++) all[from + i] = values[i];
    } else {
      const error = at === undefined ? value : inItem(value, from + at, this.#callee.label);
      this.#failure ??= { error, isFromWorker: true };
    }
    this.#left -= count;
    this.#tell();
    if (this.#left > 0) return;
    if (this.#failure === undefined) this.#result.resolve(this.#values as Result[]);
    else if (this.#failure.isFromWorker) this.#result.fail(this.#failure.error);
    else this.#result.reject(this.#failure.error);
  }

  /**
   * Values take the places of their items, which were put before them: filling a second array, in fresh memory, takes a
   * third of all processor time that goes into a number. But numbers do not replace other values, nor other values
   * numbers, because engines would then rebuild the array.
   */
  #placeFor(value: Result): unknown[] {
    const isAlike = (typeof value === 'number') === (typeof this.#items[0] === 'number');
    return isAlike ? this.#items : new Array(this.#items.length);
  }

  #tell(): void {
    const total = this.#items.length;
    try {
      this.#onProgress?.({ done: total - this.#left, total });
    } catch (error) {
      this.#failure ??= { error, isFromWorker: false };
    }
  }

  abort(error: unknown): void {
    this.#result.reject(error);
  }

  unbind(): void {}
}
