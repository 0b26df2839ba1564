/** The queue that tracks whether its items are done. */
import { checkOptions, type WaitOptions } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import type { Kind } from '../core/memory/cells.js';
import { JOINABLE_QUEUE_CODE } from '../core/memory/codes.js';
import type { Place } from '../core/share/place.js';
import { Queue } from './queue.js';
import { know } from './ring/items.js';
import { RING_CELL } from './ring/sides.js';
import type { QueueOptions } from './simple-queue.js';

/** Options of a new JoinableQueue. */
export interface JoinableQueueOptions extends QueueOptions {
  /**
   * Whether an item goes back to the queue when the agent that took it ends or dies without calling `taskDone` for it:
   * the next `get` takes it, before all other items. False by default: then an agent that dies takes its item with it.
   *
   * An item occupies its memory until it is done, and so do those behind it. A pipe end inside an item that goes back
   * reads as closed until some agent takes the item again, because the agent that had it has ended.
   */
  ack?: boolean | undefined;
}

function keepsOf(ack: boolean | undefined = false): boolean {
  if (typeof ack === 'boolean') return ack;
  throw new TypeError(`ack must be a boolean, not ${typeof ack}`);
}

/**
 * A queue whose producers can wait until all items have been dealt with: Python's `multiprocessing.JoinableQueue`.
 *
 * A consumer calls `taskDone` when it is done with an item; `join` waits until that has been called for every item.
 *
 * @example
 * ```ts
 * import { JoinableQueue } from 'atomics-sync-free/multiprocessing';
 * const queue = new JoinableQueue<number>();
 * queue.put(1);
 * console.log(queue.join(0)); // false
 * queue.get();
 * queue.taskDone();
 * console.log(queue.join(0)); // true
 * ```
 */
export class JoinableQueue<T = unknown> extends Queue<T> {
  /** @internal */
  static override readonly kind: Kind = { ...RING_CELL, name: 'JoinableQueue', code: JOINABLE_QUEUE_CODE };

  static {
    know(JoinableQueue);
  }

  /**
   * Makes a queue, empty.
   *
   * @param maxSize the most items, up to 2³⁰; 0 (the default), less, or Infinity for no bound but the memory's
   * @param options where it lives, and how large it may become
   * @throws TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(maxSize?: number, options?: JoinableQueueOptions);
  /** @internal A live object of a queue that exists. */
  constructor(place: Place);
  constructor(maxSize?: number | Place, options: JoinableQueueOptions = {}) {
    checkOptions(options);
    const { ack, ...rest } = options;
    super(maxSize, rest, keepsOf(ack));
  }

  /** How many items are not done: put, but neither reported as done nor dropped. */
  get unfinishedTasks(): number {
    return this.ring.ledger.unfinished;
  }

  /**
   * Reports that one taken item is done. The last such call wakes the waiters in `join`.
   *
   * With `ack`, it is the first item that this live object took and has not yet reported.
   *
   * @throws SyncError `ERR_OVER_RELEASE` when it is called more often than items were put or, with `ack`, taken by this
   *   live object; nothing changes then
   */
  taskDone(): void {
    if (this.ring.finish()) return;
    const how = this.ring.consumer.keeps ? 'without an item to report' : 'more times than items were put';
    throw new SyncError('ERR_OVER_RELEASE', `taskDone() of ${this.label} was called ${how}`);
  }

  /**
   * Blocks until all items that were put are done.
   *
   * @param timeout the longest wait, in ms; 0 only looks
   * @returns whether they were done in time
   * @throws TypeError or RangeError when the timeout is not a number, is NaN or is negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed
   */
  join(timeout = Infinity): boolean {
    return this.ring.ledger.joining.wait(timeout);
  }

  /**
   * Waits until all items that were put are done, without blocking the agent.
   *
   * @param options when to give up
   * @returns whether they were done in time; rejected with the signal's reason as soon as it aborts, and with a
   *   TypeError or RangeError for bad options
   */
  joinAsync(options: WaitOptions = {}): Promise<boolean> {
    return this.ring.ledger.joining.waitAsync(options);
  }
}
