/**
 * How far ahead of its reader an input is taken. If tasks are short, a few of them ahead are done before the next are
 * put, and the reader, the owner and the workers wait for each other: with four for each worker an empty task took 20
 * µs, with 64 of them 4.
 */
import { now } from '../../core/wait/clock.js';

/** What is taken ahead should take at least this long to be done, in ms. */
const SOON_MS = 2;

export class ReadAhead {
  #items: number;
  readonly #most: number;
  /** How many results have arrived since, and since when. */
  #came = 0;
  #since = now();

  /**
   * @param items how many are taken ahead at first
   * @param most the most that are taken ahead, if they are done soon
   */
  constructor(items: number, most: number) {
    this.#items = items;
    this.#most = most;
  }

  /** How many items may be taken before their results are read. */
  get items(): number {
    return this.#items;
  }

  /** Lifts the bound: all items are taken. */
  unbind(): void {
    this.#items = Infinity;
  }

  /** Called when results have arrived. */
  came(count: number): void {
    this.#came += count;
    if (this.#came < this.#items || this.#items >= this.#most) return;
    const time = now();
    if (time - this.#since < SOON_MS) this.#items = Math.min(2 * this.#items, this.#most);
    this.#came = 0;
    this.#since = time;
  }
}
