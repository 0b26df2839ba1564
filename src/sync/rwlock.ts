import { checkTimeout, refusal, type WaitOptions } from '../core/arguments.js';
import { AsyncQueue } from '../core/async-queue.js';
import { attempt } from '../core/block.js';
import { SyncError, TimeoutError } from '../core/errors.js';
import { Hold } from '../core/hold.js';
import { type Kind, PLAIN } from '../core/layout.js';
import { agentName, TASK, TASK_WAITER, THREAD_WAITER } from '../core/owner.js';
import { type Place, type PlaceOptions, SharedObject } from '../core/shared-object.js';
import {
  afterWrite,
  describeBoth,
  isWrittenBy,
  ONE_READ,
  READ_GATE,
  REENTERS,
  readPass,
  readsIn,
  releaseRead,
  STARVING_WRITER,
  TASK_WRITES,
  WORD,
  WRITE,
  WRITE_GATE,
  withdrawWriter,
  writePass,
  writerIn,
  writerWord,
} from './rwmutex.js';

/** @internal */
export const RWLOCK: Kind = { name: 'RWLock', code: 8, gates: 4, role: PLAIN, words: WORD + 1 };

/**
 * A lock that many may hold for reading, or one for writing.
 *
 * Neither side starves: it is unfair for a millisecond and fair from then on, a writer and the readers that waited
 * taking turns. A thread may read again while it reads. It cannot write while it reads, or read while it writes: that is
 * refused, since it could never end. The algorithm and its arguments stand in `sync/rwmutex.ts`.
 *
 * @example
 * ```ts
 * import { RWLock } from 'atomics-sync-free';
 * const lock = new RWLock();
 * {
 *   using reading = lock.holdRead();
 *   lock.acquireRead();
 *   console.log(lock.readers, reading.released); // 2 false
 *   lock.releaseRead();
 * }
 * const writing = await lock.holdWriteAsync({ timeout: 1000 });
 * try {
 *   console.log(lock.writing); // true
 * } finally {
 *   writing.release();
 * }
 * ```
 */
export class RWLock extends SharedObject {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #me: number;
  readonly #mine: number;
  /** How often this agent holds the lock for reading: its threads, which may read again, and its tasks. */
  readonly #reads: { threads: number; tasks: number };
  #readTasks: AsyncQueue | undefined;
  #writeTasks: AsyncQueue | undefined;

