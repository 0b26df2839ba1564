/** A lock or semaphore permit shared by many machines, held for as long as its lease is renewed. */
import { ASYNC_DISPOSE } from '../core/async-dispose.js';
import { SyncError } from '../core/errors.js';
import { later } from '../core/wait/turns.js';
import { LONGEST_TIMER, now } from './clock.js';

/** @internal A hold's lease, as the lock or semaphore keeps it. */
export interface Lease {
  readonly label: string;
  /** Until when it surely lasts, by `now()`. */
  deadline(): number;
  /** @returns whether it was held until now */
  release(): Promise<boolean>;
}

/**
 * A held lock or semaphore permit. A thread of its own renews its lease until it is released. It is lost when, for the
 * length of the lease, the server cannot be reached or this process is stopped, or when the server has lost its data.
 *
 * @example
 * ```ts
 * import { connect } from 'atomics-sync-free/distributed';
 * await using cluster = await connect('redis://127.0.0.1');
 * await using held = await cluster.Lock('accounts').holdAsync();
 * const accounts = cluster.dict('accounts');
 * if (held.abandoned) await accounts.clearAsync({ fence: held.fence });
 * await accounts.setAsync('alice', 10, { fence: held.fence });
 * console.log(held.signal.aborted, held.remaining > 0); // false true
 * ```
 */
export class LeaseHold {
  /**
   * The fencing token: each holder's is higher than those of all earlier holders. Pass it to whatever the lock guards,
   * and have that refuse a token lower than one it has seen: only this keeps out a holder that was frozen and does not
   * know yet that it has lost the lock.
   */
  readonly fence: number;
  /** Whether an earlier holder lost it rather than released it: what it guards may be half changed. */
  readonly abandoned: boolean;
  readonly #lease: Lease;
  #controller: AbortController | undefined;
  #stop: (() => void) | undefined;
  #release: Promise<void> | undefined;
  #lost = false;

  /** @internal */
  constructor(lease: Lease, fence: number, abandoned: boolean) {
    this.#lease = lease;
    this.fence = fence;
    this.abandoned = abandoned;
  }

  /**
   * How long the lease surely lasts if it is not renewed any more, in ms; 0 when it is over. It is correct even in the
   * middle of a long computation, during which no signal can arrive.
   */
  get remaining(): number {
    return this.#lost || this.#release !== undefined ? 0 : Math.max(0, this.#lease.deadline() - now());
  }

  /** Aborts when the lease is over, shortly before anybody else can have it; not when it is released. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      this.#watch();
    }
    return this.#controller.signal;
  }

  #watch(): void {
    const { remaining } = this;
    if (remaining > 0) this.#stop = later(() => this.#watch(), Math.min(remaining, LONGEST_TIMER));
    else if (this.#release === undefined) this.lose();
  }

  /** @internal Its lease is over. */
  lose(): void {
    this.#lost = true;
    this.#stop?.();
    if (this.#controller?.signal.aborted === false) this.#controller.abort(this.#lossOf());
  }

  #lossOf(): SyncError {
    const message = `the lease of ${this.#lease.label} has expired: somebody else may hold it by now`;
    return new SyncError('ERR_LEASE_LOST', message);
  }

  /** Whether it was released. */
  get released(): boolean {
    return this.#release !== undefined;
  }

  /**
   * Releases it; the first waiter in the queue acquires it.
   *
   * @returns a promise that resolves when it is released; releasing twice has no further effect
   * @throws SyncError `ERR_LEASE_LOST` when the lease was already over, so that somebody else may have had it
   *   meanwhile; `ERR_CLOSED`, or depending on what is wrong with the server, as for `holdAsync`
   */
  releaseAsync(): Promise<void> {
    this.#release ??= this.#giveBack();
    return this.#release;
  }

  async #giveBack(): Promise<void> {
    this.#stop?.();
    if (!(await this.#lease.release())) throw this.#lossOf();
  }

  /** @returns what it holds, and until when, for people */
  toString(): string {
    const state = this.released ? 'released' : this.remaining > 0 ? `fence ${this.fence}` : 'lost';
    return `LeaseHold (${this.#lease.label}, ${state})`;
  }

  /** @internal What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** Releases it, unless already released. A lease that is over is no error here: `signal` has reported it. */
  async [ASYNC_DISPOSE](): Promise<void> {
    await this.releaseAsync().catch((error: SyncError) => {
      if (error.code !== 'ERR_LEASE_LOST') throw error;
    });
  }
}
