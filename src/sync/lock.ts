import type { WaitOptions } from '../core/arguments.js';
import { checkTimeout, refusal } from '../core/arguments.js';
import { AsyncQueue } from '../core/async-queue.js';
import { attempt } from '../core/block.js';
import { SyncError } from '../core/errors.js';
import { type Kind, OWNED } from '../core/layout.js';
import { agentName, ownerOf, TASK, TASK_WAITER, THREAD_WAITER } from '../core/owner.js';
import type { Place, PlaceOptions } from '../core/shared-object.js';
import { AsyncAcquirable } from './acquirable.js';
import { acquirePass, afterRelease, describeOwner, GATE, MUTEX_GATES, WORD } from './mutex.js';

/** @internal */
export const LOCK: Kind = { name: 'Lock', code: 1, gates: MUTEX_GATES, role: OWNED, words: WORD + 1 };

/**
 * A mutual-exclusion lock between agents, and between the async tasks of one agent: Python's `threading.Lock`.
 *
 * It belongs to nobody: any agent may release it. It is not re-entrant: whoever acquires it twice waits for somebody
 * to release it (an RLock may be acquired again by its owner). It is unfair for a millisecond and fair from then on.
 *
 * The algorithm is that of the futex mutex in Rust's standard library, with the owner in its word and with the fairness of
 * Go's; it stands with its arguments in `sync/mutex.ts`.
 *
 * @example
 * ```ts
 * import { Lock } from 'atomics-sync-free';
 * const lock = new Lock();
 * console.log(lock.run(() => 1 + 1)); // 2
 * if (lock.acquire(100)) {
 *   try {
 *     // alone in here, having waited for 100 ms at most
 *   } finally {
 *     lock.release();
 *   }
 * }
 * await lock.runAsync(async () => {
 *   // alone in here, be it for several turns of the event loop
 * });
 * ```
 */
export class Lock extends AsyncAcquirable {
  readonly #words: Int32Array;
  readonly #word: number;
  readonly #me: number;
  #tasks: AsyncQueue | undefined;

  /**
   * Makes a lock, unlocked.
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
    super(LOCK, where);
    this.#words = this.arena.words;
    this.#word = this.cell + WORD;
    this.#me = this.ownerWord;
  }

  /**
   * Blocks until the lock is had.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was had in time
   * @throws TypeError or RangeError when the timeout is no number, NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed;
   *   `ERR_SELF_DEADLOCK` when an async task of this agent holds it
   */
  override acquire(timeout = Number.POSITIVE_INFINITY): boolean {
    if (timeout === Number.POSITIVE_INFINITY && Atomics.compareExchange(this.#words, this.#word, 0, this.#me) === 0) {
      return true;
    }
    return this.#acquireSlowly(timeout);
  }

  #acquireSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    if (timeout === 0) return this.tryAcquire();
    return this.arena.block(acquirePass, this.cell, this.#me, this.cell + GATE + THREAD_WAITER, timeout);
  }

  /**
   * Takes the lock if nobody holds it. Never blocks.
   *
   * @returns whether it was had
   */
  tryAcquire(): boolean {
    return attempt(acquirePass, this.#words, this.cell, this.#me);
  }

  /**
   * Waits until the lock is had, without blocking the agent. The task that has it may be interleaved with others of
   * its agent; these wait for it like anyone else.
   *
   * @param options when to give up
   * @returns whether it was had in time; rejected with the signal's reason as soon as it aborts, and with a TypeError
   *   or RangeError for bad options
   */
  override acquireAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    const me = this.#me | TASK;
    if (Atomics.compareExchange(this.#words, this.#word, 0, me) === 0) return Promise.resolve(true);
    this.#tasks ??= new AsyncQueue(acquirePass, this.#words, this.cell, me, this.cell + GATE + TASK_WAITER);
    return this.#tasks.wait(options);
  }

  /**
   * Frees the lock, whoever holds it, and wakes who waits for it.
   *
   * @throws SyncError `ERR_NOT_HELD` when nobody holds it; it stays unlocked
   */
  override release(): void {
    const old = Atomics.exchange(this.#words, this.#word, 0);
    if (old !== this.#me) this.#releaseSlowly(old);
  }

  #releaseSlowly(old: number): void {
    afterRelease(this.#words, this.cell, old);
    if (ownerOf(old) === 0) throw this.notOwned('release');
  }

  /** Whether somebody holds the lock. */
  get locked(): boolean {
    return ownerOf(Atomics.load(this.#words, this.#word)) !== 0;
  }

  /** @returns kind, number, owner and waiters, for people */
  override toString(): string {
    return `${this.label} (${describeOwner(Atomics.load(this.#words, this.#word), agentName)})`;
  }

  /** @internal */
  notOwned(call: string): SyncError {
    return new SyncError('ERR_NOT_HELD', `${this.label} is not held by anyone; ${call}() needs it held`);
  }

  /** @internal Frees the lock for a wait; returns what `acquireAgain` needs. */
  releaseFully(): number {
    this.release();
    return 0;
  }

  /** @internal Blocks until the lock is had again. */
  acquireAgain(_depth: number): void {
    this.acquire();
  }

  /** @internal Frees the lock that a task holds. */
  freeForTask(): void {
    this.release();
  }

  /** @internal Waits until a task has the lock again. */
  acquireAgainAsync(): Promise<unknown> {
    return this.acquireAsync();
  }
}
