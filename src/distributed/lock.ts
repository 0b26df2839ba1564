/** A Lock of many machines: one permit. */
import { Leased } from './leased.js';
import type { Link } from './link.js';

/**
 * A lock that processes on any number of machines share by its name. Its holder has a lease, which a thread of its own
 * renews; if the holder dies, the next waiter acquires the lock when the lease is over, and learns of it (`abandoned`).
 *
 * @example
 * ```ts
 * import { connect } from 'atomics-sync-free/distributed';
 * await using cluster = await connect('redis://127.0.0.1');
 * const lock = cluster.Lock('nightly report');
 * const fence = await lock.runAsync((held) => held.fence, { timeout: 5_000 });
 * console.log(fence > 0, await lock.lockedAsync()); // true false
 * ```
 */
export class DistributedLock extends Leased {
  /** @internal */
  constructor(link: Link, name: string) {
    super(link, 'lock', name, 1);
  }

  /** @returns whether it is held, for people: this may change at any time */
  async lockedAsync(): Promise<boolean> {
    return (await this.count()) > 0;
  }
}
