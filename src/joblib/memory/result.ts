/** joblib's MemorizedResult. */
import { SyncError } from '../../core/errors.js';
import type { Shelf } from './shelf.js';

/**
 * A result that a Memory keeps, and that is not in this agent's memory: what `callAndShelve` returns.
 *
 * @example
 * ```ts
 * import { tmpdir } from 'node:os';
 * import { Memory } from 'atomics-sync-free/joblib';
 * const memory = new Memory(`${tmpdir()}/shelved`);
 * const zeros = memory.cache(function zeros(n: number) {
 *   return new Float64Array(n);
 * });
 * const shelved = zeros.callAndShelve(1000);
 * console.log(shelved.get().length); // 1000
 * memory.clear();
 * ```
 */
export interface MemorizedResult<Result> {
  /**
   * Reads the result.
   *
   * @returns a copy of it
   * @throws SyncError `ERR_NOT_CACHED` when it has been removed, or could not be kept; `ERR_DAMAGED` when its file is damaged
   */
  get(): Result;
  /** Removes the result. */
  clear(): void;
}

/** @param call how the function was called, for people */
export const notCached = (call: string): SyncError =>
  new SyncError(
    'ERR_NOT_CACHED',
    `the result of ${call} has been removed, or could not be kept; call the function again`,
  );

/** A result that people are shown by its call. */
export abstract class CalledResult<Result> implements MemorizedResult<Result> {
  /** @param call how the function was called, for people */
  constructor(protected readonly call: string) {}

  abstract get(): Result;

  abstract clear(): void;

  toString(): string {
    return `MemorizedResult of ${this.call}`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }
}

/** A result that is kept in a file. */
export class ShelvedResult<Result> extends CalledResult<Result> {
  readonly #shelf: Shelf;
  readonly #key: string;

  constructor(shelf: Shelf, key: string, call: string) {
    super(call);
    this.#shelf = shelf;
    this.#key = key;
  }

  get(): Result {
    const entry = this.#shelf.read(this.#key);
    if (entry === undefined) throw notCached(this.call);
    return entry.value as Result;
  }

  clear(): void {
    this.#shelf.remove(this.#key);
  }
}
