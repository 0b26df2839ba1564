/** The queue with a bound, with calls that do not wait, and with an end. */
import { checkBoolean } from '../core/arguments.js';
import type { Kind } from '../core/memory/cells.js';
import { QUEUE_CODE } from '../core/memory/codes.js';
import { Place } from '../core/share/place.js';
import { QueueShutDown } from './errors.js';
import { know } from './ring/items.js';
import { RING_CELL } from './ring/sides.js';
import { type QueueOptions, SimpleQueue } from './simple-queue.js';

/**
 * A queue between agents, with or without a bound: Python's `multiprocessing.Queue`, with the `shutdown` of
 * `queue.Queue`.
 *
 * Any number of agents can put and get, blocking or async. Items come out in the order in which they went in, and the
 * agent that has waited longest gets the next one, unless another comes just then; no agent is passed over for long. An
 * item is put by one store: an agent that dies in `put` leaves nothing half-done, and one that dies in `get` loses at
 * most the item that it had taken.
 *
 * Iterating takes items until the queue is shut down and empty: `for (const item of queue)` blocks, `for await` does
 * not.
 *
 * @example
 * ```ts
 * import { Queue } from 'atomics-sync-free/multiprocessing';
 * const queue = new Queue<string>(10);
 * queue.put('a');
 * queue.shutdown();
 * for await (const item of queue) console.log(item); // a
 * console.log(queue.qsize(), queue.isShutDown); // 0 true
 * ```
 */
export class Queue<T = unknown> extends SimpleQueue<T> {
  /** @internal */
  static override readonly kind: Kind = { ...RING_CELL, name: 'Queue', code: QUEUE_CODE };

  static {
    know(Queue);
  }

  /**
   * Makes an empty queue.
   *
   * @param maxSize the most items, up to 2³⁰; 0 (the default), less, or Infinity for no bound but the memory's
   * @param options where it lives, and how large it may become
   * @throws TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(maxSize?: number, options?: QueueOptions);
  /** @internal A live object of a queue that exists. */
  constructor(place: Place);
  /** @internal For queues whose items may stay until they are done. */
  constructor(maxSize: number | Place | undefined, options: QueueOptions | undefined, keeps: boolean);
  constructor(maxSize: number | Place = 0, options: QueueOptions = {}, keeps = false) {
    super(maxSize instanceof Place ? maxSize : options, maxSize instanceof Place ? 0 : maxSize, keeps);
  }

  /** The most items, or 0 if there is no bound. */
  get maxSize(): number {
    return this.ring.maxSize;
  }

  /**
   * Puts an item if there is room for it now: `put(item, 0)`.
   *
   * @param item as for `put`
   */
  putNowait(item: T): void {
    this.put(item, 0);
  }

  /**
   * Takes an item if there is one now: `get(0)`.
   *
   * @returns the item
   */
  getNowait(): T {
    return this.get(0);
  }

  /** @returns how many items there are at this moment */
  qsize(): number {
    return this.ring.size;
  }

  /** @returns whether the queue has as many items as it may have, at this moment */
  full(): boolean {
    return this.ring.isFull;
  }

  /**
   * Ends the queue for all agents: nothing can be put any more, and calls that wait to put fail with QueueShutDown at
   * once. Items that are there can still be taken; after that, calls that get, or wait to get, fail with QueueShutDown
   * too. Calling it twice is the same as once.
   *
   * @param immediate whether the items that are there are dropped; pipe ends in them are closed
   * @throws TypeError when that is not a boolean
   */
  shutdown(immediate = false): void {
    checkBoolean('immediate', immediate);
    this.ring.shut(immediate);
  }

  /** Whether the queue is shut down. */
  get isShutDown(): boolean {
    return this.ring.isShut;
  }

  /** @returns the items, blocking for each, until the queue is shut down and empty */
  *[Symbol.iterator](): Generator<T, void, undefined> {
    for (;;) {
      try {
        yield this.get();
      } catch (error) {
        if (error instanceof QueueShutDown) return;
        throw error;
      }
    }
  }

  /** @returns the items, without blocking the agent, until the queue is shut down and empty */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for (;;) {
      try {
        yield await this.getAsync();
      } catch (error) {
        if (error instanceof QueueShutDown) return;
        throw error;
      }
    }
  }
}
