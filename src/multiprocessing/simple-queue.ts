/** What all queues have: items put at one end and taken at the other, by any number of agents. */
import {
  checkBound,
  checkFields,
  checkInteger,
  checkTimeout,
  type Fields,
  type WaitOptions,
} from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import type { Kind } from '../core/memory/cells.js';
import { SIMPLE_QUEUE_CODE } from '../core/memory/codes.js';
import { HANDLE } from '../core/memory/handle.js';
import { Place, type PlaceOptions } from '../core/share/place.js';
import { SharedObject } from '../core/share/shared-object.js';
import { DISPOSE } from '../sync/hold.js';
import { Closing, NO_OPTIONS } from './closing.js';
import { Empty, Full, QueueShutDown } from './errors.js';
import { know } from './ring/items.js';
import type { MemoryHandle } from './ring/memories.js';
import { ENDED, NONE, PUT } from './ring/outcome.js';
import type { PutOutcome } from './ring/producer.js';
import { makeRing, memoryOf, Ring, SIDES_WORDS } from './ring/ring.js';
import { MIN_BYTES, Segments } from './ring/segments.js';
import { RING_CELL } from './ring/sides.js';
import { READY, type Readiness, readinessOf, type Waitable } from './waitable.js';

/** Options of a new queue, besides how many items it may have. */
export interface QueueOptions extends PlaceOptions {
  /**
   * The most bytes that the memory of its items may grow to, 131,072 … 2³⁰; 2²⁸ (256 MiB) by default. One item takes at
   * most a quarter of it. Unused space is only reserved, and takes no memory.
   */
  byteLimit?: number | undefined;
}

const FIELDS: Fields<QueueOptions> = { arena: true, name: true, byteLimit: true };
const BYTE_LIMIT = 2 ** 28;
const MAX_BYTE_LIMIT = 2 ** 30;
/** The most items that a bound may allow. */
const MAX_SIZE = 2 ** 30;

/**
 * A queue between agents: a producer never waits for a consumer until the memory has reached its limit. Python's
 * `multiprocessing.SimpleQueue`; a {@link Queue} can do more.
 *
 * Items come out in the order in which they went in. An item is a copy in shared memory, made when it is put; nothing
 * of it stays in the agent that put it, so that agent may end at once.
 *
 * @example
 * ```ts
 * import { SimpleQueue } from 'atomics-sync-free/multiprocessing';
 * const queue = new SimpleQueue<{ name: string }>();
 * queue.put({ name: 'a' });
 * console.log(queue.get().name, queue.empty()); // a true
 * ```
 */
export class SimpleQueue<T = unknown> extends SharedObject implements Waitable {
  /** @internal */
  static override readonly kind: Kind = { ...RING_CELL, name: 'SimpleQueue', code: SIMPLE_QUEUE_CODE };

  static {
    know(SimpleQueue);
  }

  /** @internal */
  protected readonly ring: Ring;
  readonly #closing = new Closing(() => this.label);

  /**
   * Makes an empty queue.
   *
   * @param options where it lives, and how large it may become
   * @throws TypeError or RangeError when an option is invalid
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: QueueOptions);
  /** @internal A live object of a queue that exists. */
  constructor(place: Place);
  /** @internal For queues that may have a bound, and whose items may stay until they are done. */
  constructor(where: QueueOptions | Place, maxSize: number, keeps: boolean);
  constructor(where: QueueOptions | Place = {}, maxSize = 0, keeps = false) {
    const limit = where instanceof Place ? 0 : byteLimitOf(new.target.kind.name, where);
    const hasNoBound = Number.isInteger(maxSize) && maxSize < 0;
    if (limit > 0 && !hasNoBound) checkBound('maxSize', maxSize, 0, MAX_SIZE);
    super(where, SIDES_WORDS);
    const { member } = this.arena;
    const memory =
      where instanceof Place
        ? memoryOf(where, this.cell)
        : makeRing(member.words, this.cell, maxSize === Infinity ? 0 : Math.max(0, maxSize), limit, keeps);
    this.ring = new Ring(this, member, this.cell, new Segments(memory));
  }

  /** @internal */
  override [HANDLE](): MemoryHandle {
    return { ...super[HANDLE](), memory: [this.ring.memory] };
  }

