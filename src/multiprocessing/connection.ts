/** The ends of pipes, as agents use them. */
import { checkInteger, checkTimeout, type WaitOptions } from '../core/arguments.js';
import { SyncError, TimeoutError } from '../core/errors.js';
import { type Kind, PLAIN } from '../core/memory/cells.js';
import { CONNECTION_CODE } from '../core/memory/codes.js';
import { HANDLE, LEAVE } from '../core/memory/handle.js';
import type { Leaving } from '../core/memory/ways.js';
import { Place, type PlaceOptions } from '../core/share/place.js';
import { SharedObject } from '../core/share/shared-object.js';
import { DISPOSE } from '../sync/hold.js';
import { Closing, NO_OPTIONS } from './closing.js';
import { BufferTooShort, EndOfFileError } from './errors.js';
import { END_WORDS, makeEnd, memoriesOf, PipeEnd } from './pipe-end.js';
import { know } from './ring/items.js';
import type { MemoryHandle } from './ring/memories.js';
import { ENDED, NONE, PUT } from './ring/outcome.js';
import type { PutOutcome } from './ring/producer.js';
import { type Ring, SIDES_WORDS } from './ring/ring.js';
import { READY, type Readiness, readinessOf, type Waitable } from './waitable.js';

/** How a connection to another process of the operating system is carried: by the agent's event loop. */
interface Carriage {
  /** @throws SyncError `ERR_NOT_CLONEABLE` when an item cannot be sent */
  check(item: unknown): void;
  /** Resolved once nothing that was sent is still in this process. */
  gone(): Promise<void>;
  /** Why nothing more arrives, unless it is a normal end. */
  readonly failure: Error | undefined;
}

/** How many words of its arena a pipe takes besides its first end, whatever the arena's grain. */
const PIPE_WORDS = 16 + 2 * (16 + SIDES_WORDS);

/**
 * One end of a {@link Pipe}: Python's `multiprocessing.connection.Connection`.
 *
 * What is sent at one end is received at the other, in order. Several agents may use an end, each through a live object
 * of its own, which it closes. Hand an end to one agent at a time: it counts as open from `share` until the next
 * `attach`, and after that as long as some agent that has it has neither closed it nor ended. An end inside an item of
 * a queue counts as open until the item is taken, or the queue is shut down and its items are dropped; one sent through
 * a pipe, until it is received, or the end that could receive it is closed. One that is closed everywhere can no longer
 * be shared or sent: that throws `ERR_CLOSED`.
 *
 * @example
 * ```ts
 * import { Pipe } from 'atomics-sync-free/multiprocessing';
 * const [here, there] = Pipe<number>();
 * here.send(6);
 * there.send(there.recv() * 7);
 * console.log(here.poll(), here.recv(), here.poll()); // true 42 false
 * ```
 */
export class Connection<T = unknown, Sent = T> extends SharedObject implements Waitable {
  /** @internal */
  static override readonly kind: Kind = {
    name: 'Connection',
    code: CONNECTION_CODE,
    gates: 0,
    role: PLAIN,
    words: END_WORDS,
  };

  static {
    know(Connection);
  }

  /** Set as soon as the object is made. */
  #end!: PipeEnd;
  #carriage: Carriage | undefined;
  readonly #closing = new Closing(() => this.label);

  /** @internal */
  constructor(where: PlaceOptions | Place) {
    super(where, where instanceof Place ? 0 : PIPE_WORDS);
    if (where instanceof Place) {
      this.open(memoriesOf(where, this.cell));
      this.#end.arrives();
    } else {
      makeEnd(this.arena.words, this.cell);
    }
  }

  /** @internal @param memories of the rings of its end */
  open(memories: readonly SharedArrayBuffer[]): void {
    this.#end = new PipeEnd(this, this.arena.member, this.cell, memories);
  }

