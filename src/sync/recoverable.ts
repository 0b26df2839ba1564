/** Recovery after a holder's death: the part common to Lock and both sides of an RWLock. */
import type { WaitOptions } from '../core/arguments.js';
import { AsyncAcquirable } from './acquirable.js';
import { Recovery, type RecoveryRules } from './recovery.js';

/** A lock that can be made whole, with `recover`, after its holder died. */
export abstract class Recoverable extends AsyncAcquirable {
  /** @internal How it is recovered. */
  protected abstract get rules(): RecoveryRules;

  /**
   * Makes the lock whole again after its holder died: takes it (an RWLock for writing), runs the repair while holding it,
   * and leaves it free. If another agent is repairing it, waits until that repair ends.
   *
   * @param repair makes whole what the lock guards; it must have finished its work when it returns
   * @param timeout the longest wait, in ms
   * @returns true when the lock was abandoned; false when it was already whole, in which case the repair was not run
   * @throws what the repair throws; the lock then stays abandoned
   * @throws TimeoutError when the timeout expires; TypeError or RangeError when an argument is invalid
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where blocking is not allowed;
   *   `ERR_SELF_DEADLOCK` when this agent, or a task of it, is repairing it
   *
   * @example
   * ```ts
   * import { Lock } from 'atomics-sync-free';
   * const lock = new Lock();
   * console.log(lock.abandoned, lock.recover(() => console.log('never run'))); // false false
   * ```
   */
  recover(repair?: () => unknown, timeout = Infinity): boolean {
    return this.#recovery.recover(repair, timeout);
  }

  /**
   * Makes the lock whole again after its holder died, without blocking the agent; see {@link recover}.
   *
   * @param repair makes whole what the lock guards; what it returns is awaited
   * @param options when to give up waiting for another's repair
   * @returns true when the lock was abandoned, false when it was already whole; rejected with what the repair throws,
   *   with a TimeoutError when the timeout expires, with the signal's reason when it aborts, with a TypeError or RangeError
   *   for bad arguments
   */
  recoverAsync(repair?: () => unknown, options: WaitOptions = {}): Promise<boolean> {
    return this.#recovery.recoverAsync(repair, options, () => undefined);
  }

  get #recovery(): Recovery {
    return new Recovery(this, this.arena.member, this.cell, this.rules);
  }

  /** Whether its holder (an RWLock's writer) died, and nobody has recovered it. */
  get abandoned(): boolean {
    const { isAbandoned, owner } = this.rules;
    return isAbandoned(Atomics.load(this.arena.words, this.cell + owner));
  }
}