  /**
   * Puts an item at the end, blocking until there is room for it.
   *
   * @param item what to put; it is encoded at once, so the agent that gets it does not see later changes
   * @param timeout the longest wait, in ms; 0 only tries
   * @throws Full when there was no room in time
   * @throws QueueShutDown when the queue is shut down
   * @throws TypeError for a bad timeout
   * @throws RangeError when the item is larger than an item may be; or for a bad timeout
   * @throws SyncError `ERR_NOT_CLONEABLE` when the item cannot be sent to another agent, with the path to what cannot;
   *   `ERR_CLOSED` when this agent has closed it; `ERR_BLOCKING_REFUSED` when it would have to block where that is not
   *   allowed. Whatever is thrown, nothing is put
   */
  put(item: T, timeout = Infinity): void {
    this.checkOpen('put');
    if (timeout !== Infinity) checkTimeout(timeout);
    const outcome = this.ring.producer.put(item, timeout);
    if (outcome !== PUT) throw this.#notPut(outcome, timeout);
  }

  /**
   * Puts an item, without blocking the agent. It is encoded when there is room for it; do not change it until then.
   *
   * @param item what to put
   * @param options when to give up
   * @returns resolved once it is put; rejected as `put` throws, and with the signal's reason when it aborts; with
   *   `ERR_CLOSED` also when this agent closes it meanwhile
   */
  async putAsync(item: T, options: WaitOptions = NO_OPTIONS): Promise<void> {
    this.checkOpen('putAsync');
    const outcome = await this.#closing.until(options, (until) => this.ring.producer.putAsync(item, until));
    if (outcome !== PUT) throw this.#notPut(outcome, options.timeout);
  }

  #notPut(outcome: PutOutcome, timeout: number | undefined): SyncError {
    if (outcome === ENDED) return new QueueShutDown(`${this.label} is shut down, and takes no more items`);
    return new Full(`${this.label} had no room for the item within ${timeout} ms`);
  }

  /**
   * Takes the item that has been there longest, blocking until there is one.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns the item
   * @throws Empty when there was none in time
   * @throws QueueShutDown when the queue is shut down and has no item left
   * @throws TypeError or RangeError for a bad timeout
   * @throws SyncError `ERR_CLOSED` when this agent has closed it; `ERR_BLOCKING_REFUSED` when it would have to block
   *   where that is not allowed
   */
  get(timeout = Infinity): T {
    this.checkOpen('get');
    if (timeout !== Infinity) checkTimeout(timeout);
    return this.#item(this.ring.consumer.get(timeout), timeout);
  }

  /**
   * Takes an item, without blocking the agent.
   *
   * @param options when to give up
   * @returns the item; rejected as `get` throws, and with the signal's reason as soon as it aborts; with `ERR_CLOSED`
   *   also when this agent closes it meanwhile. No item is taken then
   */
  async getAsync(options: WaitOptions = NO_OPTIONS): Promise<T> {
    this.checkOpen('getAsync');
    return this.#item(
      await this.#closing.until(options, (until) => this.ring.consumer.getAsync(until)),
      options.timeout,
    );
  }

  #item(outcome: unknown, timeout: number | undefined): T {
    if (outcome === NONE) throw new Empty(`${this.label} had no item within ${timeout} ms`);
    if (outcome === ENDED) throw new QueueShutDown(`${this.label} is shut down, and has no items left`);
    return outcome as T;
  }

  /** @returns whether there is nothing to get at this moment */
  empty(): boolean {
    return this.ring.isEmpty;
  }

  /**
   * Closes this live object of the queue: it can neither put nor get any more, and its async calls that wait are rejected
   * with `ERR_CLOSED`. Other live objects are not affected, and the items stay. Further calls do nothing.
   */
  close(): void {
    this.#closing.end();
  }

  /** What `using` does: `close`. */
  [DISPOSE](): void {
    this.close();
  }

  /** @internal Whether there is an item, or the end. */
  get [READY](): Readiness {
    this.checkOpen('wait');
    return readinessOf(this.ring.consumer, this.#closing);
  }

  /** @internal @throws SyncError `ERR_CLOSED` */
  protected checkOpen(call: string): void {
    if (this.#closing.aborted) {
      throw new SyncError('ERR_CLOSED', `${this.label} was closed by this agent; ${call}() needs it open`);
    }
  }

  /** @returns kind, number, how many items there are, and whether it is closed or shut down, for people */
  override toString(): string {
    const { ring } = this;
    const bound = ring.maxSize === 0 ? '' : ` of at most ${ring.maxSize}`;
    const state = this.#closing.aborted ? ', closed' : ring.isShut ? ', shut down' : '';
    return `${this.label} (${ring.size}${bound} items${state})`;
  }
}

/** @param what is made, as messages name it */
export function byteLimitOf(what: string, options: QueueOptions): number {
  checkFields(what, options, FIELDS);
  const { byteLimit = BYTE_LIMIT } = options;
  checkInteger('byteLimit', byteLimit, MIN_BYTES, MAX_BYTE_LIMIT);
  return byteLimit;
}