  /** @internal */
  override [HANDLE](): MemoryHandle {
    // The other end has been told that nobody has this one any more.
    if (this.#end.isGone) throw this.#closedFor('share');
    return { ...super[HANDLE](), memory: this.#end.memories };
  }

  /** @internal */
  [LEAVE](): Leaving | undefined {
    return this.#end.leaves();
  }

  /** @internal Records that this agent's event loop carries its items, so that the agent must not block for them. */
  carriedBy(carriage: Carriage): void {
    this.#carriage = carriage;
  }

  #checkMayBlock(call: string): void {
    if (this.#carriage === undefined) return;
    throw new SyncError(
      'ERR_BLOCKING_REFUSED',
      `${this.label} leads to another process through this agent's event loop, which ${call}() would block; use ${call}Async()`,
    );
  }

  /** Whether this live object can receive. */
  get readable(): boolean {
    return this.#end.in !== undefined;
  }

  /** Whether this live object can send. */
  get writable(): boolean {
    return this.#end.out !== undefined;
  }

  /** Whether this live object is closed. */
  get closed(): boolean {
    return this.#end.isClosed;
  }

  /**
   * Sends an item. Blocks only while the memory is at its limit.
   *
   * @param item what to send; it is encoded at once
   * @throws TypeError for a connection that only receives
   * @throws RangeError when the item is larger than an item may be
   * @throws SyncError `ERR_BROKEN_PIPE` when nobody has the other end any more; `ERR_CLOSED` when this one is closed;
   *   `ERR_NOT_CLONEABLE` when the item cannot go to another agent, with the path to what cannot; `ERR_BLOCKING_REFUSED`
   *   where an agent must not block. Nothing is sent then
   */
  send(item: Sent): void {
    this.#checkMayBlock('send');
    this.#checkSent(this.#sender('send').producer.put(item, Infinity));
  }

  /**
   * Sends an item, without blocking the agent.
   *
   * @param item what to send
   * @param options when to give up
   * @returns resolved once it is sent; rejected as `send` throws, with a TimeoutError when the time is up, and with the
   *   signal's reason when it aborts; with `ERR_CLOSED` also when this one is closed meanwhile, and with a TypeError or
   *   RangeError for bad options
   */
  async sendAsync(item: Sent, options: WaitOptions = NO_OPTIONS): Promise<void> {
    const { producer } = this.#sender('sendAsync');
    this.#carriage?.check(item);
    this.#checkSent(await this.#closing.until(options, (until) => producer.putAsync(item, until)));
    await this.#carriage?.gone();
  }

  #checkSent(outcome: PutOutcome): void {
    if (outcome === PUT) return;
    // The agent that had the other end may have died without disposing of what it had not received.
    this.#end.out?.consumer.discard();
    if (outcome === NONE) throw new TimeoutError(`${this.label} had no room for the item in time`);
    throw new SyncError('ERR_BROKEN_PIPE', `the other end of ${this.label} is closed everywhere; nothing can be sent`);
  }

  /**
   * Receives an item, blocking until there is one.
   *
   * @param timeout the longest wait, in ms; Infinity by default
   * @returns the item
   * @throws EndOfFileError when everything has been received and nobody is left to send more
   * @throws TimeoutError when there was none in time
   * @throws TypeError for a connection that only sends; TypeError or RangeError for a bad timeout
   * @throws SyncError `ERR_CLOSED` when it is closed; `ERR_BLOCKING_REFUSED` where an agent must not block
   */
  recv(timeout = Infinity): T {
    const { consumer } = this.#receiver('recv');
    checkTimeout(timeout);
    this.#checkMayBlock('recv');
    return this.#received(consumer.get(timeout));
  }

  /**
   * Receives an item, without blocking the agent.
   *
   * @param options when to give up
   * @returns the item; rejected as `recv` throws, and with the signal's reason as soon as it aborts; with `ERR_CLOSED`
   *   also when it is closed meanwhile. No item is taken then
   */
  async recvAsync(options: WaitOptions = NO_OPTIONS): Promise<T> {
    const { consumer } = this.#receiver('recvAsync');
    return this.#received(await this.#closing.until(options, (until) => consumer.getAsync(until, true)));
  }

  #received(outcome: unknown): T {
    if (outcome === NONE) throw new TimeoutError(`${this.label} received nothing in time`);
    if (outcome !== ENDED) return outcome as T;
    if (this.#carriage?.failure !== undefined) throw this.#carriage.failure;
    throw new EndOfFileError(`the other end of ${this.label} is closed everywhere, and everything was received`);
  }

  /**
   * Sends bytes as one message.
   *
   * @param bytes the array that holds them
   * @param offset where they begin
   * @param size how many; all up to the end by default
   * @throws TypeError when an argument is of another type; RangeError when `bytes` has no such range; and what `send`
   *   throws
   */
  sendBytes(bytes: Uint8Array, offset = 0, size?: number): void {
    if (!(bytes instanceof Uint8Array)) throw new TypeError('bytes must be a Uint8Array');
    checkInteger('offset', offset, 0, bytes.length);
    if (size !== undefined) checkInteger('size', size, 0, bytes.length - offset);
    this.send(bytes.slice(offset, size === undefined ? undefined : offset + size) as never);
  }

  /**
   * Receives a message of bytes, as `sendBytes` sends them.
   *
   * @param timeout the longest wait, in ms; Infinity by default
   * @param maxLength the most bytes to accept; Infinity by default
   * @returns the bytes
   * @throws BufferTooShort, which carries the bytes, when there are more
   * @throws TypeError when what was received is not bytes; TypeError or RangeError for a bad length; and what `recv`
   *   throws
   */
  recvBytes(timeout = Infinity, maxLength = Infinity): Uint8Array {
    if (maxLength !== Infinity) checkInteger('maxLength', maxLength, 0, Number.MAX_SAFE_INTEGER);
    const bytes: unknown = this.recv(timeout);
    if (!(bytes instanceof Uint8Array))
      throw new TypeError(`${this.label} received something that sendBytes() did not send; receive it with recv()`);
    if (bytes.length <= maxLength) return bytes;
    throw new BufferTooShort(`${this.label} received ${bytes.length} bytes, but there is room for ${maxLength}`, bytes);
  }

  /**
   * Receives a message of bytes into existing memory.
   *
   * @param buffer where to write them
   * @param offset where in `buffer` to begin, in bytes
   * @param timeout the longest wait, in ms; Infinity by default
   * @returns how many bytes were received
   * @throws BufferTooShort, which carries the bytes, when they do not fit; nothing is written then
   * @throws TypeError or RangeError when `buffer` or `offset` is invalid; and what `recvBytes` throws
   */
  recvBytesInto(buffer: Uint8Array, offset = 0, timeout = Infinity): number {
    if (!(buffer instanceof Uint8Array)) throw new TypeError('a buffer must be a Uint8Array');
    checkInteger('offset', offset, 0, buffer.length);
    const bytes = this.recvBytes(timeout, buffer.length - offset);
    buffer.set(bytes, offset);
    return bytes.length;
  }

  /**
   * Blocks until there is something to receive, or the end.
   *
   * @param timeout the longest wait, in ms; 0, the default, only looks
   * @returns whether there is, so that `recv` would not block
   * @throws what `recv` throws, except at the end
   */
  poll(timeout = 0): boolean {
    const { consumer } = this.#receiver('poll');
    if (timeout > 0) this.#checkMayBlock('poll');
    return consumer.look(timeout);
  }

  /**
   * Waits until there is something to receive, or the end, without blocking the agent.
   *
   * @param options when to give up
   * @returns whether there is; rejected as `recv` throws, except at the end, and with the signal's reason when it
   *   aborts
   */
  async pollAsync(options: WaitOptions = NO_OPTIONS): Promise<boolean> {
    const { consumer } = this.#receiver('pollAsync');
    return this.#closing.until(options, (until) => consumer.lookAsync(until));
  }

  /**
   * Closes this live object of the end: its async calls that wait are rejected with `ERR_CLOSED`. After the last one is
   * closed, the other end receives what is left, and then the end. Further calls do nothing.
   */
  close(): void {
    this.#closing.end();
    this.#end.close();
  }

  /** What `using` does: `close`. */
  [DISPOSE](): void {
    this.close();
  }

  /** @internal Whether there is something to receive, or the end. */
  get [READY](): Readiness {
    const { consumer } = this.#receiver('wait');
    return readinessOf(consumer, this.#closing, () => this.#checkMayBlock('wait'));
  }

  #receiver(call: string): Ring {
    return this.#ring(call, this.#end.in, 'only sends');
  }

  #sender(call: string): Ring {
    return this.#ring(call, this.#end.out, 'only receives');
  }

  #ring(call: string, ring: Ring | undefined, otherwise: string): Ring {
    if (this.closed) throw this.#closedFor(call);
    if (ring === undefined) throw new TypeError(`${this.label} ${otherwise}; ${call}() is for the other direction`);
    return ring;
  }

  #closedFor(call: string): SyncError {
    return new SyncError('ERR_CLOSED', `${this.label} is closed; ${call}() needs it open`);
  }

  /** @returns kind, number, directions and how much there is to receive, for people */
  override toString(): string {
    const directions = [this.readable && 'receives', this.writable && 'sends'].filter(Boolean).join(' and ');
    const waiting = this.#end.in === undefined ? '' : `, ${this.#end.in.size} to receive`;
    return `${this.label} (${directions}${waiting}${this.closed ? ', closed' : ''})`;
  }
}
