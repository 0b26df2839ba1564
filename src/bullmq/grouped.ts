/** Groups items whose work costs one round trip however many there are: what arrives during one group's work forms the next. */
import { turn } from '../core/wait/turns.js';

export class Grouped<Item> {
  readonly #most: number;
  readonly #work: (items: readonly Item[]) => Promise<void>;
  /** What has arrived, without duplicates. */
  readonly #waiting = new Set<Item>();
  /** Set while the work is running. */
  #running: Promise<void> | undefined;

  /**
   * @param most how many items a group has
   * @param work is never called again before its promise has settled, and does not reject
   */
  constructor(most: number, work: (items: readonly Item[]) => Promise<void>) {
    this.#most = most;
    this.#work = work;
  }

  add(item: Item): void {
    this.#waiting.add(item);
    this.#running ??= this.#run();
  }

  /** Resolves when everything that has arrived has been worked on. */
  async idle(): Promise<void> {
    await this.#running;
  }

  async #run(): Promise<void> {
    // What arrives in the same turn of the event loop goes together.
    await turn();
    while (this.#waiting.size > 0) {
      const group = [...this.#waiting].slice(0, this.#most);
      for (const item of group) this.#waiting.delete(item);
      await this.#work(group);
    }
    this.#running = undefined;
  }
}
