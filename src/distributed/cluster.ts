/** What `connect` returns. */
import { ASYNC_DISPOSE } from '../core/async-dispose.js';
import { DistributedDict } from './dict.js';
import { DistributedEvent } from './event.js';
import type { Link } from './link.js';
import { DistributedLock } from './lock.js';
import { DistributedSemaphore } from './semaphore.js';
import { checkText } from './text.js';

/**
 * A connection to a server through which processes on any number of machines share objects: within a namespace, a name
 * refers to the same object everywhere. It keeps the process alive until it is closed.
 *
 * @example
 * ```ts
 * import { connect } from 'atomics-sync-free/distributed';
 * const cluster = await connect('redis://127.0.0.1', { namespace: 'shop' });
 * console.log(String(cluster.Lock('orders'))); // Lock "orders"
 * await cluster.closeAsync();
 * ```
 */
export class Cluster {
  readonly #link: Link;

  /** @internal */
  constructor(link: Link) {
    this.#link = link;
  }

  /**
   * @param name its name in the namespace; not empty
   * @returns the lock of that name; it need not be created
   * @throws TypeError when the name is not a string, empty, or has half of a surrogate pair
   */
  Lock(name: string): DistributedLock {
    return new DistributedLock(this.#link, checkedName(name));
  }

  /**
   * @param name its name in the namespace; not empty
   * @param permits how many there are; all who use it at the same time must pass the same number
   * @returns the semaphore of that name; it need not be created
   * @throws TypeError when the name is not a string, empty, or has half of a surrogate pair, or `permits` is not a
   *   number; RangeError when `permits` is not a whole number from 1 to 1,000,000
   */
  Semaphore(name: string, permits: number): DistributedSemaphore {
    return new DistributedSemaphore(this.#link, checkedName(name), permits);
  }

  /**
   * @param name its name in the namespace; not empty
   * @returns the event of that name; it need not be created, and is initially not set
   * @throws TypeError when the name is not a string, empty, or has half of a surrogate pair
   */
  Event(name: string): DistributedEvent {
    return new DistributedEvent(this.#link, checkedName(name));
  }

  /**
   * @typeParam Value what the values are
   * @param name its name in the namespace; not empty
   * @returns the dict of that name; it need not be created, and is initially empty
   * @throws TypeError when the name is not a string, empty, or has half of a surrogate pair
   */
  dict<Value = unknown>(name: string): DistributedDict<Value> {
    return new DistributedDict<Value>(this.#link, checkedName(name));
  }

  /**
   * Closes the connections. Locks and permits stay held until their leases expire, so release them first. Pending waits
   * are rejected with `ERR_CLOSED`.
   */
  closeAsync(): Promise<void> {
    return this.#link.close();
  }

  /** @returns the server, without user and password, for people */
  toString(): string {
    return `Cluster (${this.#link.server.label})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** As `closeAsync`. */
  [ASYNC_DISPOSE](): Promise<void> {
    return this.#link.close();
  }
}

function checkedName(name: string): string {
  checkText('name', name);
  if (name === '') throw new TypeError('name must be a non-empty string');
  return name;
}
