/** How the owner of a pool learns in turns of its event loop that results have come. */
import type { Ring } from '../ring/ring.js';

// Taken before somebody puts fakes in their place, since what it waits for goes by real time.
const { setImmediate, setTimeout: after } = globalThis as {
  setImmediate?: (call: () => void) => unknown;
  setTimeout: (call: () => void) => unknown;
};
const nextTurn = setImmediate ?? after;

/** A look for results that is to come. */
interface Look {
  /** Ends the wait for one; undefined where it is just the next turn. */
  readonly wait: AbortController | undefined;
}

export class Listener {
  readonly #results: Ring;
  readonly #isNeeded: () => boolean;
  readonly #onResults: () => void;
  #look: Look | undefined;

  /**
   * @param isNeeded whether something is under way
   * @param onResults called in a turn of the event loop; it takes what has come
   */
  constructor(results: Ring, isNeeded: () => boolean, onResults: () => void) {
    this.#results = results;
    this.#isNeeded = isNeeded;
    this.#onResults = onResults;
  }

  get isListening(): boolean {
    return this.#look !== undefined;
  }

  /**
   * Keeps the program alive until all that is under way is done. While results come, it looks for more in every turn of the
   * event loop: whoever waits is woken for each of them, which costs much more.
   */
  listen(more = false): void {
    if (this.#look !== undefined || !this.#isNeeded()) return;
    const look: Look = { wait: more ? undefined : new AbortController() };
    this.#look = look;
    const heard = (): void => {
      if (this.#look !== look) return;
      this.#look = undefined;
      const came = !this.#results.isEmpty;
      this.#onResults();
      this.listen(came);
    };
    if (look.wait === undefined) nextTurn(heard);
    else this.#results.consumer.lookAsync({ signal: look.wait.signal }).then(heard, () => {});
  }

  /** Nothing is under way: nobody need be kept alive. */
  stop(): void {
    this.#look?.wait?.abort();
    this.#look = undefined;
  }
}
