/** How the owner of a pool learns through its event loop that results have arrived. */
import { later, nextTurn } from '../../core/wait/turns.js';
import type { Ring } from '../ring/ring.js';

/** A pending look for results. */
interface Look {
  /** Whether it waits for one; otherwise it happens by itself. */
  readonly waits: boolean;
}

export class Listener {
  readonly #results: Ring;
  readonly #isNeeded: () => boolean;
  readonly #isPatient: () => boolean;
  readonly #onResults: () => number | undefined;
  #look: Look | undefined;
  /** Ends the wait of a look. It is used for one wait after the other, because making one takes as long as a small call. */
  #end = new AbortController();

  /**
   * @param isNeeded whether something is under way
   * @param isPatient whether looking for results may occupy a processor for a short time
   * @param onResults called in a turn of the event loop; it takes what has arrived, and returns after how many ms to
   *   look for more; undefined when nothing has arrived
   */
  constructor(results: Ring, isNeeded: () => boolean, isPatient: () => boolean, onResults: () => number | undefined) {
    this.#results = results;
    this.#isNeeded = isNeeded;
    this.#isPatient = isPatient;
    this.#onResults = onResults;
  }

  get isListening(): boolean {
    return this.#look !== undefined;
  }

  /**
   * Keeps the program alive until everything under way is done. While results arrive, it looks for more by itself,
   * because a wait is woken for each of them, which costs much more.
   *
   * @param pause after how many ms; 0 for the next turn of the event loop, and undefined to wait for one
   */
  listen(pause?: number): void {
    if (this.#look !== undefined || !this.#isNeeded()) return;
    const look: Look = { waits: pause === undefined };
    this.#look = look;
    const heard = (): void => {
      if (this.#look !== look) return;
      this.#look = undefined;
      this.listen(this.#onResults());
    };
    if (look.waits)
      this.#results.consumer.lookAsync({ signal: this.#end.signal }, this.#isPatient()).then(heard, () => {});
    else if (!pause) nextTurn(heard);
    else later(heard, pause);
  }

  /** Called when nothing is under way: nothing need be kept alive. */
  stop(): void {
    const waits = this.#look?.waits;
    this.#look = undefined;
    if (!waits) return;
    this.#end.abort();
    this.#end = new AbortController();
  }
}
