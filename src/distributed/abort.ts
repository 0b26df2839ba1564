/** How a wait for a server ends by its signal: at once, whatever it waits for, and however long the server takes. */
import { onAbort } from '../core/wait/abort.js';

export class Abort {
  readonly #quit: (() => void) | undefined;
  readonly #aborted: Promise<never> | undefined;

  /** @param signal whose reason it is; undefined where nothing aborts */
  constructor(signal: AbortSignal | undefined) {
    if (signal === undefined) return;
    let quit = (): void => {};
    this.#aborted = new Promise((_, reject) => {
      quit = onAbort(signal, () => reject(signal.reason));
    });
    this.#quit = quit;
    this.#aborted.catch(() => {});
  }

  /** @returns what the promise comes to, or a rejection with the signal's reason, if that is first */
  or<T>(promise: Promise<T>): Promise<T> {
    return this.#aborted ? Promise.race([promise, this.#aborted]) : promise;
  }

  /** It listens no more. */
  end(): void {
    this.#quit?.();
  }
}
