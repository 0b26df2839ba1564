/** Release tokens: each releases what is held, once. */
import { SyncError } from '../core/errors.js';

/**
 * The type of `Symbol.dispose` where the user's lib declares it, and elsewhere that of a symbol that nobody has: a
 * declaration that mentioned `Symbol.dispose` or `Disposable` would not compile there.
 */
type Dispose = SymbolConstructor extends { readonly dispose: infer Key extends symbol } ? Key : typeof undeclared;
declare const undeclared: unique symbol;

/** `Symbol.dispose` if the host has it; otherwise the symbol that transpilers of `using` look for. */
export const DISPOSE: Dispose = Symbol.dispose ?? (Symbol.for('Symbol.dispose') as Dispose);

/**
 * A release token: something that is held and can be released once, with `using` or by hand.
 *
 * @example
 * ```ts
 * import { Lock } from 'atomics-sync-free';
 * const lock = new Lock();
 * const hold = lock.hold();
 * try {
 *   // alone in here
 * } finally {
 *   hold.release();
 * }
 * console.log(hold.released, lock.locked); // true false
 * ```
 */
export class Hold {
  #release: (() => void) | undefined;
  readonly #what: string;

  /** @internal */
  constructor(release: () => void, what: string) {
    this.#release = release;
    this.#what = what;
  }

  /** Whether this hold has been released. */
  get released(): boolean {
    return this.#release === undefined;
  }

  /**
   * Releases what is held.
   *
   * @throws SyncError `ERR_NOT_HELD` when this hold has already been released, whoever holds the primitive now, or when it is
   *   a task's hold of an RLock and waits for a Condition; `ERR_RETIRED` when this agent was taken for dead, and others may
   *   have had it since
   */
  release(): void {
    this.checkHeld();
    this[DISPOSE]();
  }

  /** @internal Another agent's death has taken what was held: there is nothing to release. */
  lose(): void {
    this.#release = () => {};
  }

  /** @internal */
  protected checkHeld(): void {
    if (this.released) throw new SyncError('ERR_NOT_HELD', `this hold of ${this.#what} was already released`);
  }

  /** @returns what it holds, and whether it still does, for people */
  toString(): string {
    return `Hold (${this.#what}, ${this.released ? 'released' : 'held'})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Releases what is held, unless it has already been released. @throws SyncError as `release` does otherwise */
  [DISPOSE](): void {
    this.#release?.();
    this.#release = undefined;
  }
}
