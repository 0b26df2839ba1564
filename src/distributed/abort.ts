/**
 * How a wait for a server ends by its signal, or since its time is up: at once, whatever it waits for, and however long the
 * server takes.
 */
import { onAbort } from '../core/wait/abort.js';

/** Why a wait has ended whose time was up. */
export const LATE = Symbol('late');

/** An answer is awaited for so long, in ms, however short the time is: it says whether to wait at all. */
const LEAST_MS = 100;
/** The longest that a timer of the hosts takes, in ms. */
const MOST_MS = 2 ** 31 - 1;

export class Abort {
  readonly #quit: (() => void) | undefined;
  readonly #aborted: Promise<never> | undefined;

  /**
   * @param signal whose reason it is; undefined where nothing aborts
   * @param timeout how long it may take, in ms; 0 has it as long as the answers take that it needs
   */
  constructor(signal: AbortSignal | undefined, timeout: number) {
    const isTimed = timeout > 0 && timeout <= MOST_MS;
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

  /** @returns what the promise comes to, or a rejection with the signal's reason or LATE, if that is first */
  or<T>(promise: Promise<T>): Promise<T> {
    return this.#aborted ? Promise.race([promise, this.#aborted]) : promise;
  }

  /** It listens no more. */
  end(): void {
    this.#quit?.();
  }
}
