/** What is held of a lock or semaphore of many machines, for as long as its lease is renewed. */
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
 * A lock, or a permit of a semaphore, that is held. Its lease is renewed until it is released, by a thread of its own; it is
 * lost when the server cannot be reached for so long, has lost its data, or this process was stopped for so long.
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
   * The fencing token: each holder's is higher than those of all before it. Hand it to whatever the lock guards, and have
   * that refuse one that is lower than one it has seen: only this keeps out a holder that was frozen and does not know yet.
   */
  readonly fence: number;
  /** Whether somebody who had it before has lost it rather than released it: what it guards may be half changed. */
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
   * How long the lease surely lasts if it is not renewed any more, in ms: 0 when it is over. It is true in the middle of a
   * long computation, too, in which no signal comes.
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
    const message = `the lease of ${this.#lease.label} is over: somebody else may have it by now`;
    return new SyncError('ERR_LEASE_LOST', message);
  }

  /** Whether it was released. */
  get released(): boolean {
    return this.#release !== undefined;
  }

  /**
   * Releases it: whoever waits first has it next.
   *
   * @returns a promise of its end; twice is once
   * @throws SyncError `ERR_LEASE_LOST` when the lease was over before, so that somebody else may have had it meanwhile; what
   *   the server's answers mean
   */
  releaseAsync(): Promise<void> {
    this.#release ??= this.#giveBack();
    return this.#release;
  }

  async #giveBack(): Promise<void> {
    this.#stop?.();
    if (!(await this.#lease.release())) throw this.#lossOf();
  }

  /** Releases it, unless it was released before; that the lease was over is no error here: `signal` has told it. */
  async [ASYNC_DISPOSE](): Promise<void> {
    await this.releaseAsync().catch((error: SyncError) => {
      if (error.code !== 'ERR_LEASE_LOST') throw error;
    });
  }
}