  /**
   * Makes a lock that nobody holds.
   *
   * @param options where it shall live
   * @throws TypeError when an option is not what it must be
   * @throws SyncError `ERR_ARENA_FULL` when the chosen arena is full; `ERR_NO_SHARED_MEMORY` where there is no
   *   SharedArrayBuffer
   */
  constructor(options?: PlaceOptions);
  /** @internal A live object of a lock that exists. */
  constructor(place: Place);
  constructor(where: PlaceOptions | Place = {}) {
    super(RWLOCK, where);
    const { words, reads } = this.arena;
    this.#words = words;
    this.#word = this.cell + WORD;
    this.#me = this.ownerWord;
    this.#mine = writerWord(this.#me);
    this.#reads = reads.get(this.cell) ?? { threads: 0, tasks: 0 };
    reads.set(this.cell, this.#reads);
  }

  /**
   * Blocks until the lock is had for reading; at once when the agent reads already.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was had in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed;
   *   `ERR_SELF_DEADLOCK` when the agent, or a task of it, holds it for writing
   */
  acquireRead(timeout = Number.POSITIVE_INFINITY): boolean {
    const got = (timeout === Number.POSITIVE_INFINITY && this.#readAtOnce()) || this.#readSlowly(timeout);
    if (got) this.#reads.threads++;
    return got;
  }

  /** Reads unless somebody writes, or starves to. */
  #readAtOnce(): boolean {
    const word = Atomics.load(this.#words, this.#word);
    return (
      (word & (WRITE | STARVING_WRITER)) === 0 &&
      Atomics.compareExchange(this.#words, this.#word, word, word + ONE_READ) === word
    );
  }

  #readSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    const state = this.#reads.threads > 0 ? REENTERS : 0;
    if (timeout === 0) return attempt(readPass, this.#words, this.cell, this.#me, state);
    const word = Atomics.load(this.#words, this.#word);
    if ((word & TASK_WRITES) === 0 && isWrittenBy(word, this.#me)) {
      throw this.#selfDeadlock('acquireRead', 'this agent holds it for writing');
    }
    return this.arena.block(readPass, this.cell, this.#me, this.cell + READ_GATE + THREAD_WAITER, timeout, state);
  }

  /**
   * Blocks until the lock is had for writing.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was had in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed;
   *   `ERR_SELF_DEADLOCK` when the agent holds it already, for reading or writing, be it by a task
   */
  acquireWrite(timeout = Number.POSITIVE_INFINITY): boolean {
    if (timeout === Number.POSITIVE_INFINITY && Atomics.compareExchange(this.#words, this.#word, 0, this.#mine) === 0) {
      return true;
    }
    return this.#writeSlowly(timeout);
  }

  #writeSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    if (timeout === 0) return attempt(writePass, this.#words, this.cell, this.#me);
    const word = Atomics.load(this.#words, this.#word);
    const { threads, tasks } = this.#reads;
    if (threads + tasks > 0) {
      throw this.#selfDeadlock('acquireWrite', 'this agent holds it for reading');
    }
    if ((word & TASK_WRITES) === 0 && isWrittenBy(word, this.#me)) {
      throw this.#selfDeadlock('acquireWrite', 'this agent holds it for writing');
    }
    const got = this.arena.block(writePass, this.cell, this.#me, this.cell + WRITE_GATE + THREAD_WAITER, timeout);
    if (!got) withdrawWriter(this.#words, this.cell);
    return got;
  }

  /**
   * Waits until the lock is had for reading, without blocking the agent. Each call is a read of its own: a task that
   * reads again can be kept out by a starving writer, which waits for the task's first read to end.
   *
   * @param options when to give up
   * @returns whether it was had in time; rejected with the signal's reason as soon as it aborts, and with a TypeError
   *   or RangeError for bad options
   */
  acquireReadAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const gate = this.cell + READ_GATE + TASK_WAITER;
    this.#readTasks ??= new AsyncQueue(readPass, this.#words, this.cell, this.#me | TASK, gate);
    const got = this.#readAtOnce() ? Promise.resolve(true) : this.#readTasks.wait(options);
    return got.then((had) => {
      if (had) this.#reads.tasks++;
      return had;
    });
  }

  /**
   * Waits until the lock is had for writing, without blocking the agent.
   *
   * @param options when to give up
   * @returns whether it was had in time; rejected with the signal's reason as soon as it aborts, and with a TypeError
   *   or RangeError for bad options
   */
  acquireWriteAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const mine = writerWord(this.#me | TASK);
    if (Atomics.compareExchange(this.#words, this.#word, 0, mine) === 0) return Promise.resolve(true);
    const gate = this.cell + WRITE_GATE + TASK_WAITER;
    this.#writeTasks ??= new AsyncQueue(writePass, this.#words, this.cell, this.#me | TASK, gate);
    return this.#writeTasks.wait(options).then(
      (had) => {
        if (!had) withdrawWriter(this.#words, this.cell);
        return had;
      },
      (reason) => {
        withdrawWriter(this.#words, this.cell);
        throw reason;
      },
    );
  }

  /**
   * Gives a read back; the last one lets writers in.
   *
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when this agent does not hold the lock for reading; nothing is
   *   changed
   */
  releaseRead(): void {
    if (this.#reads.threads > 0) this.#releaseRead('threads');
    else this.#releaseRead('tasks');
  }

  #releaseRead(reader: 'threads' | 'tasks'): void {
    if (this.#reads[reader] === 0) throw this.#notHeld('releaseRead', 'reading');
    releaseRead(this.#words, this.cell);
    this.#reads[reader]--;
  }

  /**
   * Frees the lock that this agent, or a task of it, holds for writing, and lets others in.
   *
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when it does not; nothing is changed
   */
  releaseWrite(): void {
    if (!isWrittenBy(this.#words[this.#word], this.#me)) throw this.#notHeld('releaseWrite', 'writing');
    const old = Atomics.exchange(this.#words, this.#word, 0);
    if (old !== this.#mine) afterWrite(this.#words, this.cell, old);
  }

  /**
   * Acquires for reading, for a scope.
   *
   * @param timeout the longest wait, in ms
   * @returns a Disposable that releases once
   * @throws TimeoutError when the time was up; and what `acquireRead` throws
   */
  holdRead(timeout = Number.POSITIVE_INFINITY): Hold {
    if (!this.acquireRead(timeout)) throw this.#timeUp('reading', timeout);
    return new Hold(() => this.#releaseRead('threads'), this.label);
  }

  /**
   * Acquires for writing, for a scope.
   *
   * @param timeout the longest wait, in ms
   * @returns a Disposable that releases once
   * @throws TimeoutError when the time was up; and what `acquireWrite` throws
   */
  holdWrite(timeout = Number.POSITIVE_INFINITY): Hold {
    if (!this.acquireWrite(timeout)) throw this.#timeUp('writing', timeout);
    return this.#writeHold();
  }

  /**
   * Acquires for reading, for a scope, without blocking the agent.
   *
   * @param options when to give up
   * @returns a Disposable that releases once; rejected with a TimeoutError when the time was up, and as
   *   `acquireReadAsync` is
   */
  holdReadAsync(options: WaitOptions = {}): Promise<Hold> {
    return this.acquireReadAsync(options).then((got) => {
      if (!got) throw this.#timeUp('reading', options.timeout);
      return new Hold(() => this.#releaseRead('tasks'), this.label);
    });
  }

  /**
   * Acquires for writing, for a scope, without blocking the agent.
   *
   * @param options when to give up
   * @returns a Disposable that releases once; rejected with a TimeoutError when the time was up, and as
   *   `acquireWriteAsync` is
   */
  holdWriteAsync(options: WaitOptions = {}): Promise<Hold> {
    return this.acquireWriteAsync(options).then((got) => {
      if (!got) throw this.#timeUp('writing', options.timeout);
      return this.#writeHold();
    });
  }

  /** For how many reads the lock is held, by all agents. */
  get readers(): number {
    return readsIn(Atomics.load(this.#words, this.#word));
  }

  /** Whether somebody holds the lock for writing. */
  get writing(): boolean {
    return writerIn(Atomics.load(this.#words, this.#word)) !== 0;
  }

  /** @returns kind, number, holders and waiters, for people */
  override toString(): string {
    const word = Atomics.load(this.#words, this.#word);
    const writer = writerIn(word);
    const by = `written by ${(word & TASK_WRITES) !== 0 ? 'a task of ' : ''}${agentName(writer)}`;
    const state = writer !== 0 ? by : readsIn(word) > 0 ? `readers=${readsIn(word)}` : 'unlocked';
    return `${this.label} (${state}, ${describeBoth(word)})`;
  }

  #writeHold(): Hold {
    return new Hold(() => this.releaseWrite(), this.label);
  }

  #timeUp(what: string, timeout: number | undefined): TimeoutError {
    return new TimeoutError(`${this.label} could not be had for ${what} within ${timeout} ms`);
  }

  #selfDeadlock(call: string, why: string): SyncError {
    return new SyncError('ERR_SELF_DEADLOCK', `${call}() of ${this.label} could never end: ${why}; release that first`);
  }

  #notHeld(call: string, what: string): SyncError {
    const word = Atomics.load(this.#words, this.#word);
    const held = readsIn(word) > 0 || writerIn(word) !== 0;
    return new SyncError(
      held ? 'ERR_NOT_OWNER' : 'ERR_NOT_HELD',
      `${this} is not held by this agent for ${what}; ${call}() needs it so`,
    );
  }
}
