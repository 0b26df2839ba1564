/** What ends the async calls that wait at a live object when this agent closes that object. */
import { refusal, type WaitOptions } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import { callAll, type OwnSignal, onAbort } from '../core/wait/abort.js';

/** For calls without options. */
export const NO_OPTIONS: WaitOptions = {};

/** A signal that aborts when the object is closed. */
export class Closing implements OwnSignal {
  readonly takesMany = true;
  readonly #label: () => string;
  readonly #waits = new Set<() => void>();
  readonly #alone: WaitOptions = { signal: this as object as AbortSignal };
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
    this.#waits.add(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    this.#waits.delete(listener);
  }

  /** Ends all waits. */
  end(): void {
    this.aborted = true;
    callAll(this.#waits);
  }

  /**
   * @param wait begins a wait
   * @returns what it returns; rejected with ERR_CLOSED as soon as the object is closed, and for bad options
   */
  until<Result>(options: WaitOptions, wait: (options: WaitOptions) => Promise<Result>): Promise<Result> {
    if (options === NO_OPTIONS) return wait(this.#alone);
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const { timeout, signal } = options;
    return wait({ timeout, signal: (signal === undefined ? this : either(signal, this)) as object as AbortSignal });
  }
}

function either(one: AbortSignal, other: OwnSignal): OwnSignal {
  const cancels = new Map<() => void, readonly (() => void)[]>();
  return {
    takesMany: true,
    get aborted() {
      return one.aborted || other.aborted;
    },
    get reason() {
      return one.aborted ? one.reason : other.reason;
    },
    addEventListener(_type, listener) {
      cancels.set(
        listener,
        [one, other].map((signal) => onAbort(signal, listener)),
      );
    },
    removeEventListener(_type, listener) {
      for (const cancel of cancels.get(listener) ?? []) cancel();
      cancels.delete(listener);
    },
  };
}
