/** The side of an RWLock that one may hold. */
import { checkTimeout, refusal, type WaitOptions } from '../core/arguments.js';
import type { Kind } from '../core/memory/cells.js';
import { MARKS } from '../core/memory/owner.js';
import { Waiting } from '../core/wait/waiting.js';
import { RWLockView, rwLockKind } from './rwlock-view.js';
import {
  afterWrite,
  isUnderRepair,
  isWrittenBy,
  WRITE,
  WRITE_GATE,
  wakeAll,
  withdrawWriter,
  writePass,
  writerWord,
} from './rwmutex.js';

/**
 * The writing side of an {@link RWLock}, used like a {@link Lock}: one may hold it, while nobody reads.
 *
 * @example
 * ```ts
 * import { RWLock } from 'atomics-sync-free';
 * const { writeLock } = new RWLock();
 * await writeLock.runAsync(() => console.log(writeLock.locked)); // true
 * ```
 */
export class WriteLock extends RWLockView {
  /** @internal */
  static override readonly kind: Kind = /* @__PURE__ */ rwLockKind('RWLock.writeLock');
  readonly #waiting = new Waiting(this, this.arena.member, writePass, this.cell, this.cell + WRITE_GATE, {
    leave: () => withdrawWriter(this.arena.member, this.cell),
  });
  readonly #mine = writerWord(this.#waiting.me);

  /** @internal */
  protected override get waiting(): Waiting {
    return this.#waiting;
  }

  /**
   * Blocks until acquired.
   *
   * @param timeout the longest wait, in ms; 0 only tries
   * @returns whether it was acquired in time
   * @throws TypeError or RangeError when the timeout is not a number, or is NaN or negative
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed;
   *   `ERR_SELF_DEADLOCK` when the agent, or a task of it, already holds the RWLock for reading or writing; `ERR_RETIRED`
   *   when it would have to wait and this agent was taken for dead
   * @throws OwnerDiedError when another writer died; DeadlockError when this agent was the last of a cycle to begin waiting
   */
  override acquire(timeout = Infinity): boolean {
    const marks = Atomics.load(this.words, this.word) & MARKS;
    const takes = typeof timeout === 'number' && timeout > 0;
    if (takes && Atomics.compareExchange(this.words, this.word, marks, marks | this.#mine) === marks) return true;
    return this.#writeSlowly(timeout);
  }

  #writeSlowly(timeout: number): boolean {
    checkTimeout(timeout);
    if (timeout > 0) {
      if (this.reads.blocking + this.reads.tasks > 0) throw this.selfDeadlock('reading');
      if (this.writes) throw this.selfDeadlock('writing');
    }
    const got = this.waiting.wait(timeout);
    if (!got && timeout > 0) withdrawWriter(this.waiting.member, this.cell);
    return got;
  }

  override acquireAsync(options: WaitOptions = {}): Promise<boolean> {
    const refused = refusal(options);
    if (refused !== undefined) return refused;
    return this.waiting.waitAsync(options).then(
      (got) => {
        if (!got) withdrawWriter(this.waiting.member, this.cell);
        return got;
      },
      (reason) => {
        withdrawWriter(this.waiting.member, this.cell);
        throw reason;
      },
    );
  }

  /**
   * Frees the lock that this agent, or a task of it, holds for writing, and lets others in.
   *
   * @throws SyncError `ERR_NOT_HELD` or `ERR_NOT_OWNER` when it does not, `ERR_RETIRED` when it does not and was taken for dead;
   *   nothing is changed
   * @throws OwnerDiedError when its writer died; it stays abandoned
   */
  override release(): void {
    const word = this.words[this.word];
    const marks = word & MARKS;
    if ((word ^ marks) !== this.#mine && !isWrittenBy(word, this.waiting.me)) throw this.notHeld('writing');
    // Nobody flips a mark while the lock is held for writing.
    const old = Atomics.exchange(this.words, this.word, marks);
    if ((old ^ marks) !== this.#mine) this.#releaseSlowly(old);
  }

  #releaseSlowly(old: number): void {
    const { member } = this.waiting;
    if (isUnderRepair(old)) wakeAll(member, this.cell);
    else afterWrite(member, this.cell, old);
  }

  /** Whether somebody holds it for writing, or died while doing so. */
  get locked(): boolean {
    return (Atomics.load(this.words, this.word) & WRITE) !== 0;
  }
}
