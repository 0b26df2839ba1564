/** What ends the async calls that wait at a live object when this agent closes that object. */
import { refusal, type WaitOptions } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { onAbort } from '../core/wait/abort.js';

/** What the core uses of an AbortSignal, for realms that have none. */
type Signal = Pick<AbortSignal, 'aborted' | 'reason'> & {
  addEventListener(type: 'abort', listener: () => void): void;
  removeEventListener(type: 'abort', listener: () => void): void;
};

/** A signal that aborts when the object is closed. */
export class Closing implements Signal {
  readonly #label: () => string;
  /** The core adds one at a time, however many waits there are. */
  #listener: (() => void) | undefined;
  aborted = false;

  /** @param label returns the object's name, for people */
  constructor(label: () => string) {
    this.#label = label;
  }

  /** A new one for each wait. */
  get reason(): SyncError {
    return new SyncError('ERR_CLOSED', `${this.#label()} was closed by this agent while the call waited`);
  }

  addEventListener(_type: 'abort', listener: () => void): void {
    this.#listener = listener;
  }

  removeEventListener(): void {
    this.#listener = undefined;
  }

  /** Ends all waits. */
  end(): void {
    this.aborted = true;
    this.#listener?.();
  }

  /**
   * @param wait begins a wait
   * @returns what it returns; rejected with ERR_CLOSED as soon as the object is closed, and for bad options
   */
  until<Result>(options: WaitOptions, wait: (options: WaitOptions) => Promise<Result>): Promise<Result> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const { timeout, signal } = options;
    return wait({ timeout, signal: (signal === undefined ? this : either(signal, this)) as AbortSignal });
  }
}

function either(one: Signal, other: Signal): Signal {
  let cancels: (() => void)[] = [];
  return {
    get aborted() {
      return one.aborted || other.aborted;
    },
    get reason() {
      return one.aborted ? one.reason : other.reason;
    },
    addEventListener(_type, listener) {
      cancels = [one, other].map((signal) => onAbort(signal as AbortSignal, listener));
    },
    removeEventListener() {
      for (const cancel of cancels) cancel();
    },
  };
}
