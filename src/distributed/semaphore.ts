/** A Semaphore of many machines. */
import { checkInteger } from '../core/arguments.js';
import { Leased } from './leased.js';
import type { Link } from './link.js';

const MOST = 1_000_000;

/**
 * A number of permits that processes on any number of machines share by the semaphore's name. Each has a lease, like a
 * `DistributedLock`.
 *
 * @example
 * ```ts
 * import { connect } from 'atomics-sync-free/distributed';
 * await using cluster = await connect('redis://127.0.0.1');
 * const licences = cluster.Semaphore('licences', 2);
 * await using held = await licences.holdAsync();
 * console.log(held.released, await licences.valueAsync()); // false 1
 * ```
 */
export class DistributedSemaphore extends Leased {
  readonly #permits: number;

  /** @internal */
  constructor(link: Link, name: string, permits: number) {
    checkInteger('permits', permits, 1, MOST);
    super(link, 'semaphore', name, permits);
    this.#permits = permits;
  }

  /** @returns how many permits are free, for people: this may change at any time */
  async valueAsync(): Promise<number> {
    return this.#permits - (await this.count());
  }
}
