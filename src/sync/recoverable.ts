/** What is acquired, and can be recovered when its holder died: the part that Lock and both sides of an RWLock have alike. */
import type { WaitOptions } from '../core/arguments.js';
import { AsyncAcquirable } from './acquirable.js';
import { Recovery, type RecoveryRules } from './recovery.js';

/** A lock whose holder's death is made good by whoever calls `recover`. */
export abstract class Recoverable extends AsyncAcquirable {
  /** @internal How it is recovered. */
  protected abstract get rules(): RecoveryRules;

  /**
   * Makes the lock whole again after its holder died: takes it, an RWLock for writing, runs the repair with it held, and
   * leaves it free. While another agent repairs it, waits for the end of that.
   *
   * @param repair makes whole what the lock guards; it must have done its work when it returns
   * @param timeout the longest wait, in ms
   * @returns true when the lock was abandoned, false when it was whole already, and the repair was not run
   * @throws what the repair throws; the lock stays abandoned then
   * @throws TimeoutError when the time was up; TypeError or RangeError when an argument is not what it must be
   * @throws SyncError `ERR_BLOCKING_REFUSED` when it would have to block where that is not allowed;
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
   * @returns true when the lock was abandoned, false when it was whole already; rejected with what the repair throws,
   *   with a TimeoutError when the time was up, with the signal's reason when it aborts, with a TypeError or RangeError
   *   for bad arguments
   */
  recoverAsync(repair?: () => unknown, options: WaitOptions = {}): Promise<boolean> {
    return this.#recovery.recoverAsync(repair, options, () => undefined);
  }

  get #recovery(): Recovery {
    return new Recovery(this, this.arena.member, this.cell, this.rules);
  }

  /** Whether its holder, of an RWLock its writer, died, and nobody has recovered it. */
  get abandoned(): boolean {
    const { isAbandoned, owner } = this.rules;
    return isAbandoned(Atomics.load(this.arena.words, this.cell + owner));
  }
}
