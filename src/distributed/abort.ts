/** How a wait for a server ends by its signal or time-out: at once, whatever it waits for and however long the server takes. */
import { onAbort } from '../core/wait/abort.js';
import { LONGEST_TIMER } from './clock.js';

/** The reason for ending a wait that has timed out. */
export const LATE = Symbol('late');

/** An answer is awaited for this long, in ms, even if the time-out is shorter: it tells whether there is anything to wait for. */
const LEAST_MS = 100;

export class Abort {
  readonly #quit: (() => void) | undefined;
  readonly #aborted: Promise<never> | undefined;

  /**
   * @param signal whose reason ends the wait; undefined if nothing aborts it
   * @param timeout how long it may take, in ms; 0 means one try, which takes as long as the server's answer
   */
  constructor(signal: AbortSignal | undefined, timeout: number) {
    const isTimed = timeout > 0 && timeout <= LONGEST_TIMER;
    if (signal === undefined && !isTimed) return;
    let unlisten: (() => void) | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#aborted = new Promise((_, reject) => {
      unlisten = signal && onAbort(signal, () => reject(signal.reason));
      if (isTimed) timer = setTimeout(reject, Math.max(timeout, LEAST_MS), LATE);
    });
    this.#quit = () => {
      unlisten?.();
      clearTimeout(timer);
    };
    this.#aborted.catch(() => {});
  }

  /** @returns the promise's outcome, or a rejection with the signal's reason or LATE, if that comes first */
  or<T>(promise: Promise<T>): Promise<T> {
    return this.#aborted ? Promise.race([promise, this.#aborted]) : promise;
  }

  /** Stops listening. */
  end(): void {
    this.#quit?.();
  }
}
