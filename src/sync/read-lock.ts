/** The side of an RWLock that many may hold. */
import { checkTimeout, refusal, type WaitOptions } from '../core/arguments.js';
import { SyncError } from '../core/errors.js';
import type { Kind } from '../core/memory/cells.js';
import { MOST_HELD, Tally } from '../core/memory/tally.js';
import { GOT, type Pass } from '../core/wait/pass.js';
import { mayBlock } from '../core/wait/sleep.js';
import { Waiting } from '../core/wait/waiting.js';
import { RWLockView, rwLockKind } from './rwlock-view.js';
import {
  FIRST_SEAT,
  ONE_READER,
  READ_GATE,
  REENTERS,
  readersIn,
  readPass,
  releaseRead,
  STARVING_WRITER,
  WRITE,
} from './rwmutex.js';

/**
 * The reading side of an {@link RWLock}, used like a {@link Lock}: many may hold it at the same time, while nobody writes.
 *
 * @example
 * ```ts
 * import { RWLock } from 'atomics-sync-free';
 * const { readLock } = new RWLock();
 * console.log(readLock.run(() => readLock.run(() => readLock.locked))); // true
 * ```
 */
export class ReadLock extends RWLockView {
  /** @internal */
  static override readonly kind: Kind = /* @__PURE__ */ rwLockKind('RWLock.readLock');
  readonly #tally = new Tally(this.arena.member, this.word, this.cell + FIRST_SEAT, -ONE_READER);
  readonly #pass: Pass = (words, cell, me, state) => readPass(words, cell, me, state, this.#tally);
  readonly #waiting = new Waiting(this, this.arena.member, this.#pass, this.cell, this.cell + READ_GATE);

  /** @internal */
  protected override get waiting(): Waiting {
    return this.#waiting;
  }

  /**
   * Blocks until acquired; returns at once when the agent already holds it for reading.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed; `ERR_SELF_DEADLOCK`
   *   when the agent, or a task of it, holds the lock for writing; `ERR_LIMIT` when the agent already holds 2³⁰ − 1 reads;
   *   `ERR_ARENA_FULL` when there is no room to record the read; `ERR_RETIRED` when it would have to wait and this agent was
   *   taken for dead
   * @throws OwnerDiedError when a writer died; DeadlockError when this agent was the last of a cycle to begin waiting
   */
  override acquire(timeout = Infinity): boolean {
    const takes = typeof timeout === 'number' && timeout > 0;
    const got = (takes && this.#readAtOnce()) || this.#readSlowly(timeout);
    if (got) this.reads.blocking++;
    return got;
  }

  /** Acquires again, or for the first time unless a writer is inside or starving. */
  #readAtOnce(): boolean {
    const { count } = this.#tally;
    if (count === 0) {
      const word = Atomics.load(this.words, this.word);
      return (word & (WRITE | STARVING_WRITER)) === 0 && this.#tally.take(word, word + ONE_READER) === GOT;
    }
    if (count === MOST_HELD) return false;
    this.#tally.change(1);
    return true;
  }

  #readSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    if (timeout > 0 && this.writes) throw this.selfDeadlock('writing');
    const refused = this.#refusal(timeout > 0 && mayBlock());
    if (refused !== undefined) throw refused;
    return this.waiting.wait(timeout, this.#initial);
  }

  /**
   * The error to report instead of acquiring. A caller that cannot wait while somebody writes needs no record of a read.
   *
   * @param waits whether the caller can wait
   */
  #refusal(waits: boolean): SyncError | undefined {
    if (this.#tally.count === MOST_HELD) {
      return new SyncError(
        'ERR_LIMIT',
        `this agent holds ${this.label} for reading ${MOST_HELD} times, which is the most`,
      );
    }
    const inVain = !waits && (Atomics.load(this.words, this.word) & WRITE) !== 0;
    return inVain ? undefined : this.#tally.prepare();
  }

  /**
   * Acquires if that is possible immediately. Never blocks.
   *
   * @returns whether it was acquired
   * @throws SyncError `ERR_LIMIT` when the agent already holds 2³⁰ − 1 reads; `ERR_ARENA_FULL` when there is no
   *   room to record the read
   * @throws OwnerDiedError when a writer died
   */
  override tryAcquire(): boolean {
    return this.acquire(0);
  }

  /**
   * While a task of the agent reads, a blocking call must also get in: blocking the agent would keep the task from ending.
   */
  get #initial(): number {
    return this.reads.blocking + this.reads.tasks > 0 ? REENTERS : 0;
  }

  /**
   * Waits until acquired, without blocking the agent. Each call is a read of its own: a task that acquires again can be
   * kept out by a starving writer that waits for the task's first read to end.
   *
   * @param options when to give up
   * @returns whether it was acquired in time; rejected with the signal's reason as soon as it aborts, with a TypeError or
   *   RangeError for bad options, and as `acquire` throws when there is no room, at the limit, and when a writer died
   */
  override acquireAsync(options: WaitOptions = {}): Promise<boolean> {
    const bad = refusal(options);
    if (bad !== undefined) return bad;
    const refused = this.#refusal(true);
    if (refused !== undefined) return Promise.reject(refused);
    return this.#tally.keptDuring(() => this.waiting.waitAsync(options, 0, () => this.reads.tasks++));
  }

  /**
   * Releases one read; the last one lets writers in.
   *
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when this agent holds no read, `ERR_RETIRED` when it had one and was
   *   taken for dead; nothing is changed
   * @throws OwnerDiedError when this agent holds no read, and a writer died
   */
  override release(): void {
    this.#release('blocking');
  }

  /** @internal */
  protected override releaseByTask(): void {
    this.#release('tasks');
  }

  /** @param kind whose read it most likely is: the long-named methods and `release` do not say */
  #release(kind: 'blocking' | 'tasks'): void {
    const { reads } = this;
    const other = kind === 'blocking' ? 'tasks' : 'blocking';
    if (reads.blocking + reads.tasks === 0) throw this.notHeld('reading');
    releaseRead(this.waiting.member, this.cell, this.#tally);
    reads[reads[kind] > 0 ? kind : other]--;
  }

  /** Whether anybody holds it for reading. */
  get locked(): boolean {
    return readersIn(Atomics.load(this.words, this.word)) > 0;
  }
}
